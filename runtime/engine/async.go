package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// lastReceives is how often a queue delivers a message before it goes to the dead-letter
// queue: the maxReceiveCount that the provider sets.
const lastReceives = 5

// completeCommand publishes the outcome of a command to those who subscribed to it; they
// can only see what is selected here.
const completeCommand = `mutation ($result: AWSJSON!) {
  Platform_completeCommand(result: $result) { status id version commandId correlationId code message details }
}`

// hasAsync says whether a mutation that this function serves answers before its command
// is decided.
func (e *Engine) hasAsync() bool {
	return slices.ContainsFunc(e.addressees(), func(name string) bool { return e.asynchronous(name) && e.serves(name) })
}

// asynchronous says whether the mutations of an aggregate or a slice answer before the
// command is decided.
func (e *Engine) asynchronous(component string) bool {
	if aggregate, ok := e.Definition.Aggregates[component]; ok || e.Definition.DCB == nil {
		return aggregate.Async
	}
	return e.Definition.DCB.Slices[component].Async
}

// enqueue puts a mutation's command on the command queue. The result says that it is
// pending; its outcome is published once it is decided.
func (e *Engine) enqueue(ctx context.Context, command protocol.Command) (protocol.CommandResult, error) {
	letter, err := e.address("$", turn.CommandTo{To: command.Component, ID: command.ID, Type: command.Type, Data: command.Data})
	if err != nil {
		return protocol.CommandResult{}, invalidCommand("%s", err)
	}
	command.Notify = true
	// A command that is sent again must get its outcome again: the log knows its id, the
	// queue must not drop it.
	letter.command, letter.once = command, e.NewID()
	if err := letter.checkSize("$"); err != nil {
		return protocol.CommandResult{}, invalidCommand("%s", err)
	}
	if err := e.send(ctx, letter); err != nil {
		return protocol.CommandResult{}, err
	}
	return protocol.CommandResult{
		Status: protocol.Pending, ID: command.ID, CommandID: command.CommandID, CorrelationID: command.CorrelationID,
	}, nil
}

// notify publishes the outcome of a queued command. It returns the command's error, or
// that of the publication, so that the message comes again. A failure is an outcome only
// when the message does not come again, so that nobody waits in vain.
func (b *batch) notify(command protocol.Command, result protocol.CommandResult, failed error, last bool) error {
	if failed != nil {
		if !last {
			return failed
		}
		result = finalResult(command, failed)
	}
	return errors.Join(failed, b.complete(result))
}

// finalResult is the result of a command that failed and goes to the dead-letter queue.
func finalResult(command protocol.Command, failed error) protocol.CommandResult {
	result := protocol.CommandResult{
		Status: protocol.Rejected, ID: command.ID, CommandID: command.CommandID, CorrelationID: command.CorrelationID,
	}
	var handler *turn.HandlerError
	var invalid messages.InvokeResponse_Error
	switch {
	case errors.As(failed, &handler):
		result.Code, result.Message = string(handler.Kind), publicMessage(handler)
	case errors.As(failed, &invalid):
		result.Code, result.Message = invalid.Type, invalid.Message
	case errors.Is(failed, eventlog.ErrConflict):
		result.Code, result.Message = protocol.CodeConflict, "other commands were faster each time; the command goes to the dead-letter queue"
	default:
		result.Code, result.Message = ErrorInternal, "the platform could not do this; the command goes to the dead-letter queue"
	}
	return result
}

// complete publishes the outcome of a command. A plugin whose commands are no longer
// asynchronous may have some in its queue still; nobody can be told about these.
func (b *batch) complete(result protocol.CommandResult) error {
	if b.GraphQL == nil {
		b.Logger.WarnContext(b.ctx, "the outcome of a command cannot be published, because the plugin has no asynchronous commands any more",
			"commandId", result.CommandID, "status", result.Status)
		return nil
	}
	encoded, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	if err := b.GraphQL.Mutate(b.aws, completeCommand, map[string]any{"result": string(encoded)}); err != nil {
		return fmt.Errorf("publish the outcome %s: %w", result.Status, err)
	}
	return nil
}

// lastReceive says whether a message that fails now goes to the dead-letter queue.
func lastReceive(message events.SQSMessage) bool {
	count, err := strconv.Atoi(message.Attributes[attributeReceives])
	return err == nil && count >= lastReceives
}
