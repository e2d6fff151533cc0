// Package e2e runs the real Pulumi command line, the real provider binary, the real
// runtime layer and real handlers on a local AWS.
//
// Each test that deploys makes a world of its own: a local AWS, a workspace of Pulumi
// and a copy of the example's projects. What a test does to one of them is seen by no
// other.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
	"github.com/reventless/pulumi-reventless/provider"
)

// patience is how long a test waits for something that happens by itself, as long as
// nothing changes. While it still comes nearer a slow computer gets persistence in all.
const (
	patience    = 60 * time.Second
	persistence = 10 * patience
)

// world is one local AWS with what is deployed on it.
type world struct {
	t         *testing.T
	url       string
	projects  string
	workspace *pulumicli.Workspace
	// log is the file of the local AWS's log.
	log string
}

// newWorld starts a local AWS and copies the example's projects.
func newWorld(t *testing.T) *world {
	t.Helper()
	root := moduleRoot(t)
	folder := t.TempDir()
	log, err := os.Create(filepath.Join(folder, "localaws.log"))
	require.NoError(t, err)
	server, err := localaws.Start(context.Background(), localaws.Options{
		DataDir: filepath.Join(folder, "aws"), Region: "eu-west-1", EnforceIAM: true,
		MotoCommand: filepath.Join(root, ".venv", "bin", "moto_server"),
		Logger:      slog.New(slog.NewJSONHandler(log, nil)),
	})
	require.NoError(t, err)
	w := &world{t: t, url: server.URL(), projects: filepath.Join(folder, "online-shop"), log: log.Name()}
	t.Cleanup(func() {
		if t.Failed() {
			w.keepLogs()
		}
		server.Close()
		log.Close()
	})
	require.NoError(t, pulumicli.CopyProjects(filepath.Join(root, "examples", "online-shop"), w.projects))
	w.install(provider.Version, filepath.Join(root, "bin"))
	return w
}

// install makes a version of the provider the only one that the world's Pulumi has.
func (w *world) install(version, folder string) {
	w.t.Helper()
	require.NoError(w.t, os.RemoveAll(filepath.Join(w.pulumi(), "home", "plugins")))
	var err error
	w.workspace, err = pulumicli.New(pulumicli.Options{
		Directory: w.pulumi(), Programs: append([]string{folder}, w.built()...),
		ProviderVersion: version, Endpoint: w.url,
	})
	require.NoError(w.t, err)
}

// pulumi is the folder in which the world's Pulumi keeps plugins and state.
func (w *world) pulumi() string { return filepath.Join(filepath.Dir(w.projects), "pulumi") }

// built are the folders of what "make" builds: the provider, and Pulumi itself.
func (w *world) built() []string {
	root := moduleRoot(w.t)
	return []string{filepath.Join(root, "bin"), filepath.Join(root, ".tools", "bin")}
}

// step runs one part of a test's story; what fails in it is reported there.
func (w *world) step(name string, do func(t *testing.T)) bool {
	story := w.t
	return story.Run(name, func(t *testing.T) {
		w.t = t
		defer func() { w.t = story }()
		do(t)
	})
}

// keepLogs shows the end of the local AWS's log of a test that failed.
func (w *world) keepLogs() {
	text, err := os.ReadFile(w.log)
	if err != nil {
		return
	}
	lines := strings.Split(string(text), "\n")
	w.t.Logf("the local AWS's last lines:\n%s", strings.Join(lines[max(0, len(lines)-40):], "\n"))
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return root
}

// stack is the stack alpha of one of the projects.
func (w *world) stack(project string) *pulumicli.Stack {
	return w.workspace.Stack(filepath.Join(w.projects, project), "alpha")
}

// up deploys projects one after the other.
func (w *world) up(projects ...string) {
	w.t.Helper()
	for _, project := range projects {
		began := time.Now()
		_, err := w.stack(project).Up(w.t.Context())
		require.NoError(w.t, err)
		w.t.Logf("up of %s: %s", project, time.Since(began).Round(time.Millisecond))
	}
}

// unchanged requires that another up of the projects changes nothing.
func (w *world) unchanged(projects ...string) {
	w.t.Helper()
	for _, project := range projects {
		_, err := w.stack(project).Up(w.t.Context(), "--expect-no-changes")
		require.NoError(w.t, err)
	}
}

// destroy removes the resources of projects one after the other.
func (w *world) destroy(projects ...string) {
	w.t.Helper()
	for _, project := range projects {
		_, err := w.stack(project).Destroy(w.t.Context())
		require.NoError(w.t, err)
	}
}

// client is a client of the deployed API who may do everything: an admin, or whoever has the
// key of an API without users.
func (w *world) client(project string) graphqlclient.Client {
	w.t.Helper()
	outputs, err := w.stack(project).Outputs(w.t.Context())
	require.NoError(w.t, err)
	if _, users := outputs["userPoolId"]; users {
		client, _ := w.user(project, "operator", "Admin")
		return client
	}
	return w.visitor(project)
}

// visitor is a client of the deployed API who has its key.
func (w *world) visitor(project string) graphqlclient.Client {
	w.t.Helper()
	outputs, err := w.stack(project).Outputs(w.t.Context())
	require.NoError(w.t, err)
	url, _ := outputs["graphqlUrl"].(string)
	key, _ := outputs["apiKey"].(string)
	require.NotEmpty(w.t, url)
	return graphqlclient.Client{URL: url, Key: key}
}

