package program_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/program"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// TestTheShop constructs programs of the example.
func TestTheShop(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"platform-aws", "catalog-aws", "ordering-aws"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(snippet.Root(), "examples", "online-shop", name)
			text, err := os.ReadFile(filepath.Join(folder, "Pulumi.yaml"))
			require.NoError(t, err)
			require.NoError(t, program.Construct(t.Context(), string(text), program.Options{Folder: folder, Config: map[string]string{
				"platform:stack": program.Platform, "interstack:dependencies": `["organization/online-shop-catalog/alpha"]`,
			}}))
		})
	}
}

func TestWrongPrograms(t *testing.T) {
	t.Parallel()
	const begin = "name: catalog\nruntime: yaml\nresources:\n  catalog:\n    type: reventless:index:Plugin\n    properties:\n" +
		"      code: {fn::fileArchive: .}\n      schema: 'type Mutation { addProduct(id: ID!): CommandResult! }'\n"
	for name, test := range map[string]struct{ text, want string }{
		"a good one":           {begin + "      aggregates: {Product: {commands: {addProduct: AddProduct}}}\noutputs: {_interopMeta: '${catalog.interopMeta}'}", ""},
		"unknown property":     {begin + "      aggregate: {Product: {}}", "aggregate"},
		"unknown in an object": {begin + "      aggregates: {Product: {command: {addProduct: AddProduct}}}", "command"},
		"a field nobody has":   {begin + "      aggregates: {Product: {commands: {addProducts: AddProduct}}}", "addProducts"},
		"unknown output":       {begin + "      aggregates: {Product: {commands: {addProduct: AddProduct}}}\noutputs: {x: '${catalog.interop}'}", "no output of this name"},
		"unknown resource":     {begin + "      aggregates: {Product: {commands: {addProduct: AddProduct}}}\noutputs: {x: '${shelf.id}'}", "no resource of this name"},
		"no value":             {begin + "      dcb:", "it has no value"},
		"no such file":         {"resources: {a: {type: 'reventless:index:Plugin', properties: {schema: {fn::readFile: nowhere}}}}", "nowhere"},
		"no such function":     {"resources: {a: {type: 'reventless:index:Plugin', properties: {schema: {fn::read: x}}}}", "fn::read"},
		"no such key":          {"resource: {}", "resource"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "index.js"), nil, 0o600))
			err := program.Construct(t.Context(), test.text, program.Options{Folder: folder})
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}
