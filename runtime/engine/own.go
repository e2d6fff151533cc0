package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// addressees are the names of all aggregates and slices.
func (e *Engine) addressees() []string {
	names := slices.Collect(maps.Keys(e.Definition.Aggregates))
	if e.Definition.DCB != nil {
		names = slices.AppendSeq(names, maps.Keys(e.Definition.DCB.Slices))
	}
	return names
}

// ownQueue is the physical name of the command queue of an aggregate or a slice with a
// function of its own, "" for one that takes its commands from the plugin's queue.
func (e *Engine) ownQueue(component string) string {
	if aggregate, ok := e.Definition.Aggregates[component]; ok || e.Definition.DCB == nil {
		return aggregate.CommandQueue
	}
	return e.Definition.DCB.Slices[component].CommandQueue
}

// queueOf is the URL of the queue of an aggregate's or a slice's commands: the plugin's,
// or one beside it that is the component's own.
func (e *Engine) queueOf(component string) string {
	name := e.ownQueue(component)
	if name == "" {
		return e.CommandQueueURL
	}
	return e.CommandQueueURL[:strings.LastIndexByte(e.CommandQueueURL, '/')+1] + name
}

// serves says whether this function carries out the commands of an aggregate or a slice:
// those of its component, or of all that have no function of their own. It has no access
// to the event logs of others.
func (e *Engine) serves(component string) bool {
	if e.Component != "" {
		return component == e.Component
	}
	return e.ownQueue(component) == ""
}

// forwards says whether commands come to this function that are for the function of
// another component. Other plugins know the plugin's queue only.
func (e *Engine) forwards() bool {
	return e.Component == "" && slices.ContainsFunc(e.addressees(), func(name string) bool { return e.ownQueue(name) != "" })
}

// forward sends a queued command to the queue of its component. When this is repeated,
// the queue drops the second message, or the command's id has no second effect. The
// queue of a single component has commands for that one only.
func (b *batch) forward(command protocol.Command) error {
	if b.Component != "" {
		return fmt.Errorf("command %s %s is for %s, but this queue is that of %s", command.Type, command.CommandID, command.Component, b.Component)
	}
	letter, err := b.address("$", turn.CommandTo{To: command.Component, ID: command.ID, Type: command.Type, Data: command.Data})
	if err != nil {
		return err
	}
	command.ExtensionPoint = ""
	return b.sendOnce(b.aws, letter, command)
}
