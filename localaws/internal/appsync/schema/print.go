package schema

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// SDL prints the document with its schema definition, as GetIntrospectionSchema
// does. Without directives only @deprecated is kept.
func (s *Schema) SDL(directives bool) string {
	document := copyDocument(s.document, keepDirectives(directives))
	if len(document.Schema) == 0 {
		document.Schema = ast.SchemaDefinitionList{s.schemaDefinition()}
	}
	return render(document)
}

// TypeSDL prints one type, empty if the document does not define it.
func (s *Schema) TypeSDL(name string) string {
	definition := s.Definition(name)
	if definition == nil {
		return ""
	}
	return render(&ast.SchemaDocument{Definitions: ast.DefinitionList{definition}})
}

func render(document *ast.SchemaDocument) string {
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  "), formatter.WithoutDescription()).FormatSchemaDocument(document)
	return text.String()
}

func keepDirectives(all bool) func(*ast.Directive) bool {
	return func(directive *ast.Directive) bool { return all || directive.Name == "deprecated" }
}

func (s *Schema) schemaDefinition() *ast.SchemaDefinition {
	definition := &ast.SchemaDefinition{}
	for _, operation := range []ast.Operation{ast.Query, ast.Mutation, ast.Subscription} {
		if name := s.Root(operation); name != "" {
			definition.OperationTypes = append(definition.OperationTypes, &ast.OperationTypeDefinition{Operation: operation, Type: name})
		}
	}
	return definition
}

// copyDocument copies the document's definitions down to their fields, with the
// directives that keep says yes to.
func copyDocument(document *ast.SchemaDocument, keep func(*ast.Directive) bool) *ast.SchemaDocument {
	result := &ast.SchemaDocument{}
	for _, definition := range document.Schema {
		other := *definition
		other.Directives = filter(definition.Directives, keep)
		result.Schema = append(result.Schema, &other)
	}
	for _, definition := range document.Definitions {
		other := *definition
		other.Directives = filter(definition.Directives, keep)
		other.Fields = copyFields(definition.Fields, keep)
		other.EnumValues = copyValues(definition.EnumValues, keep)
		result.Definitions = append(result.Definitions, &other)
	}
	return result
}

func copyFields(fields ast.FieldList, keep func(*ast.Directive) bool) ast.FieldList {
	var result ast.FieldList
	for _, field := range fields {
		other := *field
		other.Directives = filter(field.Directives, keep)
		result = append(result, &other)
	}
	return result
}

func copyValues(values ast.EnumValueList, keep func(*ast.Directive) bool) ast.EnumValueList {
	var result ast.EnumValueList
	for _, value := range values {
		other := *value
		other.Directives = filter(value.Directives, keep)
		result = append(result, &other)
	}
	return result
}

func filter(directives ast.DirectiveList, keep func(*ast.Directive) bool) ast.DirectiveList {
	var result ast.DirectiveList
	for _, directive := range directives {
		if keep(directive) {
			result = append(result, directive)
		}
	}
	return result
}
