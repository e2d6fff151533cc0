package schema

import (
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkDefault holds a default value against its type, by
// https://spec.graphql.org/October2021/#sec-Values-of-Correct-Type.
func (c *checker) checkDefault(s subject, typ *ast.Type, value *ast.Value) {
	switch {
	case value.Kind == ast.NullValue:
		if typ.NonNull {
			c.refuseDefault(s, typ, value)
		}
	case typ.Elem != nil && value.Kind != ast.ListValue:
		c.checkDefault(s, typ.Elem, value)
	case typ.Elem != nil:
		for _, child := range value.Children {
			c.checkDefault(s, typ.Elem, child.Value)
		}
	default:
		c.checkNamedDefault(s, typ, value)
	}
}

func (c *checker) refuseDefault(s subject, typ *ast.Type, value *ast.Value) {
	text := value.String()
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	c.refuse(value.Position, "the default of %s is %s, which is not a value of type %s; correct it or remove it", s, text, typ)
}

func (c *checker) checkNamedDefault(s subject, typ *ast.Type, value *ast.Value) {
	def := c.known(typ.NamedType)
	switch {
	case def == nil:
	case def.Kind == ast.Enum:
		if value.Kind != ast.EnumValue || !c.shape(def).values[value.Raw] {
			c.refuseDefault(s, typ, value)
		}
	case def.Kind == ast.InputObject:
		c.checkObjectDefault(s, typ, def, value)
	case !isScalarValue(def.Name, value):
		c.refuseDefault(s, typ, value)
	}
}

// shape is what default values of one enum or input type are checked against. It is
// kept, because a long list may hold many values of the same type.
type shape struct {
	values   map[string]bool
	fields   map[string]*ast.FieldDefinition
	required []string
}

func (c *checker) shape(def *ast.Definition) *shape {
	if known := c.shapes[def]; known != nil {
		return known
	}
	s := &shape{values: map[string]bool{}, fields: map[string]*ast.FieldDefinition{}}
	for _, value := range def.EnumValues {
		s.values[value.Name] = true
	}
	for _, field := range def.Fields {
		s.fields[field.Name] = field
		if field.Type.NonNull && field.DefaultValue == nil {
			s.required = append(s.required, field.Name)
		}
	}
	if c.shapes == nil {
		c.shapes = map[*ast.Definition]*shape{}
	}
	c.shapes[def] = s
	return s
}

func (c *checker) checkObjectDefault(s subject, typ *ast.Type, def *ast.Definition, value *ast.Value) {
	if value.Kind != ast.ObjectValue {
		c.refuseDefault(s, typ, value)
		return
	}
	input := c.shape(def)
	given := make(map[string]bool, len(value.Children))
	for _, child := range value.Children {
		field := input.fields[child.Name]
		switch {
		case field == nil:
			c.refuse(child.Position, "the default of %s sets the field %s, which input %s does not have; remove it.%s", s, child.Name, def.Name, c.suggest(child.Name, fieldNames(def.Fields)))
		case given[child.Name]:
			c.refuse(child.Position, "the default of %s sets the field %s twice; remove one of them", s, child.Name)
		default:
			c.checkDefault(s, field.Type, child.Value)
		}
		given[child.Name] = true
	}
	for _, name := range input.required {
		if len(c.problems) < maxProblems && !given[name] {
			c.refuse(value.Position, "the default of %s lacks the required field %s of input %s; add it", s, name, def.Name)
		}
	}
}

// isScalarValue tells whether a literal can be a value of a scalar. The texts of
// AppSync's own scalars are not looked into.
func isScalarValue(scalar string, value *ast.Value) bool {
	switch scalar {
	case "Int":
		n, err := strconv.ParseInt(value.Raw, 10, 64)
		return value.Kind == ast.IntValue && err == nil && n >= math.MinInt32 && n <= math.MaxInt32
	case "Float":
		return value.Kind == ast.IntValue || value.Kind == ast.FloatValue
	case "Boolean":
		return value.Kind == ast.BooleanValue
	case "ID":
		return isString(value) || value.Kind == ast.IntValue
	case "AWSTimestamp":
		return value.Kind == ast.IntValue
	default:
		return isString(value)
	}
}

func fieldNames(fields ast.FieldList) []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names
}
