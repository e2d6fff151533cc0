package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	if name, ok := e.translationOf(invocation.Field); ok {
		return e.translate(ctx, name, invocation)
	}
	command, err := e.commandOf(invocation)
	if err != nil {
		return protocol.CommandResult{}, err
	}
	if e.asynchronous(command.Component) {
		return e.enqueue(ctx, command)
	}
	result, err := e.execute(ctx, command, func(t turn.Turn) (turn.Answer, error) { return e.ask(ctx, t) })
	if errors.Is(err, eventlog.ErrConflict) {
		e.Logger.WarnContext(ctx, "a command was given up", failure(ctx, err, "component", command.Component, "id", command.ID, "commandId", command.CommandID)...)
		return result, nil
	}
	return result, err
}

// commandOf makes the command of a mutation field: the data are all arguments but the
// command's id. The id of an aggregate is one of the arguments, that of a slice is found
// by its tags.
func (e *Engine) commandOf(invocation protocol.FieldInvocation) (protocol.Command, error) {
	component, commandType := e.commandField(invocation.Field)
	if component == "" {
		return protocol.Command{}, invalidCommand("no aggregate or slice of the plugin %s has a command for the mutation field %q", e.Definition.Plugin, invocation.Field)
	}
	var arguments map[string]json.RawMessage
	if err := json.Unmarshal(orEmpty(invocation.Arguments), &arguments); err != nil {
		return protocol.Command{}, invalidCommand("%s: the arguments are no object", invocation.Field)
	}
	commandID, err := e.commandID(invocation.Field, arguments)
	if err != nil {
		return protocol.Command{}, err
	}
	delete(arguments, argumentCommandID)
	data, err := json.Marshal(arguments)
	if err != nil {
		return protocol.Command{}, err
	}
	command := protocol.Command{Component: component, Type: commandType, Data: data, CommandID: commandID, CorrelationID: commandID, Actor: actorOf(invocation)}
	if command.ID, err = e.instance(component, arguments, data); err != nil {
		return protocol.Command{}, invalidCommand("%s: %s", invocation.Field, err)
	}
	return command, nil
}

// commandField finds the aggregate or slice and the command type of a mutation field.
func (e *Engine) commandField(field string) (component, commandType string) {
	for name, aggregate := range e.Definition.Aggregates {
		if commandType, ok := aggregate.Commands[field]; ok {
			return name, commandType
		}
	}
	if e.Definition.DCB == nil {
		return "", ""
	}
	for name, slice := range e.Definition.DCB.Slices {
		if commandType, ok := slice.Commands[field]; ok {
			return name, commandType
		}
	}
	return "", ""
}

// commandID is the caller's id of a command, or a new one.
func (e *Engine) commandID(field string, arguments map[string]json.RawMessage) (string, error) {
	id, err := identifier(arguments[argumentCommandID])
	switch {
	case err != nil:
		return "", invalidCommand("%s: the argument %q must be a text: %s", field, argumentCommandID, err)
	case len(id) > maxCommandID:
		return "", invalidCommand("%s: the argument %q has %d bytes, at most %d are possible", field, argumentCommandID, len(id), maxCommandID)
	case id == "":
		return e.NewID(), nil
	}
	return id, nil
}

// instance is the id of the aggregate that a mutation's command is for, or the value
// that the command of a slice is about, "" for one that is about none.
func (e *Engine) instance(component string, arguments map[string]json.RawMessage, data json.RawMessage) (string, error) {
	aggregate, ok := e.Definition.Aggregates[component]
	if !ok {
		_, value, err := e.entity(component, data)
		return value, err
	}
	id, err := identifier(arguments[aggregate.IDArgument])
	if err == nil {
		err = eventlog.CheckID(id)
	}
	if err != nil {
		return "", fmt.Errorf("the argument %q names the %s and must be a text that is not empty: %w", aggregate.IDArgument, component, err)
	}
	return id, nil
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
	log, aggregate := e.logs[command.Component]
	if !aggregate {
		return e.executeSlice(requests, command, origin, ask)
	}
	result, err := log.Execute(requests, command.ID, origin,
		func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
			return decide(ask, command, origin, history.Snapshot, history.Events)
		})
	var tooLarge *eventlog.SizeError
	if errors.As(err, &tooLarge) {
		err = invalidAnswer("$.events: %s", tooLarge)
	}
	return commandResult(command.ID, result, err), err
}

// decide asks the handler which events a command leads to.
func decide(ask asker, command protocol.Command, origin eventlog.Origin, snapshot json.RawMessage, history []turn.RecordedEvent) (eventlog.Decision, error) {
	answer, err := ask(turn.Turn{
		Kind: turn.Decide, Component: command.Component, ID: command.ID,
		Command:  &turn.Command{Type: command.Type, Data: command.Data},
		Snapshot: snapshot, History: history,
		Meta: turn.Meta{
			CommandID: origin.CommandID, CorrelationID: origin.CorrelationID, CausationID: origin.CausationID,
			Actor: origin.Actor, Time: origin.Time,
		},
	})
	return eventlog.Decision{Events: answer.Events, Reject: answer.Reject, Snapshot: answer.Snapshot}, err
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
