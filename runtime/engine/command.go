package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// argumentCommandID is the optional argument of each mutation that makes the command
// idempotent.
const argumentCommandID = "commandId"

// maxCommandID is the greatest length of a caller's command id in bytes. The id goes
// along with everything that the command leads to, the messages of SNS among it, which
// must not become too large because of it.
const maxCommandID = 256

// invalidCommand is the error of a command that cannot be carried out as it was sent.
func invalidCommand(format string, values ...any) error {
	return messages.InvokeResponse_Error{Type: ErrorInvalidCommand, Message: fmt.Sprintf(format, values...)}
}

// fieldAnswer carries out the command of a mutation field and answers with its result
// or its failure.
func (e *Engine) fieldAnswer(ctx context.Context, payload json.RawMessage) any {
	result, err := e.field(ctx, payload)
	if err == nil {
		return result
	}
	failed := e.invocationError(ctx, err)
	return protocol.FieldFailure{Error: protocol.FieldError{Type: failed.Type, Message: failed.Message}}
}

// field carries out the command of a mutation field.
func (e *Engine) field(ctx context.Context, payload json.RawMessage) (protocol.CommandResult, error) {
	var invocation protocol.FieldInvocation
	if err := json.Unmarshal(payload, &invocation); err != nil {
		return protocol.CommandResult{}, fmt.Errorf("the invocation by the resolver cannot be read: %w", err)
	}
	command, err := e.commandOf(invocation)
	if err != nil {
		return protocol.CommandResult{}, err
	}
	result, err := e.execute(ctx, command, func(t turn.Turn) (turn.Answer, error) { return e.ask(ctx, t) })
	if errors.Is(err, eventlog.ErrConflict) {
		e.Logger.WarnContext(ctx, "a command was given up", failure(ctx, err, "component", command.Component, "id", command.ID, "commandId", command.CommandID)...)
		return result, nil
	}
	return result, err
}

// commandOf makes the command of a mutation field: the id is one of the arguments,
// the data are all arguments but the command's id.
func (e *Engine) commandOf(invocation protocol.FieldInvocation) (protocol.Command, error) {
	component, commandType := e.commandField(invocation.Field)
	if component == "" {
		return protocol.Command{}, invalidCommand("no aggregate of the plugin %s has a command for the mutation field %q", e.Definition.Plugin, invocation.Field)
	}
	var arguments map[string]json.RawMessage
	if err := json.Unmarshal(orEmpty(invocation.Arguments), &arguments); err != nil {
		return protocol.Command{}, invalidCommand("%s: the arguments are no object", invocation.Field)
	}
	name := e.Definition.Aggregates[component].IDArgument
	id, err := identifier(arguments[name])
	if err == nil {
		err = eventlog.CheckID(id)
	}
	if err != nil {
		return protocol.Command{}, invalidCommand("%s: the argument %q names the %s and must be a text that is not empty: %s", invocation.Field, name, component, err)
	}
	commandID, err := identifier(arguments[argumentCommandID])
	if err != nil {
		return protocol.Command{}, invalidCommand("%s: the argument %q must be a text: %s", invocation.Field, argumentCommandID, err)
	}
	if len(commandID) > maxCommandID {
		return protocol.Command{}, invalidCommand("%s: the argument %q has %d bytes, at most %d are possible", invocation.Field, argumentCommandID, len(commandID), maxCommandID)
	}
	if commandID == "" {
		commandID = e.NewID()
	}
	delete(arguments, argumentCommandID)
	data, err := json.Marshal(arguments)
	command := protocol.Command{Component: component, ID: id, Type: commandType, Data: data, CommandID: commandID, CorrelationID: commandID}
	if actor := bytes.TrimSpace(invocation.Identity); len(actor) > 0 && string(actor) != "null" {
		command.Actor = json.RawMessage(actor)
	}
	return command, err
}

// commandField finds the aggregate and the command type of a mutation field.
func (e *Engine) commandField(field string) (component, commandType string) {
	for name, aggregate := range e.Definition.Aggregates {
		if commandType, ok := aggregate.Commands[field]; ok {
			return name, commandType
		}
	}
	return "", ""
}

// identifier reads an id from an argument: a text, or an integer as it is written.
// Nothing and null are "".
func identifier(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var number int64
	if json.Unmarshal(raw, &number) == nil {
		return string(raw), nil
	}
	return "", errors.New("got another type")
}

// orEmpty is raw, or an empty object for nothing and null.
func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

