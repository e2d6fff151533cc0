package e2e

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// arguments are values for a field's required arguments, of something that does not exist.
func arguments(schema *ast.SchemaDocument, field *ast.FieldDefinition) string {
	var parts []string
	for _, argument := range field.Arguments {
		if argument.Type.NonNull && argument.DefaultValue == nil {
			parts = append(parts, argument.Name+": "+value(schema, argument.Type))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func value(schema *ast.SchemaDocument, typ *ast.Type) string {
	if typ.Elem != nil {
		return "[" + value(schema, typ.Elem) + "]"
	}
	switch typ.NamedType {
	case "Int", "Float":
		return "1"
	case "Boolean":
		return "true"
	case "AWSEmail":
		return `"a@example.com"`
	case "AWSJSON":
		return `"{}"`
	}
	def := schema.Definitions.ForName(typ.NamedType)
	if def == nil {
		return `"nobody"`
	}
	if def.Kind == ast.Enum {
		return def.EnumValues[0].Name
	}
	var fields []string
	for _, field := range def.Fields {
		if field.Type.NonNull && field.DefaultValue == nil {
			fields = append(fields, field.Name+": "+value(schema, field.Type))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// selection selects everything that needs no arguments, so many levels deep.
func selection(schema *ast.SchemaDocument, typ *ast.Type, depth int) string {
	def := schema.Definitions.ForName(typ.Name())
	if def == nil || def.Kind == ast.Enum || def.Kind == ast.Scalar {
		return ""
	}
	fields := []string{"__typename"}
	for _, field := range def.Fields {
		below := schema.Definitions.ForName(field.Type.Name())
		leaf := below == nil || below.Kind == ast.Enum || below.Kind == ast.Scalar
		if len(field.Arguments) == 0 && (leaf || depth > 0) {
			fields = append(fields, field.Name+selection(schema, field.Type, depth-1))
		}
	}
	return " { " + strings.Join(fields, " ") + " }"
}
