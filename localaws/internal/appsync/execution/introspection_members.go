package execution

import "github.com/vektah/gqlparser/v2/ast"

// typeReference is the view of a type as a field or an argument has it.
func typeReference(types *ast.Schema, reference *ast.Type) any {
	switch {
	case reference.NonNull:
		inner := *reference
		inner.NonNull = false
		return &wrapperView{types, "NON_NULL", &inner}
	case reference.Elem != nil:
		return &wrapperView{types, "LIST", reference.Elem}
	default:
		return viewNamed(types, reference.NamedType)
	}
}

// wrapperView is a list or a non-null type.
type wrapperView struct {
	types *ast.Schema
	kind  string
	inner *ast.Type
}

func (w *wrapperView) property(name string, _ map[string]any) any {
	switch name {
	case "kind":
		return w.kind
	case "ofType":
		return typeReference(w.types, w.inner)
	}
	return nil
}

// deprecation is the reason of an element's @deprecated; false if it has none.
func deprecation(directives ast.DirectiveList) (any, bool) {
	directive := directives.ForName("deprecated")
	if directive == nil {
		return nil, false
	}
	if reason := directive.Arguments.ForName("reason"); reason != nil {
		return reason.Value.Raw, true
	}
	return "No longer supported", true
}

type fieldView struct {
	types *ast.Schema
	field *ast.FieldDefinition
}

func (f *fieldView) property(name string, _ map[string]any) any {
	reason, deprecated := deprecation(f.field.Directives)
	switch name {
	case "name":
		return f.field.Name
	case "description":
		return text(f.field.Description)
	case "args":
		return argumentViews(f.types, f.field.Arguments)
	case "type":
		return typeReference(f.types, f.field.Type)
	case "isDeprecated":
		return deprecated
	case "deprecationReason":
		return reason
	}
	return nil
}

type valueView struct{ value *ast.EnumValueDefinition }

func (v *valueView) property(name string, _ map[string]any) any {
	reason, deprecated := deprecation(v.value.Directives)
	switch name {
	case "name":
		return v.value.Name
	case "description":
		return text(v.value.Description)
	case "isDeprecated":
		return deprecated
	case "deprecationReason":
		return reason
	}
	return nil
}

func argumentViews(types *ast.Schema, arguments ast.ArgumentDefinitionList) any {
	result := []any{}
	for _, argument := range arguments {
		result = append(result, &inputView{types, argument.Name, argument.Description, argument.Type, argument.DefaultValue})
	}
	return result
}

// inputView is an argument or an input field.
type inputView struct {
	types             *ast.Schema
	name, description string
	kind              *ast.Type
	defaultValue      *ast.Value
}

func (i *inputView) property(name string, _ map[string]any) any {
	switch name {
	case "name":
		return i.name
	case "description":
		return text(i.description)
	case "type":
		return typeReference(i.types, i.kind)
	case "defaultValue":
		if i.defaultValue != nil {
			return i.defaultValue.String()
		}
	case "isDeprecated":
		return false
	}
	return nil
}