// user is a client who is in groups of the platform's user pool, and its id.
func (w *world) user(project, name string, groups ...string) (graphqlclient.Client, string) {
	w.t.Helper()
	outputs, err := w.stack(project).Outputs(w.t.Context())
	require.NoError(w.t, err)
	pool := userpool.New(w.url, "eu-west-1", outputs["userPoolId"].(string), outputs["userPoolClientId"].(string))
	user, err := pool.SignIn(w.t.Context(), name+"@example.com", groups...)
	require.NoError(w.t, err)
	return graphqlclient.Client{URL: outputs["graphqlUrl"].(string), Token: user.Token}, user.ID
}

// disposable lets a platform go with its users, before it is deployed or after.
func (w *world) disposable(project string) {
	w.t.Helper()
	w.edit(project+"/Pulumi.yaml", "AWS_IAM, API_KEY]\n", "AWS_IAM, API_KEY]\n      stackClass: disposable\n")
}

// write puts a file into the copied projects.
func (w *world) write(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.projects, name)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(content), 0o644))
}

// read is the content of a copied file.
func (w *world) read(name string) string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.projects, name))
	require.NoError(w.t, err)
	return string(content)
}

// edit replaces text in a copied file; the text must be there.
func (w *world) edit(name string, replacements ...string) {
	w.t.Helper()
	text := w.read(name)
	for i := 0; i < len(replacements); i += 2 {
		require.Contains(w.t, text, replacements[i])
		text = strings.ReplaceAll(text, replacements[i], replacements[i+1])
	}
	w.write(name, text)
}

// inventory lists all that exists in the local AWS.
func (w *world) inventory() []string {
	w.t.Helper()
	var items []struct{ Service, Type, ID string }
	w.admin(http.MethodGet, "inventory", nil, &items)
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = item.Service + " " + item.Type + " " + item.ID
	}
	return lines
}

// requests counts the requests of one operation since the start, such as
// "appsync.StartSchemaCreation".
func (w *world) requests(operation string) int {
	w.t.Helper()
	counts := map[string]int{}
	w.admin(http.MethodGet, "metrics", nil, &counts)
	return counts[operation]
}

// faults sets what goes wrong in the local AWS.
func (w *world) faults(settings map[string]any) {
	w.t.Helper()
	w.admin(http.MethodPost, "faults", settings, nil)
}

func (w *world) admin(method, path string, body, answer any) {
	w.t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(w.t, err)
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.url+"/_localaws/"+path, content)
	require.NoError(w.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.Less(w.t, response.StatusCode, 300, "%s: %s", path, text)
	if answer != nil {
		require.NoError(w.t, json.Unmarshal(text, answer), "%s", text)
	}
}

// ask sends a request that must succeed and returns the data of its answer.
func (w *world) ask(client graphqlclient.Client, query string) map[string]any {
	w.t.Helper()
	data := map[string]any{}
	require.NoError(w.t, client.Data(w.t.Context(), &data, query, nil), query)
	return data
}

// eventually asks until the answer is as wanted.
func (w *world) eventually(client graphqlclient.Client, query string, wanted func(map[string]any) bool) map[string]any {
	w.t.Helper()
	data := map[string]any{}
	until(w.t, func() error {
		data = map[string]any{}
		if err := client.Data(w.t.Context(), &data, query, nil); err != nil {
			return err
		}
		if !wanted(data) {
			return fmt.Errorf("the answer to %s is still %v", query, data)
		}
		return nil
	})
	return data
}

// subscribe starts a subscription that ends with the test's step.
func (w *world) subscribe(client graphqlclient.Client, query string) <-chan graphqlclient.Event {
	w.t.Helper()
	events, err := client.Subscribe(w.t.Context(), query, nil)
	require.NoError(w.t, err)
	return events
}

// next is the data of the next event of a subscription.
func (w *world) next(events <-chan graphqlclient.Event) map[string]any {
	w.t.Helper()
	select {
	case event, open := <-events:
		require.True(w.t, open, "the subscription ended")
		require.NoError(w.t, event.Err)
		require.Empty(w.t, event.Errors)
		data := map[string]any{}
		require.NoError(w.t, json.Unmarshal(event.Data, &data))
		return data
	case <-time.After(patience):
		require.Fail(w.t, "nothing came by the subscription")
		return nil
	}
}

// until tries something again and again. It fails with the last reason, when that has been
// the same for as long as patience lasts: a reason that changes tells of progress.
func until(t *testing.T, try func() error) {
	t.Helper()
	began := time.Now()
	changed, last := began, ""
	for {
		err := try()
		if err == nil {
			return
		}
		now := time.Now()
		if err.Error() != last {
			changed, last = now, err.Error()
		}
		if now.Sub(changed) > patience || now.Sub(began) > persistence {
			require.NoError(t, err, "after %s", now.Sub(began).Round(time.Second))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// present wants a field of the answer not to be null.
func present(field string) func(map[string]any) bool {
	return func(data map[string]any) bool { return data[field] != nil }
}

// rootFields are the fields of Query and Mutation, as introspection shows them.
func (w *world) rootFields(client graphqlclient.Client) []string {
	w.t.Helper()
	data := w.ask(client, `{ __schema { queryType { fields(includeDeprecated: true) { name } } mutationType { fields(includeDeprecated: true) { name } } } }`)
	var names []string
	for _, root := range []string{"queryType", "mutationType"} {
		object, ok := data["__schema"].(map[string]any)[root].(map[string]any)
		if !ok {
			continue
		}
		for _, field := range object["fields"].([]any) {
			names = append(names, field.(map[string]any)["name"].(string))
		}
	}
	return names
}
