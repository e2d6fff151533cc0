package diagram_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/diagram"
)

var update = flag.Bool("update", false, "write the golden files")

// shop has everything that can be drawn.
func shop() *diagram.Graph {
	return &diagram.Graph{
		Environment: "alpha",
		Nodes: []diagram.Node{
			{ID: "platform", Kind: diagram.Platform, Project: "shop-platform", Path: "platform-aws"},
			{ID: "catalog", Kind: diagram.Plugin, Project: "shop-catalog", Path: "catalog-aws", Deployed: &diagram.Deployed{Components: []diagram.Component{{
				Kind: diagram.Plugin, Name: "catalog", Version: "1.0.0", ExtensionPoints: []string{"Products"}, Extends: []string{"ordering.Orders"},
				RootFields: []string{"Mutation.a", "Mutation.b", "Mutation.c", "Mutation.d", "Query.a", "Query.b", "Query.c", "Query.d", "Query.e", "Query.f"},
			}}}},
			{ID: "ordering", Kind: diagram.Plugin, Project: "shop-ordering", Path: "ordering-aws", Deployed: &diagram.Deployed{Components: []diagram.Component{}, Missing: "not known"}},
			{ID: "shipping", Kind: diagram.Plugin, Project: "shop-shipping", Path: "shipping-aws", Skipped: "there is no shipping-aws/Pulumi.alpha.yaml"},
			{ID: `org/"pay" <& pen>/alpha`, Kind: diagram.External},
		},
		Edges: []diagram.Edge{
			{From: "platform", To: "catalog", Because: []diagram.Because{diagram.ByPlatform}},
			{From: "platform", To: "ordering", Because: []diagram.Because{diagram.ByPlatform, diagram.ByReference}},
			{From: "catalog", To: "ordering", Because: []diagram.Because{diagram.ByManifest}},
			{From: `org/"pay" <& pen>/alpha`, To: "ordering", Because: []diagram.Because{diagram.ByReference}},
			{From: "platform", To: "shipping", Because: []diagram.Because{diagram.ByPlatform}},
		},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, format := range diagram.Formats {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			for name, graph := range map[string]*diagram.Graph{"shop": shop(), "empty": {Environment: "alpha", Nodes: []diagram.Node{}, Edges: []diagram.Edge{}}} {
				var out bytes.Buffer
				require.NoError(t, graph.Write(&out, format))
				golden := filepath.Join("testdata", name+"."+format)
				if *update {
					require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				assert.Equal(t, string(want), out.String(), "go test ./cli/internal/diagram -update writes it anew")
			}
		})
	}
	assert.ErrorContains(t, shop().Write(io.Discard, "png"), `the format "png" is not known: use mermaid, dot, svg, json`)
}

// TestSVGIsXML reads the picture as a browser does.
func TestSVGIsXML(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, shop().Write(&out, "svg"))
	decoder := xml.NewDecoder(&out)
	texts := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if text, is := token.(xml.CharData); is {
			texts += string(text) + "\n"
		}
	}
	assert.Contains(t, texts, "\n"+`org/"pay" <& pen>/alpha`+"\n")
}
