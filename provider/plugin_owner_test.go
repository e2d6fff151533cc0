package provider

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/tests/permissions"
)

// TestRowsWithOwners lists one owner's rows by an index, or by the key where that is the
// owner, and AppSync's role may do so.
func TestRowsWithOwners(t *testing.T) {
	t.Parallel()
	const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-catalog-alpha-catalog-"
	args := catalog(t)
	products, categories := args.ReadModels["Products"], args.ReadModels["Categories"]
	products.Owner = &declaration.Owner{Field: "name", ElevatedGroups: []string{"Admin"}}
	products.Queries["productsByCategory"] = declaration.Query{ByIndex: text("categoryId")}
	categories.Owner = &declaration.Owner{Field: "id", Claim: text("username")}
	args.ReadModels["Products"], args.ReadModels["Categories"] = products, categories
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "catalog", args))

	code := func(field string) string {
		return e.find(t, "Resolver", "catalog-Query-"+field).Inputs["code"].StringValue()
	}
	assert.Contains(t, code("product"), `ctx.result["name"] === who.id`)
	assert.Contains(t, code("products"), `index: "by-name"`)
	assert.Contains(t, code("productsByCategory"), `'#owner': "name"`)
	assert.Contains(t, code("categories"), "who.username")
	assert.NotContains(t, code("categories"), "index:")
	assert.Subset(t, e.policies(t), []string{
		"catalog-api: dynamodb:Query on " + table + "Products-rows " + table + "Products-rows/index/by-categoryId " + table + "Products-rows/index/by-name",
		"catalog-api: dynamodb:Query on " + table + "Categories-rows",
	})
	checker, err := permissions.New()
	require.NoError(t, err)
	assert.Empty(t, checker.Check(e.registered()))
}
