package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goPlugin = `name: gocounter
runtime: yaml
resources:
  gocounter:
    type: reventless:index:Plugin
    properties:
      version: 1.0.0
      code: {fn::fileArchive: ./build}
      runtime: provided.al2023
      schema: |
        type Query { goCounter(id: ID!): GoCounter }
        type GoCounter { id: ID! count: Int! }
        type Mutation { goCount(id: ID!): CommandResult! }
      aggregates:
        Counter: {commands: {goCount: Count}}
      readModels:
        Counters: {from: [{aggregate: Counter}], queries: {goCounter: {get: id}}}
`

// TestGoPlugin deploys a handler in Go, which has the engine in it as a library.
func TestGoPlugin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("gocounter/Pulumi.yaml", goPlugin)
	w.write("gocounter/Pulumi.alpha.yaml", rivalConfig)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(w.projects, "gocounter", "build", "bootstrap"), "./testdata/gocounter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	w.up(platform, "gocounter")
	client := w.client(platform)
	for range 3 {
		w.ask(client, `mutation { goCount(id: "g") { status } }`)
	}
	refused := w.ask(client, `mutation { goCount(id: "g") { status code } }`)
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "Full"}, refused["goCount"])
	w.eventually(client, `{ goCounter(id: "g") { count } }`, func(data map[string]any) bool {
		counter, _ := data["goCounter"].(map[string]any)
		return counter != nil && counter["count"] == 3.0
	})
}
