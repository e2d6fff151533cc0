package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLookups(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "a", "type Query { products(limit: Int, after: String): [Product] } type Product { id: ID! name: String }")
	field := f.Field("Query", "products")
	require.NotNil(t, field)
	assert.True(t, IsList(field.Type))
	assert.NotNil(t, Argument(field, "limit"))
	assert.Nil(t, Argument(field, "limits"))
	assert.Equal(t, ` Did you mean "limit"?`, SuggestArgument(field, "limits"))
	assert.Nil(t, f.Field("Query", "product"))
	assert.Nil(t, f.Field("Mutation", "product"))
	assert.Equal(t, ` Did you mean "products"?`, f.SuggestField("Query", "product"))
	assert.Empty(t, f.SuggestField("Query", "somethingElse"))
	assert.Empty(t, f.SuggestField("Mutation", "products"))
	assert.Equal(t, ` Did you mean "Product"?`, f.SuggestType("Produkt"))
	for _, name := range []string{"Product", "CommandResult", "String", "AWSJSON"} {
		assert.NotNil(t, f.Type(name), name)
	}
	assert.Nil(t, f.Type("Other"))
}

func TestIsConnection(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sdl, want string }{
		"a connection":             {"type T { items: [Item!]! nextToken: String }", "Item"},
		"nullable items":           {"type T { items: [Item] nextToken: String }", "Item"},
		"nullable fields more":     {"type T { items: [Item!]! nextToken: String count: Int }", "Item"},
		"required fields more":     {"type T { items: [Item!]! nextToken: String count: Int! }", ""},
		"no token":                 {"type T { items: [Item!]! }", ""},
		"required token":           {"type T { items: [Item!]! nextToken: String! }", ""},
		"no items":                 {"type T { nextToken: String }", ""},
		"items are no list":        {"type T { items: Item nextToken: String }", ""},
		"items are a list of list": {"type T { items: [[Item]] nextToken: String }", ""},
		"not an object":            {"interface T { items: [Item!]! nextToken: String }", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustParse(t, "a", "type Query { t: T } type Item { id: ID! } "+test.sdl)
			item, ok := IsConnection(f.Type("T"))
			assert.Equal(t, test.want, item)
			assert.Equal(t, test.want != "", ok)
		})
	}
	_, ok := IsConnection(nil)
	assert.False(t, ok)
}

func TestHash(t *testing.T) {
	t.Parallel()
	base := Hash("1.0.0", "type Query { a: Int }", []string{"A", "B"})
	assert.Equal(t, "0f60722ff0e03496bd059f001a1802fd", base, "hashes are stored: a change of the algorithm would make every plugin connect again")
	assert.Len(t, base, hashLength)
	assert.Equal(t, base, Hash("1.0.0", "type Query { a: Int }", []string{"B", "A"}))
	for name, other := range map[string]string{
		"version":                   Hash("1.0.1", "type Query { a: Int }", []string{"A", "B"}),
		"fragment":                  Hash("1.0.0", "type Query { b: Int }", []string{"A", "B"}),
		"extension points":          Hash("1.0.0", "type Query { a: Int }", []string{"AB"}),
		"borders between the parts": Hash("1.0.0t", "ype Query { a: Int }", []string{"A", "B"}),
	} {
		assert.NotEqual(t, base, other, name)
	}
}
