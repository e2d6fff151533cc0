package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

// developing is a `reventless dev` that runs.
type developing struct {
	t       *testing.T
	folder  string
	command *exec.Cmd

	mutex sync.Mutex
	lines []string
}

// develop makes a copy of the shop in a repository, whose manifest has the platform and some
// of the plugins.
func develop(t *testing.T, plugins ...string) *developing {
	t.Helper()
	d := &developing{t: t, folder: t.TempDir()}
	require.NoError(t, pulumicli.CopyProjects(filepath.Join(moduleRoot(t), "examples", "online-shop"), d.folder))
	require.NoError(t, exec.Command("git", "init", "--quiet", d.folder).Run())
	d.manifest(plugins...)
	t.Cleanup(func() {
		if d.command != nil {
			_ = d.command.Process.Kill()
		}
		if t.Failed() {
			t.Log(strings.Join(d.printed(), "\n"))
		}
	})
	return d
}

// manifest writes the manifest anew.
func (d *developing) manifest(plugins ...string) {
	d.t.Helper()
	text := "platform: {path: platform-aws}\nplugins:\n"
	for _, plugin := range plugins {
		text += "- {name: " + plugin + ", path: " + plugin + "-aws}\n"
	}
	require.NoError(d.t, os.WriteFile(filepath.Join(d.folder, "deploy-manifest.yaml"), []byte(text), 0o644))
}

// start runs `reventless dev`. What it prints follows on what an earlier one printed.
func (d *developing) start(flags ...string) {
	d.t.Helper()
	root := moduleRoot(d.t)
	d.command = exec.Command(filepath.Join(root, "bin", "reventless"), append([]string{"dev", "--cwd", d.folder, "--stack", "alpha"}, flags...)...)
	d.command.Env = append(os.Environ(), "LOCALAWS_MOTO="+filepath.Join(root, ".venv", "bin", "moto_server"))
	out, err := d.command.StdoutPipe()
	require.NoError(d.t, err)
	d.command.Stderr = d.command.Stdout
	require.NoError(d.t, d.command.Start())
	go func() {
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			d.mutex.Lock()
			d.lines = append(d.lines, scanner.Text())
			d.mutex.Unlock()
		}
	}()
}

// end ends it as Ctrl-C does.
func (d *developing) end() {
	d.t.Helper()
	require.NoError(d.t, d.command.Process.Signal(os.Interrupt))
	require.NoError(d.t, d.command.Wait())
}

// client waits until the stacks are deployed, and gives a client of the API as the user that
// GraphiQL has, with the number of lines until then.
func (d *developing) client(after int) (graphqlclient.Client, int) {
	d.t.Helper()
	_, at := d.said(after, "waiting for changes")
	line, _ := d.said(after, "GraphQL ")
	key, _ := d.said(after, "apiKey=")
	return graphqlclient.Client{URL: address(line), Token: key[strings.Index(key, "apiKey=")+len("apiKey="):]}, at
}

func (d *developing) printed() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return append([]string(nil), d.lines...)
}

// said waits until a line has this text, after a number of lines, and gives the line and
// the number of lines until then. It has patience as long as more lines come.
func (d *developing) said(after int, text string) (string, int) {
	d.t.Helper()
	last := time.Now()
	for seen, began := after, time.Now(); time.Since(last) < 2*patience && time.Since(began) < persistence; time.Sleep(20 * time.Millisecond) {
		lines := d.printed()
		for i := after; i < len(lines); i++ {
			if strings.Contains(lines[i], text) {
				return lines[i], i + 1
			}
		}
		if len(lines) > seen {
			seen, last = len(lines), time.Now()
		}
	}
	require.Fail(d.t, "it does not say "+text)
	return "", 0
}

// address is the URL in a line.
func address(line string) string { return line[strings.Index(line, "http://"):] }

// shown is a plugin as the page shows it.
type shown struct {
	Name, Status string
	Fields       []string
}

// plugins are those that the page shows.
func (d *developing) plugins(page string) []shown {
	d.t.Helper()
	response, err := http.Get(page + "/api/state")
	require.NoError(d.t, err)
	defer response.Body.Close()
	var state struct{ Plugins []shown }
	require.NoError(d.t, json.NewDecoder(response.Body).Decode(&state))
	return state.Plugins
}

func (d *developing) edit(name, old, new string) {
	d.t.Helper()
	path := filepath.Join(d.folder, name)
	text, err := os.ReadFile(path)
	require.NoError(d.t, err)
	require.Contains(d.t, string(text), old)
	require.NoError(d.t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, new)), 0o644))
}

