package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// world is a repository, a backend and AWS, in memory but for the files. It begins as a shop
// that is well.
type world struct {
	t      *testing.T
	folder string

	missing                                  error // of the pulumi command
	loginError, listError, exportError       error
	identityError, registryError, countError error
	identity                                 Identity

	stacks   []pulumi.Info
	states   map[string]*state
	values   map[string]map[string]stack.ConfigurationValue
	registry Registry
	messages map[string]int
	ignored  bool
	environ  []string
	version  string
}

// state is what a stack has deployed.
type state struct {
	outputs map[string]any
	pending []string
	// release is the provider's, component the component's type, result its outputs.
	release, component string
	layer              string
	result             map[string]any
	connection         map[string]any
}

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), states: map[string]*state{}, values: map[string]map[string]stack.ConfigurationValue{}, messages: map[string]int{},
		identity: Identity{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/ada", Region: "eu-west-1"}, ignored: true, version: "1.2.0",
		registry: Registry{Rows: map[string]registry.Row{}, Beats: map[string]registry.Beat{}}}
	w.write("deploy-manifest.yaml", "platform: {path: platform-aws}\nplugins:\n  - {name: catalog, path: catalog-aws}\n  - {name: ordering, path: ordering-aws, depends-on: [catalog]}\n")
	w.project("platform", "config: {aws:region: eu-west-1}", nil)
	w.project("catalog", "config: {aws:region: eu-west-1, platform:stack: org/platform/alpha}", nil)
	w.project("ordering", "config: {aws:region: eu-west-1, platform:stack: org/platform/alpha, interstack: {dependencies: [org/catalog/alpha]}}", nil)
	for _, name := range []string{"catalog", "ordering"} {
		w.values[name]["platform:stack"] = stack.ConfigurationValue{Value: "org/platform/alpha"}
		w.states[name] = &state{
			release: "1.2.0", component: "Plugin", outputs: map[string]any{"_interopMeta": map[string]any{"plugin": name, "formatVersion": 1}},
			result:     map[string]any{"pluginName": name, "pluginVersion": "1.0.0", "graphqlUrl": "https://api", "deadLetterQueueUrls": map[string]any{"commands": name + "-commands"}},
			connection: map[string]any{"plugin": name, "hash": "h", "stack": "org/" + name + "/alpha"},
		}
		w.registry.Rows[name] = registry.Row{ID: name, Status: registry.StatusConnected, Version: "1.0.0", Stack: "org/" + name + "/alpha"}
		w.registry.Beats[name] = registry.Beat{Plugin: name, LastSeen: now.Add(-time.Minute).Format(time.RFC3339)}
	}
	w.states["platform"] = &state{
		release: "1.2.0", component: "Platform", outputs: map[string]any{"platform": map[string]any{"formatVersion": "1"}},
		result: map[string]any{"pluginsTableName": "plugins", "graphqlUrl": "https://api", "runtimeLayerArn": "arn:aws:lambda:eu-west-1:123456789012:layer:l:1",
			"deadLetterQueueUrls": map[string]any{"registry": "registry-dead"}},
	}
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.folder, filepath.FromSlash(name))
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o644))
}

func (w *world) remove(name string) {
	w.t.Helper()
	require.NoError(w.t, os.Remove(filepath.Join(w.folder, filepath.FromSlash(name))))
}

// project makes a project whose stack is deployed.
func (w *world) project(name, configuration string, values map[string]stack.ConfigurationValue) {
	w.write(name+"-aws/Pulumi.yaml", "name: "+name)
	w.write(name+"-aws/Pulumi.alpha.yaml", configuration)
	w.values[name] = map[string]stack.ConfigurationValue{"aws:region": {Value: "eu-west-1"}}
	w.stacks = append(w.stacks, pulumi.Info{Name: "org/" + name + "/alpha", Resources: 30})
}

// info is what the backend says of a stack.
func (w *world) info(name string) *pulumi.Info {
	for i := range w.stacks {
		if w.stacks[i].Is(name, "alpha") {
			return &w.stacks[i]
		}
	}
	return nil
}

// gone takes a stack away.
func (w *world) gone(name string) {
	var left []pulumi.Info
	for _, info := range w.stacks {
		if !info.Is(name, "alpha") {
			left = append(left, info)
		}
	}
	w.stacks = left
	delete(w.states, name)
}

