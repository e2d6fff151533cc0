package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/diagram"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// show runs the command for the environment alpha.
func show(t *testing.T, read stack.Reader, folder string, arguments ...string) (data, notes string, err error) {
	t.Helper()
	e := &environment{read: read, selected: &stack.Selection{Folder: folder, Stack: "alpha"}, lookup: func(string) (string, bool) { return "", false }}
	command := e.command()
	var out, noted bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&noted)
	command.SetArgs(arguments)
	command.SilenceErrors, command.SilenceUsage = true, true
	err = command.ExecuteContext(t.Context())
	return out.String(), noted.String(), err
}

const exampleShop = "../../examples/online-shop"

func TestShop(t *testing.T) {
	t.Parallel()
	out, _, err := show(t, nil, exampleShop)
	require.NoError(t, err)
	assert.Equal(t, snippet.Output(t, "docs/orchestrating.md", "graph"), out)
	for format, begins := range map[string]string{"dot": "digraph stacks {", "svg": "<svg ", "json": "{"} {
		out, _, err := show(t, nil, exampleShop, "-o", format)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(out, begins), out)
		again, _, err := show(t, nil, exampleShop, "-o", format)
		require.NoError(t, err)
		assert.Equal(t, out, again)
	}
}

// TestOthers has stacks of another repository, of another environment, and a skipped one.
func TestOthers(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{
		"deploy-manifest.yaml": "plugins: [{name: a, path: a}, {name: b, path: b, depends-on: [a]}, {name: c, path: c}]",
		"a/Pulumi.yaml":        "name: shop-a", "b/Pulumi.yaml": "name: shop-b", "c/Pulumi.yaml": "name: shop-c",
		"a/Pulumi.alpha.yaml": "config: {platform:stack: o/platform/alpha}",
		"b/Pulumi.alpha.yaml": "config: {platform:stack: o/platform/alpha, 'interstack:dependencies': [o/shop-a/alpha, o/shop-c/main]}",
	})
	out, _, err := show(t, nil, made.Folder, "-o", "json")
	require.NoError(t, err)
	var drawn diagram.Graph
	require.NoError(t, json.Unmarshal([]byte(out), &drawn))
	reference := []diagram.Because{diagram.ByReference}
	assert.Equal(t, diagram.Graph{
		Environment: "alpha",
		Nodes: []diagram.Node{
			{ID: "a", Kind: diagram.Plugin, Project: "shop-a", Path: "a"}, {ID: "b", Kind: diagram.Plugin, Project: "shop-b", Path: "b"},
			{ID: "c", Kind: diagram.Plugin, Project: "shop-c", Path: "c", Skipped: "there is no c/Pulumi.alpha.yaml"},
			{ID: "o/platform/alpha", Kind: diagram.External}, {ID: "o/shop-c/main", Kind: diagram.External},
		},
		Edges: []diagram.Edge{
			{From: "o/platform/alpha", To: "a", Because: reference}, {From: "a", To: "b", Because: []diagram.Because{diagram.ByManifest, diagram.ByReference}},
			{From: "o/platform/alpha", To: "b", Because: reference}, {From: "o/shop-c/main", To: "b", Because: reference},
		},
	}, drawn)
	out, _, err = show(t, nil, made.Folder)
	require.NoError(t, err)
	assert.Contains(t, out, "n2[\"c<br/>shop-c<br/>skipped\"]:::skipped")
	assert.Contains(t, out, "n3 -.-> n0")
}

// deployments are stacks by the name of their folder; all others are not deployed.
func deployments(found map[string]*stack.Stack) stack.Reader {
	return func(_ context.Context, selected stack.Selection) (*stack.Stack, error) {
		if read := found[filepath.Base(selected.Folder)]; read != nil && selected.Stack == "alpha" {
			return read, nil
		}
		return nil, errors.New("there is no stack alpha")
	}
}

func TestDeployed(t *testing.T) {
	t.Parallel()
	read := deployments(map[string]*stack.Stack{
		"platform-aws": {Platforms: []stack.Platform{{Name: "shop", RootFields: []string{"Query.Platform_plugins"}}}},
		"catalog-aws": {Plugins: []stack.Plugin{{Name: "catalog", Version: "1.0.0", RootFields: []string{"Query.product"}, ExtensionPoints: []string{"Products"},
			Topics: map[string]string{"Products": "arn:aws:sns:eu-west-1:1:products"}, Connection: &protocol.ConnectRequest{Subscriptions: []protocol.Subscription{{Plugin: "ordering", ExtensionPoint: "Orders"}}}}}},
		"shipping-aws": {Plugins: []stack.Plugin{{Name: "shipping", Subscribed: []string{"arn:aws:sns:eu-west-1:1:elsewhere", "arn:aws:sns:eu-west-1:1:products"}}}},
	})
	out, notes, err := show(t, read, exampleShop, "--deployed")
	require.NoError(t, err)
	for _, want := range []string{
		"platform<br/>online-shop-platform<br/>platform shop<br/>Query.Platform_plugins", "plugin catalog 1.0.0<br/>extension point Products<br/>extends ordering.Orders<br/>Query.product",
		"plugin shipping<br/>extends catalog.Products<br/>extends elsewhere",
		"online-shop-ordering<br/>not known",
	} {
		assert.Contains(t, out, want)
	}
	assert.Equal(t, "ordering: there is no stack alpha\n", notes)

	out, _, err = show(t, deployments(nil), exampleShop, "--deployed")
	require.ErrorContains(t, err, "nothing is known of what is deployed: platform: there is no stack alpha\ncatalog: ")
	assert.Empty(t, out)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	_, _, err := show(t, nil, exampleShop, "-o", "png")
	require.ErrorContains(t, err, "use mermaid, dot, svg or json")
	_, _, err = show(t, nil, t.TempDir())
	require.ErrorContains(t, err, "there is no deploy-manifest.yaml")
}
