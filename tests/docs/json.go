package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// json is a turn, the answer to one, or a policy of IAM.
func (r *run) json() error {
	if kind := r.Check["answer"]; kind != "" {
		return conforms(turn.AnswerSchema(turn.Kind(kind)), []byte(r.Text))
	}
	if _, is := r.Check["policy"]; is {
		return policy([]byte(r.Text))
	}
	var shown struct{ Kind turn.Kind }
	if err := json.Unmarshal([]byte(r.Text), &shown); err != nil {
		return err
	}
	if shown.Kind == "" {
		return errors.New("it is no turn: say what it is, <!-- check: answer=react --> or <!-- check: policy -->")
	}
	return conforms(turn.TurnSchema(shown.Kind), []byte(r.Text))
}

// conforms holds a text against a JSON Schema.
func conforms(description, text []byte) error {
	if description == nil {
		return errors.New("there are no turns of this kind")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return err
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return compiled.Validate(instance)
}

// policy reads a policy as IAM does: it knows no other elements.
func policy(text []byte) error {
	var document struct {
		Version   string
		Statement []struct {
			Sid, Effect          string
			Principal            any
			Action, Resource     any
			NotAction, Condition any
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return err
	}
	if document.Version != "2012-10-17" {
		return fmt.Errorf("the version %q is none of IAM's", document.Version)
	}
	for _, statement := range document.Statement {
		if statement.Effect != "Allow" && statement.Effect != "Deny" || statement.Action == nil || (statement.Principal == nil) == (statement.Resource == nil) {
			return errors.New("a statement has an effect, actions, and either a principal or resources")
		}
	}
	return nil
}
