package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/generate"
)

// TestWrite checks what belongs to a package beside its code, and that nothing old stays.
func TestWrite(t *testing.T) {
	t.Parallel()
	spec := schema.PackageSpec{Name: "shop", Language: map[string]schema.RawMessage{
		"python": schema.RawMessage(`{"packageName": "pulumi_shop", "readme": "# Shop", "pyproject": {"enabled": true}}`),
		"go":     schema.RawMessage(`{"importBasePath": "example.com/sdk/go/shop", "readme": "# Shop"}`),
	}}
	sdks, err := generate.SDKs(spec, "1.2.3")
	require.NoError(t, err)
	folder := t.TempDir()
	require.Error(t, generate.Write(folder, spec, sdks), "without the project's licence")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "LICENSE"), []byte("do what you like"), 0o600))
	old := filepath.Join(folder, "sdk", "nodejs", "old.ts")
	require.NoError(t, os.MkdirAll(filepath.Dir(old), 0o700))
	require.NoError(t, os.WriteFile(old, nil, 0o600))
	require.NoError(t, generate.Write(folder, spec, sdks))
	assert.NoFileExists(t, old)
	for _, name := range []string{
		"schema.json", "docs/reference.md", "sdk/python/README.md", "sdk/python/LICENSE", "sdk/nodejs/LICENSE", "sdk/go/reventless/LICENSE",
		"sdk/go/reventless/README.md",
	} {
		assert.FileExists(t, filepath.Join(folder, filepath.FromSlash(name)))
	}
}

// TestMended checks that Python's constructors have types, and TypeScript's functions no any.
func TestMended(t *testing.T) {
	t.Parallel()
	object := schema.ObjectTypeSpec{Type: "object"}
	empty := schema.PropertySpec{TypeSpec: schema.TypeSpec{Ref: "#/types/shop:index:Empty", Plain: true}}
	sdks, err := generate.SDKs(schema.PackageSpec{
		Name:      "shop",
		Types:     map[string]schema.ComplexTypeSpec{"shop:index:Empty": {ObjectTypeSpec: object}},
		Resources: map[string]schema.ResourceSpec{"shop:index:Shop": {IsComponent: true, InputProperties: map[string]schema.PropertySpec{"empty": empty}}},
		Language: map[string]schema.RawMessage{
			"python": schema.RawMessage(`{"packageName": "pulumi_shop", "pyproject": {"enabled": true}}`),
			"go":     schema.RawMessage(`{"importBasePath": "example.com/sdk/go/shop"}`),
			"nodejs": schema.RawMessage(`{}`),
		},
	}, "1.2.3")
	require.NoError(t, err)
	assert.Contains(t, string(sdks["nodejs/shop.ts"]), "isInstance(obj: unknown)")
	python := string(sdks["python/pulumi_shop/_inputs.py"])
	assert.Contains(t, python, "def __init__(__self__) -> None:")
	assert.NotContains(t, python, "def __init__(__self__):")
}

// TestReference checks a page of everything that a schema can have.
func TestReference(t *testing.T) {
	t.Parallel()
	text := schema.TypeSpec{Type: "string"}
	page := generate.Reference(schema.PackageSpec{
		Name: "shop",
		Types: map[string]schema.ComplexTypeSpec{
			"shop:index:Shelf": {ObjectTypeSpec: schema.ObjectTypeSpec{
				Description: "A shelf.", Properties: map[string]schema.PropertySpec{"width": {TypeSpec: schema.TypeSpec{Type: "integer", Plain: true}, Description: "In\nmetres."}},
			}},
			"shop:index:Colour": {Enum: []schema.EnumValueSpec{{Value: "red", Description: "Red | warm."}}},
		},
		Resources: map[string]schema.ResourceSpec{"shop:index:Shop": {
			ObjectTypeSpec: schema.ObjectTypeSpec{Description: "A shop.", Properties: map[string]schema.PropertySpec{"key": {TypeSpec: text, Secret: true}}},
			RequiredInputs: []string{"name"},
			InputProperties: map[string]schema.PropertySpec{
				"code":    {TypeSpec: schema.TypeSpec{Ref: "pulumi.json#/Archive"}},
				"colours": {TypeSpec: schema.TypeSpec{Items: &schema.TypeSpec{Ref: "#/types/shop:index:Colour"}}},
				"name":    {TypeSpec: text, Description: "The name."},
				"shelves": {TypeSpec: schema.TypeSpec{AdditionalProperties: &schema.TypeSpec{Ref: "#/types/shop:index:Shelf"}, Plain: true}},
				"size":    {TypeSpec: schema.TypeSpec{OneOf: []schema.TypeSpec{text, {Type: "number"}}}},
			},
		}},
	})
	for _, want := range []string{
		"\n## Shop\n\n`shop:index:Shop`\n\nA shop.\n\n| argument | type | is |\n| --- | --- | --- |\n| `name` | string, **required** | The name. |\n" +
			"| `code` | archive |  |\n| `colours` | list of [Colour](#colour) |  |\n| `shelves` | map of [Shelf](#shelf), *plain* |  |\n| `size` | string or number |  |\n",
		"\n| output | type | is |\n| --- | --- | --- |\n| `key` | string, secret |  |\n",
		"\n### Colour\n\n| value | is |\n| --- | --- |\n| `red` | Red \\| warm. |\n",
		"\n### Shelf\n\nA shelf.\n\n| property | type | is |\n| --- | --- | --- |\n| `width` | integer, *plain* | In metres. |\n",
	} {
		assert.Contains(t, page, want)
	}
}
