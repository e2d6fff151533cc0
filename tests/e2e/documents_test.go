package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// document writes the files of a document among the projects, and gives its GraphQL requests.
// A backend of one's own has no other organization.
func (w *world) document(name string) (requests []string) {
	w.t.Helper()
	blocks, err := snippet.Read(name)
	require.NoError(w.t, err)
	for _, block := range blocks {
		if file := block.Check["file"]; file != "" {
			w.write(file, strings.ReplaceAll(block.Text, "my-org/", "organization/"))
		} else if block.Language == "graphql" {
			requests = append(requests, strings.Split(strings.TrimSpace(block.Text), "\n")...)
		}
	}
	return requests
}

// TestReadme deploys the first plugin of README.md, and makes the requests that it names.
func TestReadme(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	requests := w.document("README.md")
	require.Len(t, requests, 2)
	w.up(platform, "hello-aws")
	client := w.visitor(platform)
	assert.Equal(t, map[string]any{"status": "ACCEPTED"}, w.ask(client, requests[0])["greet"])
	w.eventually(client, requests[1], present("greeter"))
	refused := w.ask(client, `mutation { greet(id: "me", name: "") { status code } }`)
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "NobodyToGreet"}, refused["greet"])
}

// TestDeployingGuide deploys the stacks of the guide, and removes them.
func TestDeployingGuide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, os.RemoveAll(w.projects))
	require.NoError(t, os.CopyFS(w.projects, os.DirFS(filepath.Join(moduleRoot(t), "tests", "docs", "testdata", "files"))))
	w.document("docs/deploying.md")
	w.up("platform-aws", "catalog-aws")
	added := w.ask(w.client("platform-aws"), `mutation { addProduct(id: "lamp", name: "Lamp") { status } }`)
	assert.Equal(t, map[string]any{"status": "ACCEPTED"}, added["addProduct"])

	w.step("a secret of the handler", func(t *testing.T) {
		w.write("catalog-aws/Pulumi.yaml", w.read("secret-aws/Pulumi.yaml"))
		pulumi := func(arguments ...string) string {
			command := w.program(".tools/bin/pulumi", append(arguments, "--stack", "alpha")...)
			command.Dir = filepath.Join(w.projects, "catalog-aws")
			out, err := command.CombinedOutput()
			require.NoError(t, err, "%s", out)
			return string(out)
		}
		pulumi("config", "set", "--secret", "mailKey", "hush-hush")
		w.up("catalog-aws")
		state := pulumi("stack", "export")
		assert.True(t, strings.Contains(state, "MAIL_KEY"), "the function has the variable")
		assert.False(t, strings.Contains(state, "hush-hush"), "the state has no secret in clear")
		shown := pulumi("stack", "export", "--show-secrets")
		assert.True(t, strings.Contains(shown, "hush-hush"), "it is the secret's value")
	})

	_, err := w.stack("platform-aws").Destroy(t.Context())
	require.ErrorContains(t, err, "protected", "its users cannot be made anew")
	w.edit("platform-aws/Pulumi.yaml", "type: reventless:index:Platform\n", "type: reventless:index:Platform\n    properties: {stackClass: disposable}\n")
	w.up("platform-aws")
	_, err = w.stack("platform-aws").Destroy(t.Context())
	require.ErrorContains(t, err, "catalog", "it refuses, and names the plugin")
	w.destroy("catalog-aws", "platform-aws")
}
