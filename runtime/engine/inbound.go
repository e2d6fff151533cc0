package engine

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// translationOf finds the inbound translation of a mutation field.
func (e *Engine) translationOf(field string) (name string, ok bool) {
	for name, translation := range e.Definition.InboundTranslations {
		if translation.Field == field {
			return name, true
		}
	}
	return "", false
}

// translate carries out the commands that the input of a mutation leads to. The input is
// recorded before anything is done with it, the outcome afterwards. An input that comes
// again under the same command id gets the outcome of the first time. If there is none,
// because the first time failed halfway, what was recorded is done again, with commands
// of the same ids.
func (e *Engine) translate(ctx context.Context, name string, invocation protocol.FieldInvocation) (protocol.CommandResult, error) {
	given, err := e.inputOf(invocation)
	if err != nil {
		return protocol.CommandResult{}, err
	}
	in, err := e.receive(ctx, name, given)
	if err != nil {
		return protocol.CommandResult{}, err
	}
	if in.result != nil {
		return *in.result, nil
	}
	answer, err := e.ask(ctx, turn.Turn{Kind: turn.Translate, Component: name, Input: in.data, Meta: in.meta()})
	if err != nil {
		return protocol.CommandResult{}, err
	}
	result, err := e.carryOutInput(ctx, name, &in, answer)
	if errors.Is(err, eventlog.ErrConflict) {
		// Nothing was recorded, so this is no outcome: the same input may come again.
		e.Logger.WarnContext(ctx, "a command of an inbound translation was given up", failure(ctx, err, "translation", name, "commandId", in.id)...)
		return result, nil
	}
	if err != nil {
		return protocol.CommandResult{}, err
	}
	return e.concludeInput(ctx, name, in, result)
}

// inputOf reads the arguments of a mutation: all but the command's id are the input.
func (e *Engine) inputOf(invocation protocol.FieldInvocation) (input, error) {
	var arguments map[string]json.RawMessage
	if err := json.Unmarshal(orEmpty(invocation.Arguments), &arguments); err != nil {
		return input{}, invalidCommand("%s: the arguments are no object", invocation.Field)
	}
	id, err := e.commandID(invocation.Field, arguments)
	if err != nil {
		return input{}, err
	}
	delete(arguments, argumentCommandID)
	given := input{id: id, status: inputReceived, time: eventlog.FormatTime(e.Now()), actor: actorOf(invocation)}
	given.data, err = json.Marshal(arguments)
	return given, err
}

// meta says where the turn about an input comes from.
func (in input) meta() turn.Meta {
	return turn.Meta{CommandID: in.id, CorrelationID: in.id, Actor: in.actor, Time: in.time}
}

// carryOutInput does what the handler answered. The caller sees the id that it can repeat
// the input with, not those of the commands.
func (e *Engine) carryOutInput(ctx context.Context, name string, in *input, answer turn.Answer) (protocol.CommandResult, error) {
	result := protocol.CommandResult{Status: protocol.Accepted, ID: in.id}
	var err error
	switch {
	case answer.Reject != nil:
		result.Status, result.Code, result.Message = protocol.Rejected, answer.Reject.Code, answer.Reject.Message
		result.Details = string(answer.Reject.Details)
	case len(answer.Commands) > 0:
		result, err = e.carryOutCommands(ctx, name, in, answer.Commands)
	}
	result.CommandID, result.CorrelationID = in.id, in.id
	return result, err
}

// carryOutCommands decides a single command at once, unless another plugin or another
// function has to, and queues any other number of commands.
func (e *Engine) carryOutCommands(ctx context.Context, name string, in *input, commands []turn.CommandTo) (protocol.CommandResult, error) {
	cause, meta := hash("input", in.id), in.meta()
	meta.CausationID = in.id
	letters, err := e.letters(commands)
	if err != nil {
		return protocol.CommandResult{}, err
	}
	in.addCommands(commands)
	command := letters[0].command
	if len(commands) == 1 && command.ExtensionPoint == "" && e.serves(command.Component) {
		command.CommandID = e.effectID(cause, name, commands[0], 0)
		command.CorrelationID, command.CausationID, command.Actor = meta.CorrelationID, meta.CausationID, meta.Actor
		return e.execute(ctx, command, func(t turn.Turn) (turn.Answer, error) { return e.ask(ctx, t) })
	}
	err = e.sendCommands(ctx, cause, name, commands, meta)
	return protocol.CommandResult{Status: protocol.Pending, ID: in.id}, err
}
