package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxMessage is how large a message of a queue may be, in bytes: SQS's default for a
// queue's MaximumMessageSize, which pulumi-aws sets.
const maxMessage = 256 << 10

// sendAll sends the commands of an answer, in their order. The cause identifies what the
// component was asked about, such as a message; together with the place of a command
// among its equals it makes the command's id, so the same cause leads to commands with
// the same ids. The commands carry meta's correlation id, causation id and actor.
func (b *batch) sendAll(cause, component string, commands []turn.CommandTo, meta turn.Meta) error {
	return b.sendCommands(b.aws, cause, component, commands, meta)
}

// sendCommands is [batch.sendAll] for what is no batch. All commands are checked before
// the first is sent.
func (e *Engine) sendCommands(ctx context.Context, cause, component string, commands []turn.CommandTo, meta turn.Meta) error {
	letters, err := e.sealed(cause, component, commands, meta)
	if err != nil {
		return err
	}
	for _, letter := range letters {
		if err := e.send(ctx, letter); err != nil {
			return err
		}
	}
	return nil
}

// sealed are the commands of an answer as [batch.sendAll] sends them. It refuses commands
// that could never be carried out.
func (e *Engine) sealed(cause, component string, commands []turn.CommandTo, meta turn.Meta) ([]letter, error) {
	letters, err := e.letters(commands)
	if err != nil {
		return nil, err
	}
	same := places{}
	var problems []error
	for i, to := range commands {
		command := &letters[i].command
		command.CommandID = e.effectID(cause, component, to, same.next(to.To, to.ID, to.Type))
		command.CorrelationID, command.CausationID, command.Actor = meta.CorrelationID, meta.CausationID, meta.Actor
		problems = append(problems, letters[i].checkSize(fmt.Sprintf("$.commands[%d]", i)))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, invalidAnswer("%s", err)
	}
	return letters, nil
}

// effectID identifies a command that something led to. The plugin is part of it when the
// command goes to another plugin, whose queue has commands of further plugins.
func (e *Engine) effectID(cause, component string, to turn.CommandTo, place int) string {
	if _, foreign := e.Definition.Extensions[to.To]; foreign && !e.Definition.Addressee(to.To) {
		cause = hash(e.Definition.Plugin, cause)
	}
	return reactionID(cause, component, to, place)
}

// letter is a command with where to send it.
type letter struct {
	// queue is the queue's URL, group the message group.
	queue, group string
	// once is the deduplication id; by default it is the command's id.
	once    string
	command protocol.Command
}

// text is the command as it is sent.
func (l letter) text() (string, error) {
	body, err := json.Marshal(l.command)
	if err != nil {
		return "", fmt.Errorf("write the command %s: %w", l.command.Type, err)
	}
	return queueText(body), nil
}

// checkSize refuses a command that no queue takes; the path is its place in the answer.
func (l letter) checkSize(path string) error {
	body, err := l.text()
	if err != nil || len(body) <= maxMessage {
		return err
	}
	return fmt.Errorf("%s.data: the command has %d bytes with what goes along with it, a message of a queue takes %d; put less into it",
		path, len(body), maxMessage)
}

// letters addresses commands, or says everything that is wrong with them.
func (e *Engine) letters(commands []turn.CommandTo) ([]letter, error) {
	letters := make([]letter, len(commands))
	var problems []error
	for i, command := range commands {
		var err error
		if letters[i], err = e.address(fmt.Sprintf("$.commands[%d]", i), command); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, invalidAnswer("%s", err)
	}
	return letters, nil
}

// address finds out where a command goes; the path is its place in the answer.
func (e *Engine) address(path string, to turn.CommandTo) (letter, error) {
	command := protocol.Command{Component: to.To, ID: to.ID, Type: to.Type, Data: to.Data}
	if _, ok := e.Definition.Aggregates[to.To]; ok {
		if err := eventlog.CheckID(to.ID); err != nil {
			return letter{}, fmt.Errorf("%s.id: %w", path, err)
		}
		return letter{queue: e.queueOf(command.Component), group: commandGroup(to.To, to.ID), command: command}, nil
	}
	if e.Definition.Addressee(to.To) {
		return e.addressSlice(path, command)
	}
	return e.addressExtension(path, to)
}

// addressSlice finds the entity that a command for a slice is about. All slices about
// one entity share a message group, so that its commands stay in order. A command about
// no entity has no order to keep, and a group of its own.
func (e *Engine) addressSlice(path string, command protocol.Command) (letter, error) {
	tag, value, err := e.entity(command.Component, command.Data)
	if err != nil {
		return letter{}, fmt.Errorf("%s.data: %w", path, err)
	}
	if value == "" {
		own := cmp.Or(command.ID, hash(command.Type, string(command.Data)))
		return letter{queue: e.queueOf(command.Component), group: commandGroup(command.Component, own), command: command}, nil
	}
	command.ID = value
	return letter{queue: e.queueOf(command.Component), group: commandGroup(tag, value), command: command}, nil
}

// addressExtension sends a command to the plugin that owns the extension point.
func (e *Engine) addressExtension(path string, to turn.CommandTo) (letter, error) {
	extension, ok := e.Definition.Extensions[to.To]
	if !ok {
		return letter{}, fmt.Errorf("%s.to: the plugin has no aggregate, slice or extension %q", path, to.To)
	}
	queue, ok := e.ExtensionQueues[to.To]
	if !ok {
		return letter{}, fmt.Errorf("%s.to: the extension point %s of the plugin %s, which the extension %q stands for, takes no commands",
			path, extension.ExtensionPoint, extension.Plugin, to.To)
	}
	entity := to.ID
	if entity == "" {
		entity = to.Type
	}
	return letter{queue: queue, group: commandGroup(extension.ExtensionPoint, entity), command: protocol.Command{
		ExtensionPoint: extension.ExtensionPoint, Type: to.Type, Data: to.Data,
	}}, nil
}

// sendOnce sends a command whose id may be a caller's. A caller may use one id for
// commands on several components, which are different commands and may share a message
// group.
func (e *Engine) sendOnce(ctx context.Context, l letter, command protocol.Command) error {
	l.command, l.once = command, hash(command.Component, command.ID, command.CommandID)
	return e.send(ctx, l)
}

// send puts a command on its queue. For five minutes the queue drops further messages of
// the group with the same deduplication id; after that they have no effect, because the
// command's id is known.
func (e *Engine) send(ctx context.Context, l letter) error {
	body, err := l.text()
	if err != nil {
		return err
	}
	_, err = e.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               &l.queue,
		MessageBody:            &body,
		MessageGroupId:         aws.String(l.group),
		MessageDeduplicationId: aws.String(cmp.Or(l.once, l.command.CommandID)),
	})
	if err != nil {
		return fmt.Errorf("send the command %s %s with the group %q to the queue %s: %w", l.command.Type, l.command.CommandID, l.group, l.queue, err)
	}
	return nil
}
