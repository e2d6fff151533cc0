package datasource

import (
	"bytes"
	"context"
	"encoding/json"
)

// Invoker invokes functions.
type Invoker interface {
	// Invoke invokes a function and waits for its answer. functionError is Lambda's
	// X-Amz-Function-Error: empty, "Handled" or "Unhandled"; result then is
	// {"errorType", "errorMessage"}. err says that there was no invocation.
	Invoke(ctx context.Context, functionARN string, payload []byte) (result []byte, functionError string, err error)
}

// Lambda is a data source of type AWS_LAMBDA.
type Lambda struct {
	Permit      Permit
	Invoker     Invoker
	FunctionARN string
}

// Call invokes the function with the request's payload.
func (l Lambda) Call(ctx context.Context, request any) (any, *Failure) {
	fields, operation, failure := operationOf(request)
	if failure != nil {
		return nil, failure
	}
	if operation != "Invoke" {
		return nil, template("Unsupported operation '" + operation + "'; the local AWS supports Invoke.")
	}
	if kind, ok := fields["invocationType"].(string); ok && kind != "RequestResponse" {
		return nil, template("Unsupported invocationType '" + kind + "'; the local AWS supports RequestResponse.")
	}
	return l.Invoke(ctx, fields["payload"])
}

// Invoke invokes the function with a payload.
func (l Lambda) Invoke(ctx context.Context, payload any) (any, *Failure) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, template("The payload is no JSON: " + err.Error())
	}
	if l.Permit != nil {
		if err := l.Permit(ctx, "lambda:InvokeFunction", l.FunctionARN); err != nil {
			return nil, &Failure{Type: "Lambda:AWSLambdaException", Message: err.Error()}
		}
	}
	answer, functionError, err := l.Invoker.Invoke(ctx, l.FunctionARN, text)
	if err != nil {
		return nil, &Failure{Type: "Lambda:AWSLambdaException", Message: err.Error()}
	}
	if functionError != "" {
		return nil, functionFailure(functionError, answer)
	}
	var result any
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if len(bytes.TrimSpace(answer)) == 0 {
		return nil, nil
	}
	if err := decoder.Decode(&result); err != nil {
		return nil, &Failure{Type: "Lambda:IllegalArgument", Message: "The function's answer is no JSON: " + err.Error()}
	}
	return result, nil
}

// functionFailure is what AppSync makes of a failed function: it knows the message
// but not the function's errorType; the type is Lambda:Handled or Lambda:Unhandled.
func functionFailure(functionError string, answer []byte) *Failure {
	var content struct {
		Message string `json:"errorMessage"`
	}
	failure := &Failure{Type: "Lambda:" + functionError, Message: string(answer)}
	if json.Unmarshal(answer, &content) == nil && content.Message != "" {
		failure.Message = content.Message
	}
	return failure
}
