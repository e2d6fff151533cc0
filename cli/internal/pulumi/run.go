package pulumi

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"
)

// Operation is what is done to a stack.
type Operation string

// The operations.
const (
	Up      Operation = "up"
	Preview Operation = "preview"
	Refresh Operation = "refresh"
	Destroy Operation = "destroy"
)

// Request says what to run.
type Request struct {
	Operation Operation
	// Folder is the project's folder, Stack the stack's name.
	Folder, Stack string
	// Environment is added to the command's, as NAME=value.
	Environment []string
	// Arguments are added to the command's.
	Arguments []string
	// Output receives what the command prints. Step is told of each resource that an
	// operation was ended for; it may be nil.
	Output io.Writer
	Step   func(Step)
	// Abort ends when a command that was interrupted and does not come to its end is to be
	// interrupted once more; pulumi then ends at once. It may be nil.
	Abort context.Context
}

// Step is the end of an operation on a resource.
type Step struct {
	// Operation is Pulumi's word for it: create, update, delete, same, …
	Operation string
	// Type and Name are those of the resource.
	Type, Name string
	Failed     bool
	// Duration is how long the operation took, to the second's tenth or so.
	Duration time.Duration
}

// Changed says whether the step changes anything.
func (s Step) Changed() bool { return s.Operation != "same" && s.Operation != "read" }

// Outcome is what an operation did.
type Outcome struct {
	// Changes are the numbers of resources by operation, without those that stay the same.
	Changes map[string]int `json:"changes"`
	// Resources is how many there are afterwards.
	Resources int `json:"resources"`
	// Outputs are the stack's, with secrets masked; nil when they were not reached.
	Outputs map[string]any `json:"outputs,omitempty"`
	// OutputsChanged says whether they are others than before. Of a masked secret nobody
	// can tell, so it counts as another one when anything of the stack changed.
	OutputsChanged bool `json:"outputsChanged"`
}

// Run runs an operation. Its error is a *[Failure].
func (c *Command) Run(ctx context.Context, request Request) (Outcome, error) {
	folder, err := os.MkdirTemp("", "reventless-events-")
	if err != nil {
		return Outcome{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	log := filepath.Join(folder, "events")
	printed := &lastLines{}
	command := c.command(ctx, request.Folder, append(arguments(request), "--event-log", log)...)
	command.Env = append(command.Env, request.Environment...)
	output := io.MultiWriter(printed, request.Output)
	command.Stdout, command.Stderr = output, output
	events := &events{step: request.Step, began: map[string]time.Time{}}
	defer c.held()()
	if err := command.Start(); err != nil {
		return Outcome{}, err
	}
	if request.Abort != nil {
		defer context.AfterFunc(request.Abort, func() { _ = interrupt(command.Process) })() // one that has ended needs none
	}
	ended := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() { events.follow(log, ended) })
	err = command.Wait()
	close(ended)
	reading.Wait()
	if err != nil {
		return events.outcome(), failure(ctx, printed.String(), events.errors)
	}
	return events.outcome(), nil
}

func arguments(request Request) []string {
	words := []string{string(request.Operation), "--stack", request.Stack}
	if request.Operation != Preview {
		words = append(words, "--yes", "--skip-preview")
	}
	return append(append(words, "--suppress-progress"), request.Arguments...)
}

// outcome sums up what was read.
func (e *events) outcome() Outcome {
	outcome := Outcome{Changes: map[string]int{}, Resources: e.resources, Outputs: e.after}
	for operation, count := range e.changes {
		if operation != "same" && count > 0 {
			outcome.Changes[operation] = count
		}
	}
	outcome.OutputsChanged = !reflect.DeepEqual(e.before, e.after) || e.secret && len(outcome.Changes) > 0
	return outcome
}

// maxPrinted is how much of a command's output is kept for an error, in bytes.
const maxPrinted = 64 << 10

// lastLines keeps the end of what is written to it.
type lastLines struct {
	mutex sync.Mutex
	text  []byte
}

func (l *lastLines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.text = append(l.text, text...)
	if excess := len(l.text) - maxPrinted; excess > 0 {
		l.text = bytes.Clone(l.text[excess:])
	}
	return len(text), nil
}

func (l *lastLines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return string(l.text)
}
