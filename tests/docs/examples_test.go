package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/program"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// TestExamplesInYAML constructs the examples in the components' own descriptions. Those in
// other languages are compiled by the tests of the SDKs.
func TestExamplesInYAML(t *testing.T) {
	t.Parallel()
	const rows = "type Mutation { addProduct(id: ID!, categoryId: ID!): CommandResult! }\ntype Product { id: ID! categoryId: ID }\n"
	schemas := map[string][]string{
		"platform": {""},
		"plugin": {
			rows + "type Query { product(id: ID!): Product }\n",
			rows + "type Query { productsByCategory(categoryId: ID!, limit: Int, nextToken: String): ProductPage! }\ntype ProductPage { items: [Product!]! nextToken: String }\n",
		},
	}
	for component, sdl := range schemas {
		blocks, err := snippet.Read("provider/example/" + component + ".md")
		require.NoError(t, err)
		shown := 0
		for _, block := range blocks {
			if block.Language != "yaml" {
				continue
			}
			require.Less(t, shown, len(sdl), "a new example needs its schema here")
			folder := t.TempDir()
			for path, text := range map[string]string{"catalog/schema.graphql": sdl[shown], "catalog/src/index.mjs": "", "program-aws/Pulumi.yaml": block.Text} {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, path)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(folder, path), []byte(text), 0o600))
			}
			assert.NoError(t, program.Construct(t.Context(), block.Text, program.Options{Folder: filepath.Join(folder, "program-aws")}), block.String())
			shown++
		}
		assert.Len(t, sdl, shown)
	}
}
