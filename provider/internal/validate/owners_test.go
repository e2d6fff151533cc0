package validate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// owned is the valid plugin, its products each of a supplier.
func owned(owner declaration.Owner) declaration.Plugin {
	plugin := valid()
	plugin.Schema = strings.Replace(plugin.Schema, "tags: [String!]", "tags: [String!] supplierId: ID", 1)
	model := plugin.ReadModels["Products"]
	model.Owner = &owner
	plugin.ReadModels["Products"] = model
	return plugin
}

func supplier(groups ...string) declaration.Owner {
	return declaration.Owner{Field: "supplierId", ElevatedGroups: groups}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	problems, indexes := check(owned(supplier("Admin", "Fulfilment")))
	assert.Empty(t, problems)
	names := []string{}
	for _, index := range indexes["Products"] {
		names = append(names, index.Name())
	}
	assert.Equal(t, []string{"by-categoryId-price", "by-supplierId", "by-supplierId-price"}, names, "an owner's rows are found by an index, in the order of the query")

	problems, indexes = check(owned(declaration.Owner{Field: "id"}))
	assert.Empty(t, problems)
	require.Len(t, indexes["Products"], 1, "the key needs none")
}

func TestOwnerProblems(t *testing.T) {
	t.Parallel()
	const at = "readModels.Products.owner."
	fed := func(directives string) func(*declaration.Plugin) {
		return func(p *declaration.Plugin) {
			p.Schema += "type Subscription { productChanged(id: ID): Product " + directives + " }\n"
			p.ReadModels["Products"] = withSubscription(p.ReadModels["Products"])
		}
	}
	const opened = "the subscription productChanged gives the rows of all owners, so its directives must let in nobody but those who see all rows: " +
		"@aws_iam, or @aws_cognito_user_pools with cognito_groups among the `elevatedGroups` of readModels.Products.owner"
	tests := map[string]struct {
		owner  declaration.Owner
		change func(*declaration.Plugin)
		want   []string
	}{
		"no field":        {owner: declaration.Owner{}, want: []string{at + "field: name the row field"}},
		"unknown field":   {owner: declaration.Owner{Field: "suplierId"}, want: []string{at + `field: the query product shows rows of the type Product, which has no field "suplierId". Did you mean "supplierId"?`}},
		"no text":         {owner: declaration.Owner{Field: "price"}, want: []string{at + "field: Product.price, which the query product shows, is of type Float; an owner's identity is ID or String"}},
		"several":         {owner: declaration.Owner{Field: "tags"}, want: []string{"is of type [String!]"}},
		"no claim":        {owner: declaration.Owner{Field: "supplierId", Claim: text("a b")}, want: []string{at + `claim: "a b" is no claim: use sub, username or the name of another claim`}},
		"groups":          {owner: supplier("Admin", "Ad min", "Admin", ""), want: []string{at + `elevatedGroups[1]: "Ad min" is no name`, at + `elevatedGroups[2]: the group "Admin" is listed twice`, at + `elevatedGroups[3]: "" is no name`}},
		"sorted by owner": {owner: declaration.Owner{Field: "name"}, change: sortedBy("name")},
		"nothing to ask": {owner: supplier(), change: func(p *declaration.Plugin) {
			p.ReadModels["Others"] = declaration.ReadModel{From: []declaration.Source{{Aggregate: text("Product")}}, Owner: &declaration.Owner{Field: "id"}}
		}, want: []string{"readModels.Others.owner: no query shows these rows"}},
		"subscription open to all":           {owner: supplier("Admin"), change: fed(""), want: []string{opened}},
		"subscription for every user":        {owner: supplier("Admin"), change: fed("@aws_cognito_user_pools"), want: []string{opened}},
		"subscription for another group":     {owner: supplier("Admin"), change: fed(`@aws_iam @aws_cognito_user_pools(cognito_groups: ["Admin", "Shopper"])`), want: []string{opened}},
		"subscription for a key":             {owner: supplier("Admin"), change: fed("@aws_iam @aws_api_key"), want: []string{opened}},
		"subscription for an elevated group": {owner: supplier("Admin", "Ops"), change: fed(`@aws_iam @aws_cognito_user_pools(cognito_groups: ["Admin"])`)},
		"subscription for signed requests":   {owner: supplier(), change: fed("@aws_iam")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := owned(test.owner)
			if test.change != nil {
				test.change(&plugin)
			}
			problems, _ := check(plugin)
			lines := make([]string, len(problems))
			for i, problem := range problems {
				lines[i] = problem.Path + ": " + problem.Reason
			}
			if len(test.want) == 0 {
				assert.Empty(t, lines)
			}
			for _, want := range test.want {
				assert.Contains(t, strings.Join(lines, "\n"), want)
			}
		})
	}
}

func withSubscription(model declaration.ReadModel) declaration.ReadModel {
	model.Subscriptions = map[string]declaration.Subscription{"productChanged": {}}
	return model
}

func sortedBy(field string) func(*declaration.Plugin) {
	return func(p *declaration.Plugin) {
		p.ReadModels["Products"].Queries["productsByCategory"] = declaration.Query{ByIndex: text("categoryId"), SortBy: &field}
	}
}
