package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Error types of a failed invocation, beside those of package turn. A GraphQL caller
// sees them as errorType.
const (
	// ErrorInvalidCommand is the type for a command that cannot be carried out as it
	// was sent, such as one without id.
	ErrorInvalidCommand = "InvalidCommand"
	// ErrorInternal is the type for a failure that is neither the caller's nor the
	// handler's; the reason is in the function's log.
	ErrorInternal = "InternalError"
)

// The values of Records[].eventSource.
const (
	sourceSQS      = "aws:sqs"
	sourceDynamoDB = "aws:dynamodb"
)

// invocation is a function and where its payload comes from: an event source, or "" for a
// resolver.
type invocation struct{ function, source string }

// Handle serves one invocation of Lambda. [Engine.Lambda] makes of it what lambda.Start
// is given.
// A command of a field that fails is answered with a [protocol.FieldFailure], whose type
// is the [turn.FailureKind] when the handler failed, else one of the Error… constants.
// An error is always a [messages.InvokeResponse_Error]: the invocation was not
// understood at all.
func (e *Engine) Handle(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	answer, err := e.dispatch(ctx, payload)
	if err == nil {
		var encoded json.RawMessage
		if encoded, err = json.Marshal(answer); err == nil {
			return encoded, nil
		}
	}
	return nil, e.invocationError(ctx, err)
}

// probe is what tells the shapes of payloads apart.
type probe struct {
	Records []struct {
		EventSource string `json:"eventSource"`
	} `json:"Records"`
	Reventless string `json:"reventless"`
}

// source is the event source of a batch, "" of anything else.
func (p probe) source() string {
	if len(p.Records) == 0 {
		return ""
	}
	return p.Records[0].EventSource
}

// dispatch does what the function and the payload's shape ask for.
func (e *Engine) dispatch(ctx context.Context, payload json.RawMessage) (any, error) {
	var shape probe
	if err := json.Unmarshal(payload, &shape); err != nil {
		return nil, fmt.Errorf("the invocation is no JSON object: %w", err)
	}
	switch {
	case shape.Reventless == protocol.TriggerHeartbeat:
		return e.heartbeat(ctx)
	case shape.Reventless == protocol.TriggerRebuild && e.Function == definition.FunctionProjections:
		return e.rebuild(ctx, payload)
	}
	return e.work(ctx, shape.source(), payload)
}

// work does what the function does with what comes from an event source, "" for AppSync.
func (e *Engine) work(ctx context.Context, source string, payload json.RawMessage) (any, error) {
	switch (invocation{e.Function, source}) {
	case invocation{definition.FunctionCommands, ""}:
		return e.fieldAnswer(ctx, payload), nil
	case invocation{definition.FunctionCommands, sourceSQS}:
		return queueBatch(e, ctx, payload, e.queuedCommand)
	case invocation{definition.FunctionReactions, sourceSQS}:
		return queueBatch(e, ctx, payload, e.reaction)
	case invocation{definition.FunctionProjections, sourceDynamoDB}:
		return e.streamBatch(ctx, payload, e.project)
	case invocation{definition.FunctionRelay, sourceDynamoDB}:
		return e.streamBatch(ctx, payload, e.relay)
	case invocation{definition.FunctionAutomations, sourceDynamoDB}:
		return e.toDoStream(ctx, payload)
	case invocation{definition.FunctionAutomations, sourceSQS}:
		return queueBatch(e, ctx, payload, e.lookAgain)
	case invocation{definition.FunctionTasks, sourceSQS}:
		return queueBatch(e, ctx, payload, e.task)
	case invocation{definition.FunctionQueries, ""}:
		return e.queryAnswer(ctx, payload), nil
	case invocation{definition.FunctionFeeds, sourceDynamoDB}:
		return e.feedStream(ctx, payload)
	}
	return nil, fmt.Errorf("the function %q does not know what to do with an invocation from %q", e.Function, source)
}

// queueBatch decodes a batch of a queue and works on it.
func queueBatch(e *Engine, ctx context.Context, payload json.RawMessage, work func(*batch, events.SQSMessage) error) (any, error) {
	var event events.SQSEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("the batch of queue messages cannot be read: %w", err)
	}
	return e.queueMessages(ctx, event.Records, work), nil
}

// invocationError is the error as Lambda reports it. What the caller need not know
// goes into the log only.
func (e *Engine) invocationError(ctx context.Context, err error) messages.InvokeResponse_Error {
	var invalid messages.InvokeResponse_Error
	if errors.As(err, &invalid) {
		e.Logger.WarnContext(ctx, "the invocation was refused", "reason", invalid.Message, "errorType", invalid.Type)
		return invalid
	}
	e.Logger.ErrorContext(ctx, "the invocation failed", failure(ctx, err)...)
	var failed *turn.HandlerError
	if !errors.As(err, &failed) {
		message := "the platform could not do this"
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			message += "; the function's log has the reason under request id " + lc.AwsRequestID
		}
		return messages.InvokeResponse_Error{Type: ErrorInternal, Message: message}
	}
	return messages.InvokeResponse_Error{Type: string(failed.Kind), Message: publicMessage(failed)}
}

// publicMessage is what a caller is told of a failure of the handler.
func publicMessage(failed *turn.HandlerError) string {
	if failed.Type == "" {
		return failed.Message
	}
	return failed.Type + ": " + failed.Message
}

// lost says whether the handler's process ended or hangs.
func lost(err error) bool {
	var failed *turn.HandlerError
	return errors.As(err, &failed) && (failed.Kind == turn.Exited || failed.Kind == turn.TimedOut)
}

// timedOut says whether the handler took too long.
func timedOut(err error) bool {
	var failed *turn.HandlerError
	return errors.As(err, &failed) && failed.Kind == turn.TimedOut
}

// failure is what a log line says about an error.
func failure(ctx context.Context, err error, attributes ...any) []any {
	attributes = append(attributes, "error", err.Error())
	var failed *turn.HandlerError
	if errors.As(err, &failed) {
		attributes = append(attributes, "errorType", string(failed.Kind))
		if len(failed.Stack) > 0 {
			attributes = append(attributes, "stack", failed.Stack)
		}
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		attributes = append(attributes, "requestId", lc.AwsRequestID)
	}
	return attributes
}