// TestDev edits the catalog while it runs: a handler, a schema that is wrong, and what mends
// it; and looks at the page.
func TestDev(t *testing.T) {
	t.Parallel()
	d := develop(t, "catalog")
	d.start()
	line, _ := d.said(0, "live page")
	page := address(line)
	client, at := d.client(0)
	add := func(id string) (result struct {
		Add struct{ Status, Message string }
	}) {
		require.NoError(t, client.Data(t.Context(), &result, `mutation($id: ID!) { Add: addCategory(categoryId: $id, name: "Name") { status message } }`, map[string]any{"id": id}))
		return result
	}
	require.Equal(t, "ACCEPTED", add("one").Add.Status)

	handler := "catalog/src/index.js"
	text, err := os.ReadFile(filepath.Join(d.folder, handler))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(d.folder, handler), append([]byte("console.log('loaded anew');\n"), text...), 0o644))
	began := time.Now()
	_, at = d.said(at, "catalog  | up in")
	t.Logf("a changed handler was deployed after %s", time.Since(began).Round(10*time.Millisecond))
	require.Equal(t, "ACCEPTED", add("two").Add.Status)
	d.said(at, "loaded anew")

	d.edit("catalog/schema.graphql", "type Mutation", "type Mutation !")
	_, at = d.said(at, "catalog  | failed")
	d.edit("catalog/schema.graphql", "type Mutation !", "type Mutation")
	d.said(at, "succeeded in")
	require.Equal(t, "ACCEPTED", add("three").Add.Status)

	plugins := d.plugins(page)
	require.Len(t, plugins, 1)
	assert.Equal(t, "CONNECTED", plugins[0].Status)
	assert.Contains(t, plugins[0].Fields, "Mutation.addCategory")
	t.Run("the page in a browser", func(t *testing.T) { lookAt(t, page) })

	changed, err := exec.Command("git", "-C", d.folder, "status", "--porcelain", "--ignored").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(changed), ".alpha.yaml.", "nothing is written beside the user's files")
	config, err := os.ReadFile(filepath.Join(d.folder, "catalog-aws", "Pulumi.alpha.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(config), "encryptionsalt", "Pulumi wrote into a copy")

	t.Run("what becomes part of a stack is watched", func(t *testing.T) { newPlaces(t, d) })
	t.Run("stacks that come and go", func(t *testing.T) { comeAndGo(t, d) })

	d.end()
	_, err = http.Get(page)
	assert.Error(t, err, "nothing listens any more")
}

// newPlaces lets the program name another folder, and edits a file there.
func newPlaces(t *testing.T, d *developing) {
	at := len(d.printed())
	require.NoError(t, os.CopyFS(filepath.Join(d.folder, "handlers"), os.DirFS(filepath.Join(d.folder, "catalog", "src"))))
	d.edit("catalog-aws/Pulumi.yaml", "../catalog/src", "../handlers")
	_, at = d.said(at, "waiting for changes")
	d.edit("handlers/index.js", "loaded anew", "loaded from elsewhere")
	_, at = d.said(at, "catalog  | up in")
	d.said(at, "waiting for changes")
}

// comeAndGo adds a plugin to the manifest, and takes it out again.
func comeAndGo(t *testing.T, d *developing) {
	at := len(d.printed())
	d.manifest("catalog", "ordering")
	line, at := d.said(at, "ordering | up in")
	assert.Contains(t, line, "create")
	_, at = d.said(at, "waiting for changes")
	d.manifest("catalog")
	line, _ = d.said(at, "online-shop-ordering is no project of the manifest any more")
	assert.Contains(t, line, "It stays deployed, with its data")
}

// lookAt opens the page in a browser, where there is one.
func lookAt(t *testing.T, page string) {
	b := (&world{t: t}).browser(findBrowser(t))
	b.run(chromedp.Navigate(page))
	b.becomes(`document.getElementById("plugins").textContent`, "CONNECTED")
	b.becomes(`document.getElementById("happenings").textContent`, "CategoryAdded three")
	b.becomes(`document.getElementById("happenings").textContent`, "loaded anew")
	b.becomes(`document.getElementById("owners").textContent`, "Mutation.addCategory")
	b.click(`button[aria-label^="Show Categories of catalog"]`)
	b.becomes(`document.getElementById("rows").textContent`, `"one"`)
	assert.Equal(t, "0", b.value(`[...document.querySelectorAll("input")].filter((e) => e.labels.length === 0).length`))
	assert.Equal(t, "0", b.value(`refused.length`), "the page needs nothing that its policy refuses")
	assert.Empty(t, b.thrown)
}
