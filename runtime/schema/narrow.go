package schema

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// nobodysGroup is a group of users that nobody makes. It closes a field to all callers, which
// no directive does.
const nobodysGroup = "reventless-nobody"

// access says whom directives let in: by directive the groups, nil for all of its callers.
type access map[string][]string

// everybody are all callers that the API has modes for.
func (a *authorizer) everybody() access {
	all := access{}
	for name, mode := range authDirectives {
		if a.modes[mode] {
			all[name] = nil
		}
	}
	return all
}

// access gives whom the first of some lists lets in that says so; without any it is who the
// stamp lets in.
func (a *authorizer) access(lists ...ast.DirectiveList) access {
	for _, list := range lists {
		if !isAuthorized(list) {
			continue
		}
		found := access{}
		for _, directive := range list {
			if authDirectives[directive.Name] != "" {
				found[directive.Name] = groups(directive)
			}
		}
		return found
	}
	return a.everybody()
}

// groups are those that a directive names, nil when it names none.
func groups(directive *ast.Directive) []string {
	var names []string
	for _, argument := range directive.Arguments {
		for _, child := range argument.Value.Children {
			names = append(names, child.Value.Raw)
		}
	}
	return names
}

// covers says whether all whom others let in are let in.
func (a access) covers(others access) bool {
	for name, theirs := range others {
		ours, known := a[name]
		if !known || ours != nil && (theirs == nil || slices.ContainsFunc(theirs, func(group string) bool { return !slices.Contains(ours, group) })) {
			return false
		}
	}
	return true
}

// and are the callers that both let in.
func (a access) and(others access) access {
	both := access{}
	for name, ours := range a {
		theirs, known := others[name]
		switch {
		case !known:
		case ours == nil:
			both[name] = theirs
		case theirs == nil:
			both[name] = ours
		default:
			if common := slices.DeleteFunc(slices.Clone(ours), func(group string) bool { return !slices.Contains(theirs, group) }); len(common) > 0 {
				both[name] = common
			}
		}
	}
	return both
}

// directives are those that let in these callers only.
func (a access) directives() ast.DirectiveList {
	var list ast.DirectiveList
	for _, name := range slices.Sorted(maps.Keys(a)) {
		directive := &ast.Directive{Name: name}
		if len(a[name]) > 0 {
			value := &ast.Value{Kind: ast.ListValue}
			for _, group := range a[name] {
				value.Children = append(value.Children, &ast.ChildValue{Value: &ast.Value{Kind: ast.StringValue, Raw: group}})
			}
			directive.Arguments = ast.ArgumentList{{Name: directiveRules[name].argument, Value: value}}
		}
		list = append(list, directive)
	}
	return list
}

// narrow closes a kept field to callers whom its types would now show what they did not when
// somebody owned it: the types may be another owner's by now, and the resolver still gives the
// former owner's data. A field that nobody may use then is kept closed, for its resolver.
func (c *Composer) narrow(k KeptField, now func(name string) *ast.Definition) KeptField {
	if len(c.auth.modes) == 0 {
		return k
	}
	before := c.auth.access(k.field.Directives)
	allowed := before
	for _, was := range k.types {
		is := now(was.Name)
		if is == nil {
			continue
		}
		for _, field := range was.Fields {
			known := c.auth.access(field.Directives, was.Directives)
			if same := is.Fields.ForName(field.Name); same != nil && !known.covers(c.auth.access(same.Directives, is.Directives)) {
				allowed = allowed.and(known)
			}
		}
	}
	if allowed.covers(before) {
		return k
	}
	if len(allowed) == 0 {
		allowed = c.auth.nobody()
	}
	field := *k.field
	field.Directives = slices.DeleteFunc(slices.Clone(field.Directives), func(d *ast.Directive) bool { return authDirectives[d.Name] != "" })
	field.Directives = append(field.Directives, allowed.directives()...)
	normaliseDirectives(field.Directives)
	k.field = &field
	return k
}

// nobody is as few callers as can be said: a group without users, or else signed requests,
// which need a policy for the field as well.
func (a *authorizer) nobody() access {
	if a.modes[CognitoUserPools] {
		return access{"aws_cognito_user_pools": {nobodysGroup}}
	}
	return access{"aws_iam": nil}
}
