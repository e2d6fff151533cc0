// Package datasource calls what AppSync's resolvers call.
//
//  1. A [Source] takes the request that a resolver's request handler returned (or,
//     for a resolver without code, the whole context).
//  2. It makes one call: of DynamoDB's API (dynamodb.go), of a function (lambda.go)
//     or of nothing ([None]).
//  3. It answers with the result as a resolver sees it, or with a [Failure] in
//     AppSync's words: the context's error.
//
// Values are those of encoding/json with numbers as json.Number.
package datasource

import "context"

// Source makes one call for a resolver.
type Source interface {
	// Call answers with the context's result and error.
	Call(ctx context.Context, request any) (any, *Failure)
}

// Permit says whether the data source's role allows an action on a resource; the error
// says why not. Nil allows everything.
type Permit func(ctx context.Context, action, resource string) error

// Failure is the context's error.
type Failure struct {
	Message string
	// Type is the errorType, such as "DynamoDB:ConditionalCheckFailedException".
	Type string
}

// template is the failure of a request that has not the data source's form.
func template(message string) *Failure { return &Failure{Message: message, Type: "MappingTemplate"} }

// operationOf is the request's fields and its operation.
func operationOf(request any) (map[string]any, string, *Failure) {
	fields, ok := request.(map[string]any)
	if !ok {
		return nil, "", template("Expected JSON object but got something else: the request handler must return an object.")
	}
	operation, ok := fields["operation"].(string)
	if !ok {
		return nil, "", template("Value for field '$[operation]' not found.")
	}
	return fields, operation, nil
}

// None is the data source of type NONE: the result is the request's payload.
type None struct{}

// Call answers with the payload.
func (None) Call(_ context.Context, request any) (any, *Failure) {
	if fields, ok := request.(map[string]any); ok {
		return fields["payload"], nil
	}
	return nil, nil
}
