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

// develop starts it on a copy of the shop in a repository.
func develop(t *testing.T) *developing {
	t.Helper()
	root := moduleRoot(t)
	d := &developing{t: t, folder: t.TempDir()}
	require.NoError(t, pulumicli.CopyProjects(filepath.Join(root, "examples", "online-shop"), d.folder))
	require.NoError(t, exec.Command("git", "init", "--quiet", d.folder).Run())
	d.command = exec.Command(filepath.Join(root, "bin", "reventless"), "dev", "--cwd", d.folder, "--stack", "alpha", "--only", "platform,catalog")
	d.command.Env = append(os.Environ(), "LOCALAWS_MOTO="+filepath.Join(root, ".venv", "bin", "moto_server"))
	out, err := d.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, d.command.Start())
	go func() {
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			d.mutex.Lock()
			d.lines = append(d.lines, scanner.Text())
			d.mutex.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = d.command.Process.Kill()
		if t.Failed() {
			t.Log(strings.Join(d.printed(), "\n"))
		}
	})
	return d
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
	d := develop(t)
	line, _ := d.said(0, "live page")
	page := address(line)
	_, at := d.said(0, "waiting for changes")
	line, _ = d.said(0, "GraphQL ")
	key, _ := d.said(0, "apiKey=")
	client := graphqlclient.Client{URL: address(line), Token: key[strings.Index(key, "apiKey=")+len("apiKey="):]}
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

	response, err := http.Get(page + "/api/state")
	require.NoError(t, err)
	defer response.Body.Close()
	var state struct {
		Plugins []struct {
			Name, Status string
			Fields       []string
		}
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&state))
	require.Len(t, state.Plugins, 1)
	assert.Equal(t, "CONNECTED", state.Plugins[0].Status)
	assert.Contains(t, state.Plugins[0].Fields, "Mutation.addCategory")
	t.Run("the page in a browser", func(t *testing.T) { lookAt(t, page) })

	changed, err := exec.Command("git", "-C", d.folder, "status", "--porcelain", "--ignored").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(changed), ".alpha.yaml.", "nothing is written beside the user's files")
	config, err := os.ReadFile(filepath.Join(d.folder, "catalog-aws", "Pulumi.alpha.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(config), "encryptionsalt", "Pulumi wrote into a copy")

	require.NoError(t, d.command.Process.Signal(os.Interrupt))
	require.NoError(t, d.command.Wait())
	_, err = http.Get(page)
	assert.Error(t, err, "nothing listens any more")
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
