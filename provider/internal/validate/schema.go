package validate

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Schema is what the checks need to know of a plugin's schema fragment, with type
// extensions folded into their types.
type Schema struct {
	// Fields are the fields of Query, Mutation and Subscription.
	Fields []RootField
	// Types are all other types of the fragment by name.
	Types map[string]*ast.Definition
}

// RootField is a field of Query, Mutation or Subscription.
type RootField struct {
	// Type is the root type's name.
	Type, Name   string
	Line, Column int
	Definition   *ast.FieldDefinition
}

// path is where the field stands in the schema.
func (f RootField) path() string {
	return SchemaPath(f.Line, f.Column)
}

// SchemaPath is the path of a problem at a place in the schema, 0 where unknown.
func SchemaPath(line, column int) string {
	if line == 0 {
		return "schema"
	}
	return fmt.Sprintf("schema:%d:%d", line, column)
}

// of are the fields of one root type by name.
func (s Schema) of(rootType string) map[string]RootField {
	fields := map[string]RootField{}
	for _, field := range s.Fields {
		if field.Type == rootType {
			fields[field.Name] = field
		}
	}
	return fields
}

// scalarKeys maps GraphQL scalars that can be a key of a DynamoDB index to the type of
// the key's attribute: S (string) or N (number).
var scalarKeys = map[string]string{
	"ID": "S", "String": "S", "Int": "N", "Float": "N",
	"AWSDate": "S", "AWSTime": "S", "AWSDateTime": "S", "AWSTimestamp": "N",
	"AWSEmail": "S", "AWSURL": "S", "AWSPhone": "S", "AWSIPAddress": "S",
}

// keyType is the DynamoDB type of a field as the key of an index, false when the field
// cannot be one.
func (s Schema) keyType(field *ast.FieldDefinition) (string, bool) {
	if field.Type.Elem != nil {
		return "", false
	}
	if definition := s.Types[field.Type.NamedType]; definition != nil && definition.Kind == ast.Enum {
		return "S", true
	}
	attribute, ok := scalarKeys[field.Type.NamedType]
	return attribute, ok
}

// items is the type of the rows of a page type, such as Product of
// ProductConnection { items: [Product!]! nextToken: String }; nil when the type is none.
func (s Schema) items(page *ast.Type) *ast.Definition {
	if page.Elem != nil {
		return nil
	}
	row, ok := schema.IsConnection(s.Types[page.NamedType])
	if !ok {
		return nil
	}
	return s.object(ast.NamedType(row, nil))
}

// object is the object type that a type names, nil when it names none.
func (s Schema) object(t *ast.Type) *ast.Definition {
	if t.Elem != nil {
		return nil
	}
	if definition := s.Types[t.NamedType]; definition != nil && definition.Kind == ast.Object {
		return definition
	}
	return nil
}

func fieldNames(definition *ast.Definition) []string {
	names := make([]string, len(definition.Fields))
	for i, field := range definition.Fields {
		names[i] = field.Name
	}
	return names
}

func argumentNames(field *ast.FieldDefinition) []string {
	names := make([]string, len(field.Arguments))
	for i, argument := range field.Arguments {
		names[i] = argument.Name
	}
	return names
}
