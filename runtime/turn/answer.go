package turn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// ParseAnswer reads the answer to a turn of the given kind and validates it against
// [AnswerSchema]. An answer that does not match is a [*HandlerError] of the kind
// [InvalidAnswer], whose message names for each problem the path, what is expected
// there and what came. Values are not part of it, they may be secret.
func ParseAnswer(k Kind, answer []byte) (Answer, error) {
	compiled, known := answerSchemas[k]
	if !known {
		return Answer{}, fmt.Errorf("there are no turns of the kind %q", k)
	}
	schema, err := compiled()
	if err != nil {
		return Answer{}, fmt.Errorf("compile the schema of answers to %s turns: %w", k, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(answer))
	if err != nil {
		return Answer{}, invalid(k, notJSON(answer, err))
	}
	if err := schema.Validate(value); err != nil {
		return Answer{}, invalid(k, explain(err, schema, value)...)
	}
	var parsed Answer
	if err := json.Unmarshal(answer, &parsed); err != nil {
		return Answer{}, invalid(k, err.Error())
	}
	return parsed, nil
}

// invalid is the error of an answer that does not match.
func invalid(k Kind, problems ...string) *HandlerError {
	return &HandlerError{
		Kind:    InvalidAnswer,
		Message: fmt.Sprintf("the answer to a %s turn is invalid: %s", k, strings.Join(problems, "; ")),
	}
}

// notJSON explains an answer that is no JSON text.
func notJSON(answer []byte, err error) string {
	if len(bytes.TrimSpace(answer)) == 0 {
		return "$: expected a JSON object, got nothing"
	}
	return "$: expected a JSON object, got text that is no JSON: " + err.Error()
}

// explain turns a validation error into one line per problem.
func explain(err error, schema *jsonschema.Schema, value any) []string {
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return []string{err.Error()}
	}
	var problems []string
	collect(failed, schema, value, &problems)
	return problems
}

// collect walks down to the causes, each of which is one problem.
func collect(e *jsonschema.ValidationError, schema *jsonschema.Schema, value any, problems *[]string) {
	part, found := at(schema, value, e.InstanceLocation)
	_, alternatives := e.ErrorKind.(*kind.OneOf)
	if _, object := found.(map[string]any); alternatives && !object {
		return // the type is the problem, and reported as one
	}
	_, names := e.ErrorKind.(*kind.PropertyNames)
	if len(e.Causes) == 0 || alternatives || names {
		*problems = append(*problems, path(e.InstanceLocation)+": "+reason(e, part, found))
		return
	}
	for _, cause := range e.Causes {
		collect(cause, schema, value, problems)
	}
}

// at is the part of a schema and of a value that is at a location, nil where there is
// none.
func at(schema *jsonschema.Schema, value any, location []string) (*jsonschema.Schema, any) {
	for _, step := range location {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
			if schema != nil {
				schema = schema.Properties[step]
			}
		case []any:
			index, err := strconv.Atoi(step)
			if err != nil || index >= len(v) {
				return nil, nil
			}
			value = v[index]
			if schema != nil {
				schema = schema.Items2020
			}
		}
	}
	return schema, value
}

// path writes a location as $.events[0].data.
func path(location []string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, step := range location {
		switch {
		case strings.Trim(step, "0123456789") == "" && step != "":
			b.WriteString("[" + step + "]")
		case strings.ContainsAny(step, " .[]\"'") || step == "":
			fmt.Fprintf(&b, "[%q]", step)
		default:
			b.WriteString("." + step)
		}
	}
	return b.String()
}

// reason says what is expected and what came, for the part of the schema that does not
// match and the value there.
func reason(e *jsonschema.ValidationError, part *jsonschema.Schema, value any) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return fmt.Sprintf("expected %s, got %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Required:
		return fmt.Sprintf("expected the properties %s, which are missing", quoted(k.Missing))
	case *kind.DependentRequired:
		return fmt.Sprintf("expected the properties %s beside %q, which are missing", quoted(k.Missing), k.Prop)
	case *kind.AdditionalProperties:
		return fmt.Sprintf("got the properties %s, which are unknown here", quoted(k.Properties))
	case *kind.MinLength:
		return "expected a text that is not empty, got \"\""
	case *kind.MaxLength:
		return fmt.Sprintf("expected at most %d characters, got %d", k.Want, k.Got)
	case *kind.PropertyNames:
		return fmt.Sprintf("got the property %q, but a name must not be empty or start with _", k.Property)
	case *kind.OneOf:
		return "expected exactly one of " + alternatives(part, value)
	case *kind.Not:
		return "expected at most one of " + quoted(part.Not.Required)
	}
	return e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
}

// alternatives names the properties of which exactly one must be there, and says which
// came.
func alternatives(part *jsonschema.Schema, value any) string {
	object, _ := value.(map[string]any)
	var names, came []string
	for _, alternative := range part.OneOf {
		name := alternative.Required[0]
		names = append(names, name)
		if _, there := object[name]; there {
			came = append(came, name)
		}
	}
	if len(came) == 0 {
		return quoted(names) + ", got none of them"
	}
	return quoted(names) + ", got " + quoted(came)
}

// quoted lists names in quotation marks.
func quoted(names []string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
