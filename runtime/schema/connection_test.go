package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

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
			item, ok := IsConnection(f.types["T"])
			assert.Equal(t, test.want, item)
			assert.Equal(t, test.want != "", ok)
		})
	}
	_, ok := IsConnection(nil)
	assert.False(t, ok)
}
