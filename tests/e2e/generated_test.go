package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli"
	"github.com/reventless/pulumi-reventless/cli/generate/generatetest"
)

// TestGenerated deploys what "reventless generate" makes: a platform, and a plugin with a
// handler in each language. Then it generates all of it again.
func TestGenerated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, os.RemoveAll(w.projects))
	require.NoError(t, os.Mkdir(w.projects, 0o755))
	w.generate("platform", "my-app", "--region", "eu-west-1")
	w.generate("plugin", "stock", "--handler", "nodejs")
	w.generate("plugin", "order-entry", "--handler", "python", "--depends-on", "stock")
	w.generate("plugin", "shipping", "--handler", "go", "--depends-on", "stock,order-entry")
	w.buildGoPlugin("shipping")

	plugins := map[string]string{"stock": "stockItem", "order-entry": "orderEntryItem", "shipping": "shippingItem"}
	w.up(platform, "stock-aws", "order-entry-aws", "shipping-aws")
	client := w.client(platform)
	for plugin, field := range plugins {
		w.step(plugin, func(t *testing.T) {
			is := strings.ToUpper(field[:1]) + field[1:]
			w.ask(client, `mutation { add`+is+`(id: "i1", name: "Lamp") { status } rename`+is+`(id: "i1", name: "Lantern") { status } }`)
			w.eventually(client, `{ `+field+`(id: "i1") { name addedAt renames } }`, func(data map[string]any) bool {
				item, _ := data[field].(map[string]any)
				return item != nil && item["name"] == "Lantern" && item["renames"] == 1.0
			})
			listed := w.ask(client, `{ `+field+`s { items { id } nextToken } }`)
			assert.Equal(t, map[string]any{"items": []any{map[string]any{"id": "i1"}}, "nextToken": nil}, listed[field+"s"])
			refused := w.ask(client, `mutation { add`+is+`(id: "i1", name: "Desk") { status code message } }`)
			assert.Equal(t, map[string]any{"status": "REJECTED", "code": "ItemExists", "message": "The item exists, its name is Lantern."}, refused["add"+is])
		})
	}

	w.step("what Pulumi writes into the files is no edit", func(t *testing.T) {
		require.Contains(t, w.read("order-entry-aws/Pulumi.alpha.yaml"), "encryptionsalt")
		out := w.generate("platform") + w.generate("plugin", "stock") + w.generate("plugin", "order-entry")
		for line := range strings.Lines(out) {
			assert.True(t, strings.HasPrefix(line, "unchanged "), line)
		}
		w.unchanged("stock-aws")
	})
	w.destroy("shipping-aws", "order-entry-aws", "stock-aws", platform)
}

// generate runs "reventless generate" among the projects and gives what it printed.
func (w *world) generate(arguments ...string) string {
	w.t.Helper()
	var out bytes.Buffer
	command := cli.New("0.1.0")
	command.SetOut(&out)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(slices.Concat([]string{"generate", "--cwd", w.projects}, arguments))
	require.NoError(w.t, command.ExecuteContext(w.t.Context()))
	return out.String()
}

// buildGoPlugin builds a generated plugin as its author would, for this machine.
func (w *world) buildGoPlugin(name string) {
	w.t.Helper()
	folder := filepath.Join(w.projects, name)
	require.NoError(w.t, generatetest.UseModule(folder, moduleRoot(w.t)))
	build := exec.CommandContext(w.t.Context(), "go", "run", "./build", "-arch", runtime.GOARCH)
	build.Dir = folder
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	output, err := build.CombinedOutput()
	require.NoError(w.t, err, "%s", output)
}
