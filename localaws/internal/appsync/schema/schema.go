// Package schema reads a schema document the way AppSync does.
//
//  1. [Parse] parses the SDL with gqlparser.
//  2. It refuses what AppSync refuses although GraphQL allows it: type extensions,
//     directive definitions, interfaces that implement interfaces, own scalars and
//     comments that AppSync's parser stumbles over.
//  3. It drops what AppSync drops: descriptions and comments.
//  4. It checks names and references, with graphql-java's texts and, as AppSync,
//     without line numbers.
//  5. The [Schema] answers what the control plane asks (its SDL, its fields) and
//     carries the type system that queries are validated and executed against.
package schema

import (
	_ "embed"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// ParseFailure is AppSync's answer to every document that its parser refuses.
const ParseFailure = "Failed to parse schema document - ensure it's a valid SDL-formatted document."

// MaxBytes is the largest schema document that AppSync takes, in bytes.
const MaxBytes = 1_000_000

//go:embed prelude.graphql
var prelude string

// Schema is a schema document that AppSync would accept.
type Schema struct {
	// Source is the document as it was given.
	Source string
	// Types is the type system, with AppSync's scalars and directives.
	Types    *ast.Schema
	document *ast.SchemaDocument
}

// Refusal says why AppSync ends a schema creation as FAILED. Its text is the
// status's details.
type Refusal string

// Error is the text of the refusal.
func (r Refusal) Error() string { return string(r) }

// Parse reads a document. The error is a [Refusal].
func Parse(sdl string) (*Schema, error) {
	if len(sdl) > MaxBytes {
		return nil, Refusal("Schema document is too large: the limit is 1 MB.")
	}
	document, err := parser.ParseSchema(&ast.Source{Name: "schema.graphql", Input: sdl})
	if err != nil {
		return nil, Refusal(ParseFailure)
	}
	if err := refuse(document); err != nil {
		return nil, err
	}
	normalize(document)
	if err := check(document); err != nil {
		return nil, err
	}
	types, err := build(document)
	if err != nil {
		return nil, Refusal(ParseFailure)
	}
	return &Schema{Source: sdl, Types: types, document: document}, nil
}

// build makes the type system from a copy of the document, because gqlparser adds
// the introspection fields to the definitions that it is given.
func build(document *ast.SchemaDocument) (*ast.Schema, error) {
	all, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "appsync.graphql", Input: prelude, BuiltIn: true})
	if err != nil {
		return nil, err
	}
	all.Merge(copyDocument(document, func(*ast.Directive) bool { return true }))
	types, err := validator.ValidateSchemaDocument(all)
	if err != nil {
		return nil, err
	}
	return types, nil
}

// Root is the name of the type of an operation ("query", "mutation",
// "subscription"), empty if the schema has none.
func (s *Schema) Root(operation ast.Operation) string {
	definition := map[ast.Operation]*ast.Definition{
		ast.Query: s.Types.Query, ast.Mutation: s.Types.Mutation, ast.Subscription: s.Types.Subscription,
	}[operation]
	if definition == nil {
		return ""
	}
	return definition.Name
}

// Definition is the document's own definition of a type, nil if it has none.
func (s *Schema) Definition(name string) *ast.Definition {
	return s.document.Definitions.ForName(name)
}

// HasField says whether the type has the field. Only types that have fields with
// resolvers count: objects.
func (s *Schema) HasField(typeName, field string) bool {
	definition := s.Definition(typeName)
	return definition != nil && definition.Kind == ast.Object && definition.Fields.ForName(field) != nil
}

// TypeNames are the names of the document's types, sorted.
func (s *Schema) TypeNames() []string {
	names := make([]string, 0, len(s.document.Definitions))
	for _, definition := range s.document.Definitions {
		names = append(names, definition.Name)
	}
	slices.Sort(names)
	return names
}
