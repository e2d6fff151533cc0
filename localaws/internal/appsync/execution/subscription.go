package execution

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
)

// mutations reads the answers of a mutation's fields out of its data.
func (r *run) mutations(root *ast.Definition, sets []ast.SelectionSet, data any) []Mutation {
	var result []Mutation
	for i, group := range r.collect(root, sets) {
		if value := data.(*object).values[i]; value != nil && group.first().Name != "__typename" {
			result = append(result, Mutation{Field: group.first().Name, Value: plain(value)})
		}
	}
	return result
}

// plain is a completed value in the types of encoding/json.
func plain(completed any) any {
	text, err := json.Marshal(completed)
	if err != nil {
		return nil // completed values always marshal
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	_ = decoder.Decode(&value) // it was marshalled just now
	return value
}

// Subscription is a started subscription.
type Subscription struct {
	// Field is the field of Subscription.
	Field string
	// arguments are those that were given, as their fields would be answered.
	arguments map[string]any
	run       *run
	group     fieldGroup
}

// Subscribe starts a subscription: it checks the request and the caller, and calls the
// field's resolver if there is one, whose value does not matter. Errors in the answer
// or an error, which is a [RequestError], say why it is refused.
func Subscribe(ctx context.Context, types *ast.Schema, request Request, host Host) (*Subscription, []Error, error) {
	prepared, problems, err := prepare(types, request)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	if kind := prepared.operation.Operation; kind != ast.Subscription {
		return nil, nil, &RequestError{Status: http.StatusBadRequest, Type: "UnsupportedOperation", Message: string(kind) + " not supported through the realtime channel"}
	}
	if problems := prepared.coerce(request.Variables); len(problems) > 0 {
		return nil, problems, nil
	}
	run := &run{types: types, variables: prepared.variables, host: host}
	groups := run.collect(types.Subscription, []ast.SelectionSet{prepared.operation.SelectionSet})
	if len(groups) != 1 || groups[0].first().Name == "__typename" {
		return nil, nil, &RequestError{Status: http.StatusBadRequest, Type: "BadRequestException", Message: "A subscription must select exactly one field of Subscription."}
	}
	s := &Subscription{Field: groups[0].first().Name, run: run, group: groups[0]}
	return s, s.start(ctx), nil
}

// start authorizes the subscription and calls its resolver.
func (s *Subscription) start(ctx context.Context) []Error {
	field := s.fieldRun(s.run)
	definition := s.group.first().Definition
	if !s.run.host.Authorized(field.parent, definition) {
		field.fail(Failure{Type: "Unauthorized", Message: fmt.Sprintf("Not Authorized to access %s on type %s", s.Field, field.parent.Name)})
		return s.run.errors.sorted()
	}
	arguments, err := s.run.arguments(definition.Arguments, s.group.first().Arguments)
	if err != nil {
		return []Error{{Path: field.path, Locations: locate(s.group.first().Position), Message: err.Error()}}
	}
	s.arguments = s.answered(arguments)
	if field.resolver = s.run.host.Resolver(field.parent.Name, s.Field); field.resolver != nil {
		for _, failure := range field.resolver(ctx, field.call(s.group.first(), arguments)).Errors {
			field.fail(failure)
		}
	}
	return s.run.errors.sorted()
}

func (s *Subscription) fieldRun(run *run) *fieldRun {
	return &fieldRun{run: run, parent: run.types.Subscription, group: s.group, path: []any{s.group.key}}
}

// answered turns arguments into what a field of their type would answer for them.
func (s *Subscription) answered(arguments map[string]any) map[string]any {
	result := map[string]any{}
	for name, value := range arguments {
		result[name] = value
		kind := s.group.first().Definition.Arguments.ForName(name).Type
		definition := s.run.types.Types[kind.Name()]
		if value == nil || kind.Elem != nil || definition.Kind != ast.Scalar {
			continue
		}
		if serialized, err := serialize(definition.Name, value); err == nil {
			result[name] = serialized
		}
	}
	return result
}

// Matches says whether the arguments let a mutation's answer through: each argument
// that was given equals the field of its name, and a null a field that is null or was
// not selected.
func (s *Subscription) Matches(value any) bool {
	fields, _ := value.(map[string]any)
	for name, want := range s.arguments {
		if !same(want, fields[name]) {
			return false
		}
	}
	return true
}

// same compares two JSON values; numbers by their value.
func same(a, b any) bool {
	x, xOK := a.(json.Number)
	y, yOK := b.(json.Number)
	if xOK && yOK {
		left, leftErr := x.Float64()
		right, rightErr := y.Float64()
		return leftErr == nil && rightErr == nil && left == right
	}
	left, leftErr := json.Marshal(a)
	right, rightErr := json.Marshal(b)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

// Response is what the subscriber gets for a mutation's answer. Fields that the
// mutation did not select are null.
func (s *Subscription) Response(ctx context.Context, value any) Response {
	run := &run{types: s.run.types, variables: s.run.variables, host: delivery{s.run.host}}
	completed, ok := s.fieldRun(run).complete(ctx, s.group.first().Definition.Type, value, []any{s.group.key})
	response := Response{Errors: run.errors.sorted()}
	if ok {
		response.Data = &object{keys: []string{s.group.key}, values: []any{completed}}
	}
	return response
}

// delivery is a host for what a mutation has resolved already.
type delivery struct{ Host }

// Resolver is none.
func (delivery) Resolver(string, string) Resolver { return nil }
