package execution

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// literalRule is the name of the rule that checks the values written in a document.
// Its name is the errorType's, so that its message needs no further wording.
const literalRule = "WrongType"

// checkLiterals checks every argument's value; each argument is reported at most
// once, as graphql-java does.
func checkLiterals(observers *core.Events, report core.AddErrFunc) {
	observers.OnField(func(walker *core.Walker, field *ast.Field) {
		if field.Definition == nil {
			return
		}
		for _, argument := range field.Arguments {
			definition := field.Definition.Arguments.ForName(argument.Name)
			if definition == nil {
				continue
			}
			checker := literalChecker{types: walker.Schema}
			if !checker.valid(argument.Value, definition.Type, argument.Name) {
				report(core.Message("argument '%s' with value '%s' %s", checker.path, show(argument.Value), checker.complaint), core.At(argument.Position))
			}
		}
	})
}

// literalChecker finds the first thing wrong with a value.
type literalChecker struct {
	types           *ast.Schema
	path, complaint string
}

func (c *literalChecker) fail(path, format string, values ...any) bool {
	c.path, c.complaint = path, fmt.Sprintf(format, values...)
	return false
}

func (c *literalChecker) valid(value *ast.Value, expected *ast.Type, path string) bool {
	switch {
	case value.Kind == ast.Variable:
		return true // the rule about variables' positions checks it
	case value.Kind == ast.NullValue:
		return !expected.NonNull || c.fail(path, "must not be null")
	case expected.Elem != nil:
		return c.list(value, expected.Elem, path)
	}
	definition := c.types.Types[expected.NamedType]
	switch definition.Kind {
	case ast.Scalar:
		return validScalarLiteral(definition.Name, value) || c.fail(path, "is not a valid '%s'", definition.Name)
	case ast.Enum:
		return value.Kind == ast.EnumValue && definition.EnumValues.ForName(value.Raw) != nil ||
			c.fail(path, "is not a valid '%s'", definition.Name)
	default:
		return c.object(value, definition, path)
	}
}

func (c *literalChecker) list(value *ast.Value, element *ast.Type, path string) bool {
	if value.Kind != ast.ListValue {
		return c.valid(value, element, path)
	}
	for i, child := range value.Children {
		if !c.valid(child.Value, element, fmt.Sprintf("%s[%d]", path, i)) {
			return false
		}
	}
	return true
}

func (c *literalChecker) object(value *ast.Value, definition *ast.Definition, path string) bool {
	if value.Kind != ast.ObjectValue {
		return c.fail(path, "must be an object type")
	}
	var missing []string
	for _, field := range definition.Fields {
		if field.Type.NonNull && field.DefaultValue == nil && value.Children.ForName(field.Name) == nil {
			missing = append(missing, field.Name)
		}
	}
	if len(missing) > 0 {
		return c.fail(path, "is missing required fields '[%s]'", strings.Join(missing, ", "))
	}
	for _, child := range value.Children {
		field := definition.Fields.ForName(child.Name)
		if field == nil {
			return c.fail(path, "contains a field not in '%s': '%s'", definition.Name, child.Name)
		}
		if !c.valid(child.Value, field.Type, path+"."+child.Name) {
			return false
		}
	}
	return true
}

// validScalarLiteral says whether a literal may stand for a scalar.
func validScalarLiteral(scalar string, value *ast.Value) bool {
	if value.Kind == ast.ObjectValue || value.Kind == ast.ListValue || value.Kind == ast.EnumValue {
		return false
	}
	literal, err := literalOf(value)
	if err != nil {
		return false
	}
	_, err = parseScalar(scalar, literal)
	return err == nil
}

// show prints a value as graphql-java's syntax tree prints itself.
func show(value *ast.Value) string {
	switch value.Kind {
	case ast.Variable:
		return "VariableReference{name='" + value.Raw + "'}"
	case ast.IntValue:
		return "IntValue{value=" + value.Raw + "}"
	case ast.FloatValue:
		return "FloatValue{value=" + value.Raw + "}"
	case ast.BooleanValue:
		return "BooleanValue{value=" + value.Raw + "}"
	case ast.EnumValue:
		return "EnumValue{name='" + value.Raw + "'}"
	case ast.NullValue:
		return "NullValue{}"
	case ast.ListValue:
		return "ArrayValue{values=[" + strings.Join(showAll(value, false), ", ") + "]}"
	case ast.ObjectValue:
		return "ObjectValue{objectFields=[" + strings.Join(showAll(value, true), ", ") + "]}"
	default:
		return "StringValue{value='" + value.Raw + "'}"
	}
}

func showAll(value *ast.Value, fields bool) []string {
	var result []string
	for _, child := range value.Children {
		text := show(child.Value)
		if fields {
			text = "ObjectField{name='" + child.Name + "', value=" + text + "}"
		}
		result = append(result, text)
	}
	return result
}
