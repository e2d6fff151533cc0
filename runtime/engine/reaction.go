package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// reaction sends the commands that one message of an extension leads to. All commands
// are checked before the first is sent. A message that comes again leads to commands
// with the same ids, which have no second effect.
func (e *Engine) reaction(b *batch, queued events.SQSMessage) error {
	extension, message, err := e.readMessage(queued)
	if err != nil {
		return err
	}
	id := messageID(message)
	answer, err := b.ask(turn.Turn{
		Kind: turn.React, Component: extension,
		Message: &turn.Message{
			Type: message.Type, Data: message.Data, Key: message.Key,
			Plugin: message.Plugin, ExtensionPoint: message.ExtensionPoint,
		},
		Meta: turn.Meta{CorrelationID: message.CorrelationID, CausationID: id, Time: message.Time},
	})
	if err != nil {
		return fmt.Errorf("message %s of %s.%s: %w", message.Type, message.Plugin, message.ExtensionPoint, err)
	}
	return b.carryOut(id, extension, answer, turn.Meta{CorrelationID: message.CorrelationID, CausationID: id, Time: message.Time})
}

// readMessage reads a message of an extension's queue and finds the extension.
func (e *Engine) readMessage(queued events.SQSMessage) (string, protocol.ExtensionMessage, error) {
	var message protocol.ExtensionMessage
	queue := queued.EventSourceARN[strings.LastIndexByte(queued.EventSourceARN, ':')+1:]
	extension, known := e.extensions[queue]
	if !known {
		return "", message, fmt.Errorf("the queue %q belongs to no extension of the plugin", queue)
	}
	if err := json.Unmarshal([]byte(queued.Body), &message); err != nil {
		return "", message, fmt.Errorf("the message is not one of an extension point (is raw message delivery on?): %w", err)
	}
	message.Data = orEmpty(message.Data)
	if message.Type == "" || message.Plugin == "" || message.ExtensionPoint == "" || message.Source.Number == 0 || message.Data[0] != '{' {
		return "", message, errors.New("the message is not one of an extension point (is raw message delivery on?): " +
			"it needs plugin, extensionPoint, type, source and an object as data")
	}
	return extension, message, nil
}
