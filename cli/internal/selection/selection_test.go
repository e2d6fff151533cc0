package selection_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/selection"
)

var shop = []selection.Node{
	{Name: "platform"},
	{Name: "catalog", After: []string{"platform"}},
	{Name: "customers", After: []string{"platform"}},
	{Name: "ordering", After: []string{"platform", "catalog"}},
	{Name: "shipping", After: []string{"platform", "ordering"}},
}

func TestSelect(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		patterns, want []string
	}{
		"all":               {nil, []string{"platform", "catalog", "customers", "ordering", "shipping"}},
		"one":               {[]string{"ordering"}, []string{"ordering"}},
		"in their order":    {[]string{"shipping", "catalog"}, []string{"catalog", "shipping"}},
		"pattern":           {[]string{"c*"}, []string{"catalog", "customers"}},
		"with dependents":   {[]string{"catalog..."}, []string{"catalog", "ordering", "shipping"}},
		"with dependencies": {[]string{"...ordering"}, []string{"platform", "catalog", "ordering"}},
		"both":              {[]string{"...ordering..."}, []string{"platform", "catalog", "ordering", "shipping"}},
		"all but":           {[]string{"!catalog..."}, []string{"platform", "customers"}},
		"some but":          {[]string{"c*", "!customers"}, []string{"catalog"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names, err := selection.Select(shop, test.patterns)
			require.NoError(t, err)
			assert.Equal(t, test.want, names)
		})
	}
}

func TestSelectProblems(t *testing.T) {
	t.Parallel()
	_, err := selection.Select(shop, []string{"catalgo", "[", "x..."})
	assert.ErrorContains(t, err, `no stack is called "catalgo"; there are platform, catalog, customers, ordering, shipping. Did you mean "catalog"?`)
	assert.ErrorContains(t, err, `the pattern "[" is wrong`)
	assert.ErrorContains(t, err, `no stack is called "x"`)
}

func TestDependents(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"ordering", "shipping"}, selection.Dependents(shop, "catalog"))
	assert.Empty(t, selection.Dependents(shop, "shipping"))
}
