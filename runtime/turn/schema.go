package turn

import (
	"bytes"
	"embed"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema/*.json
var schemaFiles embed.FS

// Kinds are all kinds of turn.
func Kinds() []Kind {
	return []Kind{Decide, Project, Publish, React, Call, Translate, RunTask, AnswerQuery}
}

// TurnSchema is the JSON Schema (draft 2020-12) of the turns of a kind, nil for an
// unknown kind.
func TurnSchema(kind Kind) []byte { return schemaFile(kind, "turn") }

// AnswerSchema is the JSON Schema (draft 2020-12) of the answers to turns of a kind,
// nil for an unknown kind.
func AnswerSchema(kind Kind) []byte { return schemaFile(kind, "answer") }

// schemaFile reads an embedded schema.
func schemaFile(kind Kind, part string) []byte {
	content, err := schemaFiles.ReadFile(fmt.Sprintf("schema/%s.%s.json", kind, part))
	if err != nil {
		return nil
	}
	return content
}

// answerSchemas compiles each schema of answers when it is needed first: a function
// needs one or two of them, and it should start fast.
var answerSchemas = func() map[Kind]func() (*jsonschema.Schema, error) {
	schemas := map[Kind]func() (*jsonschema.Schema, error){}
	for _, kind := range Kinds() {
		schemas[kind] = sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(AnswerSchema(kind)) })
	}
	return schemas
}()

// compile compiles one self-contained schema.
func compile(content []byte) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	const location = "schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(location, document); err != nil {
		return nil, err
	}
	return compiler.Compile(location)
}
