package manifest_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// TestSchema holds the JSON Schema that editors use against the parser.
func TestSchema(t *testing.T) {
	t.Parallel()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(manifest.Schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("manifest.json", document))
	schema, err := compiler.Compile("manifest.json")
	require.NoError(t, err)
	shop, err := os.ReadFile("../../../examples/online-shop/deploy-manifest.yaml")
	require.NoError(t, err)
	tests := map[string]struct {
		text  string
		valid bool
	}{
		"the shop":             {string(shop), true},
		"platform alone":       {"platform: {path: p}", true},
		"nothing of a list":    {"plugins: [{name: a, path: x, depends-on: , watch: [y]}]", true},
		"empty":                {"{}", false},
		"unknown key":          {"platform: {path: p, depends-on: []}", false},
		"plugin without path":  {"plugins: [{name: a}]", false},
		"wrong name":           {"plugins: [{name: a b, path: x}]", false},
		"text instead of list": {"plugins: [{name: a, path: x, depends-on: b}]", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var value any
			require.NoError(t, yaml.Unmarshal([]byte(test.text), &value))
			assert.Equal(t, test.valid, schema.Validate(value) == nil)
			_, err := manifest.Parse("m.yaml", []byte(test.text))
			assert.Equal(t, test.valid, err == nil, err)
		})
	}
}
