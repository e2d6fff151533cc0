// Package execution answers GraphQL requests the way AppSync does.
//
//  1. [ParseRequest] reads the HTTP body; what AppSync refuses with a status other
//     than 200 is a [RequestError].
//  2. [Execute] parses and validates the document with gqlparser and words every
//     problem as graphql-java does, on which AppSync is built.
//  3. It coerces variables and arguments, AppSync's scalars included.
//  4. It resolves fields: those of queries concurrently, those at the root of a
//     mutation in order. A [Host] says which fields have resolvers and who may see
//     which field; other fields are properties of their parent's value.
//  5. It completes the values: lists, abstract types by their __typename, scalars,
//     nulls that propagate; and it answers introspection from the schema.
//  6. [Subscribe] does the same for subscriptions up to their field's resolver. What a
//     subscriber then gets is completed from the mutation's answer
//     ([Subscription.Response]), without any resolver.
package execution

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// MaxResolvers is how many resolvers one request may run; AppSync's limit.
const MaxResolvers = 10_000

// Host is the API whose schema is executed.
type Host interface {
	// Resolver is the resolver attached to a field, nil if it has none.
	Resolver(typeName, fieldName string) Resolver
	// Authorized says whether the caller may see the field.
	Authorized(parent *ast.Definition, field *ast.FieldDefinition) bool
}

// Resolver computes the value of one field.
type Resolver func(ctx context.Context, call Call) Outcome

// Call is what a resolver gets to know.
type Call struct {
	TypeName, FieldName string
	// Arguments and Variables are coerced; arguments that were not given and have no
	// default are missing.
	Arguments, Variables map[string]any
	// Source is the parent's value, nil at the root.
	Source any
	// Selections are the paths of the selected fields below this one, joined by "/";
	// SelectionSet is the selection in GraphQL.
	Selections   []string
	SelectionSet string
}

// Outcome is a resolver's answer: a value, errors, or both. Values are those of
// encoding/json with numbers as [json.Number].
type Outcome struct {
	Value  any
	Errors []Failure
}

// Failure is an error of a resolver.
type Failure struct {
	Message string
	// Type is the errorType, Data and Info are its data and errorInfo.
	Type string
	Data any
	Info any
}

// Execute answers a request. An error is a [RequestError].
func Execute(ctx context.Context, types *ast.Schema, request Request, host Host) (Response, error) {
	prepared, problems, err := prepare(types, request)
	if err != nil || len(problems) > 0 {
		return Response{Errors: problems}, err
	}
	if prepared.operation.Operation == ast.Subscription {
		return Response{}, &RequestError{Status: http.StatusBadRequest, Type: "UnsupportedOperation",
			Message: "Subscriptions are not supported over HTTP; start them over a WebSocket at the API's REALTIME address."}
	}
	if problems := prepared.coerce(request.Variables); len(problems) > 0 {
		return Response{Errors: problems}, nil
	}
	run := &run{types: types, variables: prepared.variables, host: host}
	return run.execute(ctx, prepared.operation), nil
}

// prepared is the valid operation that a request asks for.
type prepared struct {
	types     *ast.Schema
	operation *ast.OperationDefinition
	variables map[string]any
}

// prepare parses and validates a request.
func prepare(types *ast.Schema, request Request) (*prepared, []Error, error) {
	document, err := parser.ParseQuery(&ast.Source{Input: request.Query})
	if err != nil {
		return nil, nil, malformed("Unable to parse GraphQL query.")
	}
	if problems := validate(types, document); len(problems) > 0 {
		return nil, problems, nil
	}
	operation, problem := chosen(document, request.OperationName)
	if problem != nil {
		return nil, []Error{*problem}, nil
	}
	return &prepared{types: types, operation: operation}, nil, nil
}

// coerce reads the request's variables.
func (p *prepared) coerce(given map[string]any) []Error {
	variables, problem := coerceVariables(p.types, p.operation, given)
	if problem != nil {
		return []Error{*problem}
	}
	p.variables = variables
	return nil
}

func chosen(document *ast.QueryDocument, name string) (*ast.OperationDefinition, *Error) {
	if name == "" {
		if len(document.Operations) == 1 {
			return document.Operations[0], nil
		}
		return nil, &Error{Message: "Must provide operation name if query contains multiple operations."}
	}
	if operation := document.Operations.ForName(name); operation != nil {
		return operation, nil
	}
	return nil, &Error{Message: "Unknown operation named '" + name + "'."}
}

// run is the execution of one operation.
type run struct {
	types     *ast.Schema
	variables map[string]any
	host      Host
	errors    errorList
	resolvers atomic.Int64
}

func (r *run) execute(ctx context.Context, operation *ast.OperationDefinition) Response {
	root := r.types.Query
	if operation.Operation == ast.Mutation {
		root = r.types.Mutation
	}
	if root == nil {
		return Response{Errors: []Error{{Message: "Schema is not configured for " + string(operation.Operation) + "s."}}}
	}
	serial := operation.Operation == ast.Mutation
	sets := []ast.SelectionSet{operation.SelectionSet}
	data, ok := r.object(ctx, root, nil, sets, nil, serial)
	response := Response{Errors: r.errors.sorted()}
	if ok {
		response.Data = data
	}
	if ok && serial {
		response.Mutations = r.mutations(root, sets, data)
	}
	return response
}

// introspectionQuery asks for everything that GetIntrospectionSchema answers.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`

// Introspect is the schema as the JSON of a full introspection query's answer.
func Introspect(types *ast.Schema) ([]byte, error) {
	response, err := Execute(context.Background(), types, Request{Query: introspectionQuery}, openHost{})
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(map[string]any{"data": response.Data}, "", "  ")
}

// openHost has no resolvers and lets everybody see everything.
type openHost struct{}

func (openHost) Resolver(string, string) Resolver                      { return nil }
func (openHost) Authorized(*ast.Definition, *ast.FieldDefinition) bool { return true }
