package execution

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// introspector is the source of __schema and __type. Its values compute their
// properties, so that the types' cycles cost nothing; the ordinary execution selects
// from them.
type introspector struct{ types *ast.Schema }

func (i *introspector) property(name string, arguments map[string]any) any {
	switch name {
	case "__schema":
		return &schemaView{i.types}
	case "__type":
		wanted, _ := arguments["name"].(string)
		return viewNamed(i.types, wanted)
	}
	return nil
}

type schemaView struct{ types *ast.Schema }

func (s *schemaView) property(name string, _ map[string]any) any {
	switch name {
	case "queryType":
		return view(s.types, s.types.Query)
	case "mutationType":
		return view(s.types, s.types.Mutation)
	case "subscriptionType":
		return view(s.types, s.types.Subscription)
	case "types":
		return s.allTypes()
	case "directives":
		return s.directives()
	}
	return nil
}

func (s *schemaView) allTypes() any {
	var names []string
	for name := range s.types.Types {
		names = append(names, name)
	}
	slices.Sort(names)
	result := []any{}
	for _, name := range names {
		result = append(result, viewNamed(s.types, name))
	}
	return result
}

// directives lists those that a query may use; AppSync's own are not shown.
func (s *schemaView) directives() any {
	result := []any{}
	for _, name := range []string{"include", "skip", "deprecated", "specifiedBy"} {
		if directive := s.types.Directives[name]; directive != nil {
			result = append(result, &directiveView{s.types, directive})
		}
	}
	return result
}

type directiveView struct {
	types     *ast.Schema
	directive *ast.DirectiveDefinition
}

func (d *directiveView) property(name string, _ map[string]any) any {
	switch name {
	case "name":
		return d.directive.Name
	case "description":
		return text(d.directive.Description)
	case "locations":
		result := []any{}
		for _, location := range d.directive.Locations {
			result = append(result, string(location))
		}
		return result
	case "args":
		return argumentViews(d.types, d.directive.Arguments)
	case "isRepeatable":
		return d.directive.IsRepeatable
	}
	return nil
}

// text is null for an empty description.
func text(description string) any {
	if description == "" {
		return nil
	}
	return description
}

// typeView is a named type, listView and nonNullView wrap another.
type typeView struct {
	types      *ast.Schema
	definition *ast.Definition
}

func view(types *ast.Schema, definition *ast.Definition) any {
	if definition == nil {
		return nil
	}
	return &typeView{types, definition}
}

func viewNamed(types *ast.Schema, name string) any { return view(types, types.Types[name]) }

func (t *typeView) property(name string, arguments map[string]any) any {
	deprecated, _ := arguments["includeDeprecated"].(bool)
	switch name {
	case "kind":
		return string(t.definition.Kind)
	case "name":
		return t.definition.Name
	case "description":
		return text(t.definition.Description)
	case "fields":
		return t.fields(deprecated)
	case "inputFields":
		return t.inputFields()
	case "interfaces":
		return t.interfaces()
	case "possibleTypes":
		return t.possibleTypes()
	case "enumValues":
		return t.enumValues(deprecated)
	}
	return nil
}

func (t *typeView) fields(deprecated bool) any {
	if t.definition.Kind != ast.Object && t.definition.Kind != ast.Interface {
		return nil
	}
	result := []any{}
	for _, field := range t.definition.Fields {
		if strings.HasPrefix(field.Name, "__") || !deprecated && field.Directives.ForName("deprecated") != nil {
			continue
		}
		result = append(result, &fieldView{t.types, field})
	}
	return result
}

func (t *typeView) inputFields() any {
	if t.definition.Kind != ast.InputObject {
		return nil
	}
	result := []any{}
	for _, field := range t.definition.Fields {
		result = append(result, &inputView{t.types, field.Name, field.Description, field.Type, field.DefaultValue})
	}
	return result
}

func (t *typeView) interfaces() any {
	if t.definition.Kind != ast.Object {
		return nil
	}
	result := []any{}
	for _, name := range t.definition.Interfaces {
		result = append(result, viewNamed(t.types, name))
	}
	return result
}

func (t *typeView) possibleTypes() any {
	if !t.definition.IsAbstractType() {
		return nil
	}
	result := []any{}
	for _, definition := range t.types.PossibleTypes[t.definition.Name] {
		result = append(result, view(t.types, definition))
	}
	return result
}

func (t *typeView) enumValues(deprecated bool) any {
	if t.definition.Kind != ast.Enum {
		return nil
	}
	result := []any{}
	for _, value := range t.definition.EnumValues {
		if deprecated || value.Directives.ForName("deprecated") == nil {
			result = append(result, &valueView{value})
		}
	}
	return result
}
