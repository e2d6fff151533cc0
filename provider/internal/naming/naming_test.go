package naming_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

func TestPhysical(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 40)
	tests := map[string]struct {
		kind  naming.Kind
		parts []string
		want  string
	}{
		"short":       {naming.Function, []string{"shop", "alpha", "catalog", "commands"}, "shop-alpha-catalog-commands"},
		"fifo":        {naming.FIFOQueue, []string{"shop", "alpha", "commands"}, "shop-alpha-commands.fifo"},
		"exact limit": {naming.Kind{Limit: 3}, []string{"a", "b"}, "a-b"},
		"refused":     {naming.Function, []string{"shop.eu", "alpha"}, ""},
		"cut":         {naming.Function, []string{long, "a"}, ""},
		"cut fifo":    {naming.FIFOQueue, []string{long, "a"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := naming.Physical(test.kind, test.parts...)
			assert.LessOrEqual(t, len(got), test.kind.Limit)
			assert.True(t, strings.HasSuffix(got, test.kind.Suffix))
			if name == "refused" {
				assert.Regexp(t, `^shop-eu-alpha-[0-9a-f]{8}$`, got)
				return
			}
			if test.want != "" {
				assert.Equal(t, test.want, got)
			}
		})
	}
}

func TestPhysicalKeepsNamesApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	assert.NotEqual(t, naming.Physical(naming.Function, long, "a"), naming.Physical(naming.Function, long, "b"))
	assert.NotEqual(t, naming.Physical(naming.Function, "a.b"), naming.Physical(naming.Function, "a-b"))
}

func TestDataSource(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "my_shop_Products", naming.DataSource("my-shop", "Products"))
	assert.Equal(t, "catalog_commands", naming.FunctionDataSource("catalog", "commands"))
}
