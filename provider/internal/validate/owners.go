package validate

import (
	"regexp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

var (
	// claimName is a claim of a token, such as custom:customerId or https://example.com/id.
	claimName = regexp.MustCompile(`^[!-~]{1,128}$`)
	// groupName is what Cognito takes as the name of a group.
	groupName = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$`)
)

// owners checks what can be checked of owners without the schema.
func (f *findings) owners(plugin declaration.Plugin) {
	owners, queries, models := plugin.Owners(), plugin.RowQueries(), plugin.Models()
	for _, name := range sorted(owners) {
		owner := owners[name]
		if owner.Field == "" {
			f.add(ownerPath(plugin, name, "field"), "name the row field that holds the owner's identity, such as customerId")
		}
		if !claimName.MatchString(owner.CallersClaim()) {
			f.add(ownerPath(plugin, name, "claim"), "%q is no claim: use %s, %s or the name of another claim, up to 128 characters without spaces",
				owner.CallersClaim(), declaration.ClaimSub, declaration.ClaimUsername)
		}
		f.groups(owner.ElevatedGroups, func(i int) string { return ownerPath(plugin, name, "elevatedGroups", index(i)) })
		if len(queries[name])+len(models[name].Subscriptions) == 0 {
			f.add(ownerPath(plugin, name), "no query shows these rows, so nothing asks whose they are; declare the queries, or leave this out")
		}
	}
}

// groups checks the names of groups of a user pool.
func (f *findings) groups(groups []string, path func(int) string) {
	for i, group := range groups {
		switch {
		case !groupName.MatchString(group):
			f.add(path(i), "%q is no name of a group: Cognito takes up to 128 letters, digits, symbols and punctuation without spaces", group)
		case slices.Contains(groups[:i], group):
			f.add(path(i), "the group %q is listed twice", group)
		}
	}
}

// ownerPath is where the owner of a component's rows is declared.
func ownerPath(plugin declaration.Plugin, component string, more ...string) string {
	return rowsPath(plugin, component, append([]string{"owner"}, more...)...)
}

// ownedQuery checks that the rows of a query have an owner, and adds the index by which
// those of one owner are found.
func (f *findings) ownedQuery(plugin declaration.Plugin, component, field string, query RootField, schema Schema, indexes Indexes) {
	owner, owned := plugin.Owners()[component]
	declared := plugin.RowQueries()[component][field]
	if !owned {
		return
	}
	row := schema.items(query.Definition.Type)
	if text(declared.Get) != "" {
		row = schema.object(query.Definition.Type)
	}
	if row == nil || !f.ownerField(ownerPath(plugin, component, "field"), owner.Field, row, "query "+field) {
		return
	}
	if owner.Field == "id" || text(declared.Get) != "" || text(declared.ByIndex) == owner.Field {
		return
	}
	needed := Index{Hash: Key{Field: owner.Field, Type: "S"}}
	if sort := row.Fields.ForName(text(declared.SortBy)); sort != nil && sort.Name != owner.Field {
		if attribute, ok := schema.keyType(sort); ok { // else it is told of the query's own index
			needed.Sort = &Key{Field: sort.Name, Type: attribute}
		}
	}
	indexes.add(component, needed)
}

// ownerField checks that a row type has the owner's field. The problem stands at path, once
// for each type.
func (f *findings) ownerField(path, name string, row *ast.Definition, what string) bool {
	if name == "" {
		return false
	}
	field := row.Fields.ForName(name)
	switch {
	case field == nil:
		f.add(path, "the %s shows rows of the type %s, which has no field %q.%s", what, row.Name, name, DidYouMean(name, fieldNames(row)))
	case !isText(field.Type):
		f.add(path, "%s.%s, which the %s shows, is of type %s; an owner's identity is ID or String", row.Name, name, what, field.Type.String())
	default:
		return true
	}
	return false
}

// ownedSubscription refuses a subscription that gives somebody the rows of others. AppSync
// can filter subscriptions by their resolvers only, and one that begins between the push of a
// schema and its resolver's creation is never filtered: the directives are what always holds.
func (f *findings) ownedSubscription(plugin declaration.Plugin, model string, field RootField) {
	owner, owned := plugin.Owners()[model]
	if !owned {
		return
	}
	if !opensTo(field.Definition.Directives, owner.ElevatedGroups) {
		f.add(field.path(), "the subscription %s gives the rows of all owners, so its directives must let in nobody but those who see all rows: "+
			"@aws_iam, or @aws_cognito_user_pools with cognito_groups among the `elevatedGroups` of %s", field.Name, ownerPath(plugin, model))
	}
}

// opensTo says whether directives let in AWS_IAM and users of these groups only.
func opensTo(directives ast.DirectiveList, groups []string) bool {
	stated := false
	for _, directive := range directives {
		switch directive.Name {
		case "aws_iam":
			stated = true
		case "aws_cognito_user_pools":
			stated = true
			if !among(directive.Arguments.ForName("cognito_groups"), groups) {
				return false
			}
		case "aws_api_key", "aws_oidc", "aws_lambda", "aws_auth":
			return false
		}
	}
	return stated
}

// among says whether the groups that a directive names are some of others.
func among(argument *ast.Argument, groups []string) bool {
	return argument != nil && !slices.ContainsFunc(argument.Value.Children, func(child *ast.ChildValue) bool {
		return !slices.Contains(groups, child.Value.Raw)
	})
}