func (w *world) set(name, key, value string) {
	w.values[name][key] = stack.ConfigurationValue{Value: value}
}

func (w *world) Version() (string, error) { return "3.256.0", nil }

func (w *world) Login(context.Context, string) (pulumi.Login, error) {
	return pulumi.Login{User: "ada", URL: "https://app.pulumi.com/ada"}, w.loginError
}

func (w *world) Stacks(context.Context, string) ([]pulumi.Info, error) { return w.stacks, w.listError }

func (w *world) Configuration(_ context.Context, folder, _ string) (map[string]stack.ConfigurationValue, error) {
	return w.values[strings.TrimSuffix(filepath.Base(folder), "-aws")], nil
}

// Export gives the state of a stack as pulumi writes it.
func (w *world) Export(_ context.Context, folder, name string) (json.RawMessage, error) {
	if w.exportError != nil {
		return nil, w.exportError
	}
	which := strings.TrimSuffix(filepath.Base(folder), "-aws")
	if parts := strings.Split(name, "/"); len(parts) == 3 {
		which = parts[1]
	}
	s := w.states[which]
	if s == nil {
		return nil, errors.New("no stack named '" + name + "' found")
	}
	component := "urn:pulumi:alpha::p::reventless:index:" + s.component + "::" + which
	input, err := json.Marshal(s.connection)
	require.NoError(w.t, err)
	resources := []map[string]any{
		{"urn": "urn:pulumi:alpha::p::pulumi:pulumi:Stack::p", "type": "pulumi:pulumi:Stack", "outputs": s.outputs},
		{"urn": "urn:reventless", "id": "r1", "type": "pulumi:providers:reventless", "inputs": map[string]any{"version": s.release}},
		{"urn": "urn:aws", "id": "a1", "type": "pulumi:providers:aws", "inputs": map[string]any{"region": "eu-west-1"}},
		{"urn": component, "type": "reventless:index:" + s.component, "provider": "urn:reventless::r1", "outputs": s.result},
		{"urn": component + "-connection", "type": "aws:lambda/invocation:Invocation", "parent": component, "provider": "urn:aws::a1", "inputs": map[string]any{"input": string(input)}},
	}
	if s.layer != "" {
		resources = append(resources, map[string]any{"urn": component + "-f", "type": "aws:lambda/function:Function", "parent": component, "inputs": map[string]any{"layers": []string{"arn:aws:lambda:eu-west-1:123456789012:layer:definition:7", s.layer}}})
	}
	var pending []map[string]any
	for _, name := range s.pending {
		pending = append(pending, map[string]any{"type": "creating", "resource": map[string]any{"urn": "urn:pulumi:alpha::p::aws:sqs/queue:Queue::" + name}})
	}
	return json.Marshal(map[string]any{"resources": resources, "pending_operations": pending})
}

func (w *world) Identity(context.Context, stack.Provider) (Identity, error) {
	return w.identity, w.identityError
}

func (w *world) Registry(context.Context, stack.Platform) (Registry, error) {
	return w.registry, w.registryError
}

func (w *world) Count(_ context.Context, queue deadletter.Queue) (deadletter.Counted, error) {
	return deadletter.Counted{Messages: w.messages[queue.URL]}, w.countError
}

func (w *world) sources() Sources {
	return Sources{
		Find: func() (Pulumi, error) { return w, w.missing },
		Plan: func(ctx context.Context) (*project.Plan, error) {
			return project.Open(ctx, project.Selection{Folder: w.folder, Environment: "alpha"}, func(string) (string, bool) { return "", false })
		},
		AWS: w, Ignored: func(context.Context, string) (bool, error) { return w.ignored, nil },
		Environ: w.environ, Now: func() time.Time { return now }, Folder: w.folder, Version: w.version,
	}
}

func (w *world) examine() *Report { return Examine(w.t.Context(), w.sources()) }

// found are the findings of a check about a stack.
func (r *Report) found(check, stack string) []Finding {
	var found []Finding
	for _, finding := range r.Findings {
		if finding.Check == check && finding.Stack == stack {
			found = append(found, finding)
		}
	}
	return found
}
