package validate

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// schemaFile is what problems call the text of the `schema` argument.
const schemaFile = "schema"

// Fragment parses a plugin's schema. It returns problems, or the fragment and what the
// other checks need to know of it.
func Fragment(plugin declaration.Plugin) (*schema.Fragment, *Schema, []Problem) {
	sdl := plugin.Schema
	if strings.TrimSpace(sdl) == "" {
		return nil, nil, []Problem{{Path: schemaFile, Reason: "the schema is empty; give the plugin's part of the API, " +
			"such as `schema: {fn::readFile: ../catalog/schema.graphql}`"}}
	}
	fragment, refused := schema.ParseFragment(plugin.Name, schemaFile, sdl, schema.WithFeeds(feeds(plugin)...))
	if len(refused) > 0 {
		problems := make([]Problem, len(refused))
		for i, problem := range refused {
			problems[i] = Problem{Path: SchemaPath(problem.Line, problem.Column), Reason: problem.Message}
		}
		return nil, nil, problems
	}
	known := &Schema{Types: map[string]*ast.Definition{}}
	for _, field := range fragment.RootFields() {
		known.Fields = append(known.Fields, RootField{
			Type: field.Type, Name: field.Name, Line: field.Line, Column: field.Column, Definition: field.Definition,
		})
	}
	for _, definition := range fragment.Document().Definitions {
		known.Types[definition.Name] = definition
	}
	return fragment, known, nil
}
