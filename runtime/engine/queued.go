package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// queuedCommand carries out one message of the command queue. A rejection by the
// domain is logged and counts as done; a conflict is not, the queue delivers it again.
// What is for a component with another function is sent on to that one's queue.
func (e *Engine) queuedCommand(b *batch, message events.SQSMessage) error {
	command, err := e.readCommand(message.Body)
	if err != nil {
		return err
	}
	if b.over() {
		return b.notify(command, protocol.CommandResult{}, errUnprocessed, command.Notify && lastReceive(message))
	}
	if !e.serves(command.Component) {
		return b.forward(command)
	}
	result, err := e.execute(b.ctx, command, b.ask)
	if err == nil && result.Status == protocol.Rejected {
		e.Logger.WarnContext(b.ctx, "a queued command was rejected", "component", command.Component, "id", command.ID,
			"type", command.Type, "commandId", command.CommandID, "code", result.Code, "reason", result.Message)
	}
	if command.Notify {
		err = b.notify(command, result, err, lastReceive(message))
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
	if command.Type == "" {
		problems = append(problems, errors.New("the command type is missing"))
	}
	if command.CommandID == "" {
		problems = append(problems, errors.New("the command id is missing"))
	}
	if command.Data[0] != '{' {
		problems = append(problems, errors.New("the data is no object"))
	} else {
		problems = append(problems, e.readAddressee(&command))
	}
	if err := errors.Join(problems...); err != nil {
		return command, fmt.Errorf("the message is no command: %w", err)
	}
	return command, nil
}

// readAddressee finds out which component and id a command is for.
func (e *Engine) readAddressee(command *protocol.Command) (err error) {
	if command.ExtensionPoint != "" {
		if err := e.readForeign(command); err != nil {
			return err
		}
	}
	if _, ok := e.Definition.Aggregates[command.Component]; ok {
		return eventlog.CheckID(command.ID)
	}
	if !e.Definition.Addressee(command.Component) {
		return fmt.Errorf("the plugin has no aggregate or slice %q", command.Component)
	}
	_, command.ID, err = e.entity(command.Component, command.Data)
	return err
}

// readForeign gives the command of another plugin the addressee that the extension point
// declares for its type.
func (e *Engine) readForeign(command *protocol.Command) error {
	point, ok := e.Definition.ExtensionPoints[command.ExtensionPoint]
	if !ok {
		return fmt.Errorf("the plugin has no extension point %q", command.ExtensionPoint)
	}
	declared, ok := point.Commands[command.Type]
	if !ok {
		return fmt.Errorf("the extension point %q takes no command %q from other plugins", command.ExtensionPoint, command.Type)
	}
	command.Component, command.ID = declared.To, ""
	if declared.ID == "" {
		return nil
	}
	id, err := valueAt(command.Data, declared.ID)
	if err != nil {
		return fmt.Errorf("the command %q of the extension point %q needs the id of %s in its data: %w", command.Type, command.ExtensionPoint, declared.To, err)
	}
	command.ID = id
	return nil
}

// valueAt is the one text or integer at a dotted path of an object.
func valueAt(data json.RawMessage, path string) (string, error) {
	model := definition.DCB{Tags: map[string]definition.Tag{path: {Fields: []string{path}}}}
	values, err := dcb.Values(model, data, path)
	if err != nil {
		return "", err
	}
	if len(values) != 1 {
		return "", fmt.Errorf("there are %d values at %q, there must be one", len(values), path)
	}
	return values[0], nil
}
