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
func Kinds() []Kind { return []Kind{Decide, Project, Publish, React} }

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
var answerSchemas = map[Kind]func() (*jsonschema.Schema, error){
	Decide:  sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(AnswerSchema(Decide)) }),
	Project: sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(AnswerSchema(Project)) }),
	Publish: sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(AnswerSchema(Publish)) }),
	React:   sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(AnswerSchema(React)) }),
}

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