// asker gives the handler a turn.
type asker func(turn.Turn) (turn.Answer, error)

// execute carries out a command on its event log. With the error [eventlog.ErrConflict]
// comes a result that says so.
func (e *Engine) execute(ctx context.Context, command protocol.Command, ask asker) (protocol.CommandResult, error) {
	origin := eventlog.Origin{
		CommandID: command.CommandID, CorrelationID: command.CorrelationID, CausationID: command.CausationID,
		Actor: command.Actor, Time: eventlog.FormatTime(e.Now()),
	}
	requests := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		requests, cancel = context.WithDeadline(ctx, deadline.Add(-min(answerMargin, time.Until(deadline)/4)))
		defer cancel()
	}
	result, err := e.logs[command.Component].Execute(requests, command.ID, origin,
		func(_ context.Context, history eventlog.Stream) ([]turn.Event, *turn.Reject, error) {
			return decide(ask, command, origin, history)
		})
	var tooLarge *eventlog.SizeError
	if errors.As(err, &tooLarge) {
		err = invalidAnswer("$.events: %s", tooLarge)
	}
	return commandResult(command.ID, result, err), err
}

// decide asks the handler which events a command leads to.
func decide(ask asker, command protocol.Command, origin eventlog.Origin, history eventlog.Stream) ([]turn.Event, *turn.Reject, error) {
	answer, err := ask(turn.Turn{
		Kind: turn.Decide, Component: command.Component, ID: command.ID,
		Command: &turn.Command{Type: command.Type, Data: command.Data},
		History: history.Events,
		Meta: turn.Meta{
			CommandID: origin.CommandID, CorrelationID: origin.CorrelationID, CausationID: origin.CausationID,
			Actor: origin.Actor, Time: origin.Time,
		},
	})
	return answer.Events, answer.Reject, err
}

// commandResult is what a caller sees of a result.
func commandResult(id string, result eventlog.Result, err error) protocol.CommandResult {
	r := protocol.CommandResult{
		Status: protocol.Accepted, ID: id, Version: result.Version,
		CommandID: result.Origin.CommandID, CorrelationID: result.Origin.CorrelationID,
	}
	switch {
	case errors.Is(err, eventlog.ErrConflict):
		r.Status, r.Code = protocol.Rejected, protocol.CodeConflict
		r.Message = "other commands on the same id kept coming first; nothing was recorded, try again"
	case result.Reject != nil:
		r.Status, r.Code, r.Message = protocol.Rejected, result.Reject.Code, result.Reject.Message
		r.Details = string(result.Reject.Details)
	}
	return r
}

// queuedCommand carries out one message of the command queue. A rejection by the
// domain is logged and counts as done; a conflict is not, the queue delivers it again.
func (e *Engine) queuedCommand(b *batch, message events.SQSMessage) error {
	command, err := e.readCommand(message.Body)
	if err != nil {
		return err
	}
	if b.over() {
		return errUnprocessed
	}
	result, err := e.execute(b.ctx, command, b.ask)
	if err == nil && result.Status == protocol.Rejected {
		e.Logger.WarnContext(b.ctx, "a queued command was rejected", "component", command.Component, "id", command.ID,
			"type", command.Type, "commandId", command.CommandID, "code", result.Code, "reason", result.Message)
	}
	if err != nil {
		return fmt.Errorf("command %s %s for %s %q: %w", command.Type, command.CommandID, command.Component, command.ID, err)
	}
	return nil
}

// readCommand reads a message of the command queue; the error has all that is wrong.
func (e *Engine) readCommand(body string) (protocol.Command, error) {
	var command protocol.Command
	if err := json.Unmarshal([]byte(body), &command); err != nil {
		return command, fmt.Errorf("the message is no command: %w", err)
	}
	command.Data = orEmpty(command.Data)
	var problems []error
	if _, ok := e.Definition.Aggregates[command.Component]; !ok {
		problems = append(problems, fmt.Errorf("the plugin has no aggregate %q", command.Component))
	}
	problems = append(problems, eventlog.CheckID(command.ID))
	if command.Type == "" {
		problems = append(problems, errors.New("the command type is missing"))
	}
	if command.CommandID == "" {
		problems = append(problems, errors.New("the command id is missing"))
	}
	if command.Data[0] != '{' {
		problems = append(problems, errors.New("the data is no object"))
	}
	if err := errors.Join(problems...); err != nil {
		return command, fmt.Errorf("the message is no command: %w", err)
	}
	return command, nil
}
