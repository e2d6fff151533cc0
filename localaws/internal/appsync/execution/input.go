package execution

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// coerceVariables checks the variables against their declared types and turns them
// into what resolvers get.
func coerceVariables(types *ast.Schema, operation *ast.OperationDefinition, given map[string]any) (map[string]any, *Error) {
	result := map[string]any{}
	for _, definition := range operation.VariableDefinitions {
		name := definition.Variable
		value, ok := given[name]
		if !ok && definition.DefaultValue != nil {
			value, ok = rawLiteral(definition.DefaultValue, nil), true
		}
		if !ok && !definition.Type.NonNull {
			continue
		}
		coerced, err := coerce(types, definition.Type, value)
		if err != nil {
			return nil, err.of(definition)
		}
		result[name] = coerced
	}
	return result, nil
}

// inputError is why a value does not fit; exactly one field is set.
type inputError struct {
	// null is the non-null type that got null, unknown the input type that got a
	// field that it does not have, invalid any other misfit.
	null, unknown, invalid string
}

// of words the error of a variable as AppSync does.
func (e *inputError) of(definition *ast.VariableDefinition) *Error {
	switch {
	case e.null != "":
		return &Error{Message: fmt.Sprintf("Variable '%s' has coerced Null value for NonNull type '%s'", definition.Variable, e.null),
			Locations: locate(definition.Position)}
	case e.unknown != "":
		return &Error{Message: fmt.Sprintf("The variables input contains a field that is not defined for input object type '%s' ", e.unknown)}
	default:
		return &Error{Message: fmt.Sprintf("Variable '%s' has an invalid value.", definition.Variable), Locations: locate(definition.Position)}
	}
}

// coerce turns a JSON value into what resolvers get for the type.
func coerce(types *ast.Schema, expected *ast.Type, value any) (any, *inputError) {
	variable, coerced := value.(raw)
	if coerced {
		value = variable.value
	}
	if value == nil && expected.NonNull {
		return nil, &inputError{null: expected.String()}
	}
	if value == nil || coerced {
		return value, nil
	}
	if expected.Elem != nil {
		return coerceList(types, expected.Elem, value)
	}
	definition := types.Types[expected.NamedType]
	switch definition.Kind {
	case ast.InputObject:
		return coerceObject(types, definition, value)
	case ast.Enum:
		if name, ok := value.(string); ok && definition.EnumValues.ForName(name) != nil {
			return name, nil
		}
	default:
		if parsed, err := parseScalar(definition.Name, value); err == nil {
			return parsed, nil
		}
	}
	return nil, &inputError{invalid: definition.Name}
}

func coerceList(types *ast.Schema, element *ast.Type, value any) (any, *inputError) {
	values, ok := value.([]any)
	if !ok {
		values = []any{value} // one value stands for a list of one
	}
	result := make([]any, len(values))
	for i := range values {
		coerced, err := coerce(types, element, values[i])
		if err != nil {
			return nil, err
		}
		result[i] = coerced
	}
	return result, nil
}

func coerceObject(types *ast.Schema, definition *ast.Definition, value any) (any, *inputError) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, &inputError{invalid: definition.Name}
	}
	for name := range fields {
		if definition.Fields.ForName(name) == nil {
			return nil, &inputError{unknown: definition.Name}
		}
	}
	result := map[string]any{}
	for _, field := range definition.Fields {
		given, ok := fields[field.Name]
		if !ok && field.DefaultValue != nil {
			given, ok = rawLiteral(field.DefaultValue, nil), true
		}
		if !ok && !field.Type.NonNull {
			continue
		}
		coerced, err := coerce(types, field.Type, given)
		if err != nil {
			return nil, err
		}
		result[field.Name] = coerced
	}
	return result, nil
}

// raw is a variable's value inside a literal: coerced already.
type raw struct{ value any }

// rawLiteral is the JSON value of a literal; variables in it become [raw]. Object
// fields whose variable was not given are left out.
func rawLiteral(value *ast.Value, variables map[string]any) any {
	switch value.Kind {
	case ast.Variable:
		return raw{variables[value.Raw]}
	case ast.ListValue:
		list := make([]any, 0, len(value.Children))
		for _, child := range value.Children {
			list = append(list, rawLiteral(child.Value, variables))
		}
		return list
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range value.Children {
			if !absent(child.Value, variables) {
				object[child.Name] = rawLiteral(child.Value, variables)
			}
		}
		return object
	default:
		literal, err := literalOf(value)
		if err != nil {
			return nil // the document was validated, so this is no literal of any type
		}
		return literal
	}
}

func absent(value *ast.Value, variables map[string]any) bool {
	if value.Kind != ast.Variable {
		return false
	}
	_, ok := variables[value.Raw]
	return !ok
}

// arguments are a field's coerced arguments.
func (r *run) arguments(definitions ast.ArgumentDefinitionList, given ast.ArgumentList) (map[string]any, error) {
	result := map[string]any{}
	for _, definition := range definitions {
		argument := given.ForName(definition.Name)
		var value any
		switch {
		case argument != nil && !absent(argument.Value, r.variables):
			value = rawLiteral(argument.Value, r.variables)
		case definition.DefaultValue != nil:
			value = rawLiteral(definition.DefaultValue, nil)
		case !definition.Type.NonNull:
			continue
		}
		coerced, err := r.coerceArgument(definition.Type, value)
		if err != nil {
			return nil, fmt.Errorf("Argument '%s' has an invalid value: %w", definition.Name, err)
		}
		result[definition.Name] = coerced
	}
	return result, nil
}

func (r *run) coerceArgument(expected *ast.Type, value any) (any, error) {
	coerced, err := coerce(r.types, expected, value)
	switch {
	case err == nil:
		return coerced, nil
	case err.null != "":
		return nil, fmt.Errorf("null for the non-null type '%s'", err.null)
	default:
		return nil, fmt.Errorf("not a '%s'", err.invalid+err.unknown)
	}
}
