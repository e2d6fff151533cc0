package execution

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// fieldGroup is all selections of one response key; they were checked to be the same
// field with the same arguments.
type fieldGroup struct {
	key    string
	fields []*ast.Field
}

func (g fieldGroup) first() *ast.Field { return g.fields[0] }

func (g fieldGroup) sets() []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, field := range g.fields {
		sets = append(sets, field.SelectionSet)
	}
	return sets
}

// collect gathers the fields that apply to an object type, in the order of the
// document, after @skip and @include and with fragments put in place.
func (r *run) collect(parent *ast.Definition, sets []ast.SelectionSet) []fieldGroup {
	c := collector{run: r, parent: parent, index: map[string]int{}}
	for _, set := range sets {
		c.add(set)
	}
	return c.groups
}

type collector struct {
	*run
	parent *ast.Definition
	groups []fieldGroup
	index  map[string]int
}

func (c *collector) add(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if c.included(selection.Directives) {
				c.field(selection)
			}
		case *ast.InlineFragment:
			if c.included(selection.Directives) && c.applies(selection.TypeCondition) {
				c.add(selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			if c.included(selection.Directives) && c.applies(selection.Definition.TypeCondition) {
				c.add(selection.Definition.SelectionSet)
			}
		}
	}
}

func (c *collector) field(field *ast.Field) {
	at, ok := c.index[field.Alias]
	if !ok {
		at = len(c.groups)
		c.index[field.Alias] = at
		c.groups = append(c.groups, fieldGroup{key: field.Alias})
	}
	c.groups[at].fields = append(c.groups[at].fields, field)
}

// applies says whether a fragment on the type applies to the object type.
func (c *collector) applies(condition string) bool {
	return condition == "" || condition == c.parent.Name ||
		slices.ContainsFunc(c.types.PossibleTypes[condition], func(d *ast.Definition) bool { return d.Name == c.parent.Name })
}

// included evaluates @skip and @include.
func (r *run) included(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		condition, _ := directive.ArgumentMap(r.variables)["if"].(bool)
		if directive.Name == "skip" && condition || directive.Name == "include" && !condition {
			return false
		}
	}
	return true
}

// selections lists the fields below a field as AppSync's selectionSetList does:
// every path of response keys, parents before children.
func (r *run) selections(sets []ast.SelectionSet, prefix string) []string {
	result := []string{}
	add := func(paths ...string) {
		for _, path := range paths {
			if !slices.Contains(result, path) {
				result = append(result, path)
			}
		}
	}
	for _, set := range sets {
		for _, selection := range set {
			switch selection := selection.(type) {
			case *ast.Field:
				if r.included(selection.Directives) {
					path := prefix + selection.Alias
					add(path)
					add(r.selections([]ast.SelectionSet{selection.SelectionSet}, path+"/")...)
				}
			case *ast.InlineFragment:
				add(r.selections([]ast.SelectionSet{selection.SelectionSet}, prefix)...)
			case *ast.FragmentSpread:
				add(r.selections([]ast.SelectionSet{selection.Definition.SelectionSet}, prefix)...)
			}
		}
	}
	return result
}

// selectionText prints selections as GraphQL.
func selectionText(sets []ast.SelectionSet) string {
	var all ast.SelectionSet
	for _, set := range sets {
		all = append(all, set...)
	}
	if len(all) == 0 {
		return ""
	}
	var text strings.Builder
	operation := &ast.OperationDefinition{Operation: ast.Query, SelectionSet: all}
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{operation}})
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text.String()), "query"))
}
