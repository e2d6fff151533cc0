package schema

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// checker collects everything that is wrong with a document's names and references.
type checker struct {
	document *ast.SchemaDocument
	problems []string
}

// check finds duplicates, missing types and unknown directives. The texts are those
// of graphql-java, on which AppSync is built, without its positions.
func check(document *ast.SchemaDocument) error {
	c := &checker{document: document}
	c.roots()
	seen := map[string]bool{}
	for _, definition := range document.Definitions {
		if seen[definition.Name] {
			c.problem("'%s' type tried to redefine existing '%s' type", definition.Name, definition.Name)
		}
		seen[definition.Name] = true
		c.definition(definition)
	}
	if len(c.problems) > 0 {
		return Refusal(strings.Join(c.problems, "\n"))
	}
	return nil
}

func (c *checker) problem(format string, values ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, values...))
}

func (c *checker) roots() {
	if len(c.document.Schema) == 0 {
		if c.document.Definitions.ForName("Query") == nil {
			c.problem("A schema MUST have a 'query' operation defined")
		}
		return
	}
	operations := c.document.Schema[0].OperationTypes
	query := false
	for _, operation := range operations {
		query = query || operation.Operation == ast.Query
		if c.kind(operation.Type) != ast.Object {
			c.problem("The operation type '%s' is not present when resolving type '%s'", operation.Type, operation.Operation)
		}
	}
	if !query {
		c.problem("A schema MUST have a 'query' operation defined")
	}
}

// kind is the kind of a type that the document may use, empty if there is none.
func (c *checker) kind(name string) ast.DefinitionKind {
	if awsScalars[name] {
		return ast.Scalar
	}
	if definition := c.document.Definitions.ForName(name); definition != nil {
		return definition.Kind
	}
	return ""
}

func (c *checker) definition(definition *ast.Definition) {
	c.directives(definition.Name, definition.Directives)
	seen := map[string]bool{}
	for _, field := range definition.Fields {
		if seen[field.Name] {
			c.problem("'%s' type tried to redefine field '%s'", definition.Name, field.Name)
		}
		seen[field.Name] = true
		c.field(definition, field)
	}
	for _, value := range definition.EnumValues {
		if seen[value.Name] {
			c.problem("'%s' type tried to redefine enum value '%s'", definition.Name, value.Name)
		}
		seen[value.Name] = true
		c.directives(definition.Name+"."+value.Name, value.Directives)
	}
	for _, member := range definition.Types {
		if c.kind(member) != ast.Object {
			c.problem("The union member type '%s' is not present when resolving type '%s'", member, definition.Name)
		}
	}
	c.interfaces(definition)
}

func (c *checker) field(definition *ast.Definition, field *ast.FieldDefinition) {
	c.directives(definition.Name+"."+field.Name, field.Directives)
	input := definition.Kind == ast.InputObject
	if !usable(c.kind(field.Type.Name()), input) {
		what := "field"
		if input {
			what = "input value"
		}
		c.problem("The %s type '%s' is not present when resolving type '%s'", what, field.Type.Name(), definition.Name)
	}
	seen := map[string]bool{}
	for _, argument := range field.Arguments {
		if seen[argument.Name] {
			c.problem("The type '%s' with field '%s' has declared an argument with a non unique name '%s'", definition.Name, field.Name, argument.Name)
		}
		seen[argument.Name] = true
		c.directives(definition.Name+"."+field.Name, argument.Directives)
		if !usable(c.kind(argument.Type.Name()), true) {
			c.problem("The input value type '%s' is not present when resolving type '%s'", argument.Type.Name(), definition.Name)
		}
	}
}

// usable says whether a type of this kind may be an input, or an output.
func usable(kind ast.DefinitionKind, input bool) bool {
	switch kind {
	case "":
		return false
	case ast.Scalar, ast.Enum:
		return true
	case ast.InputObject:
		return input
	default:
		return !input
	}
}

func (c *checker) interfaces(definition *ast.Definition) {
	for _, name := range definition.Interfaces {
		if c.kind(name) != ast.Interface {
			c.problem("The interface type '%s' is not present when resolving type '%s'", name, definition.Name)
			continue
		}
		for _, field := range c.document.Definitions.ForName(name).Fields {
			if definition.Fields.ForName(field.Name) == nil {
				c.problem("The object type '%s' does not have a field '%s' required via interface '%s'", definition.Name, field.Name, name)
			}
		}
	}
}

// knownDirectives are those that need no definition.
var knownDirectives = map[string]bool{
	"aws_api_key": true, "aws_iam": true, "aws_oidc": true, "aws_lambda": true, "aws_cognito_user_pools": true,
	"aws_auth": true, "aws_subscribe": true, "aws_publish": true, "canonical": true, "hidden": true, "renamed": true,
	"deprecated": true, "specifiedBy": true,
}

func (c *checker) directives(owner string, directives ast.DirectiveList) {
	for _, directive := range directives {
		if !knownDirectives[directive.Name] {
			c.problem("'%s' tried to use an undeclared directive '%s'", owner, directive.Name)
		}
	}
}
