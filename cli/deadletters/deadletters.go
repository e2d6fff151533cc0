// Package deadletters is the command "dlq", for the messages that could not be processed.
//
//  1. "list" counts the messages in all dead-letter queues of a stack.
//  2. "show" prints what the messages of one were, without their payload unless --body is
//     given: payloads hold personal data.
//  3. "redrive" lets them be processed again: messages go back to the queue that they came
//     from, what readers of streams gave up happens again, see package streamfailure.
//  4. "purge" deletes them, after a question.
//
// Data goes to standard output, everything else to standard error.
package deadletters

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/cli/internal/streamfailure"
)

// Clients reach AWS.
type Clients struct {
	SQS      deadletter.SQS
	DynamoDB streamfailure.DynamoDB
	Streams  streamfailure.Streams
	Lambda   streamfailure.Lambda
}

// Connect makes the clients for what a provider made.
type Connect func(context.Context, stack.Provider) (Clients, error)

// environment is what the commands work with.
type environment struct {
	read     stack.Reader
	selected *stack.Selection
	connect  Connect
	now      func() time.Time
	// pause is the time between two looks at a move, and the longest before the second
	// attempt at records.
	pause time.Duration
}

// New makes the command. selected has what the flags of the project and the stack say.
func New(read stack.Reader, selected *stack.Selection, connect Connect) *cobra.Command {
	e := &environment{read: read, selected: selected, connect: connect, now: time.Now, pause: time.Second}
	return e.command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "dlq",
		Short: "Look at and empty the dead-letter queues of a stack",
		Long: `What a function could not process after several attempts goes to a dead-letter
queue, where it stays for 14 days. Find out why with 'dlq show' and the function's
log, remove the cause, then 'dlq redrive'.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(e.list(), e.show(), e.redrive(), e.purge())
	for _, sub := range command.Commands() {
		e.selected.AddPluginFlag(sub.Flags())
	}
	return command
}

// queues are the queues of the stack. What is missing is said on stderr.
func (e *environment) queues(command *cobra.Command) ([]deadletter.Queue, error) {
	found, err := e.read(command.Context(), *e.selected)
	if err != nil {
		return nil, err
	}
	for _, platform := range found.Platforms {
		if len(platform.DeadLetterQueues) == 0 {
			fmt.Fprintf(command.ErrOrStderr(), "The platform %s does not tell its dead-letter queues: deploy it with the present version of reventless to see them.\n", platform.Name)
		}
	}
	return deadletter.Queues(found, e.selected.Plugin)
}

// open finds the queue of a part and connects to AWS.
func (e *environment) open(command *cobra.Command, part string) (deadletter.Queue, Clients, error) {
	queues, err := e.queues(command)
	if err != nil {
		return deadletter.Queue{}, Clients{}, err
	}
	queue, err := deadletter.Find(queues, part)
	if err != nil {
		return deadletter.Queue{}, Clients{}, err
	}
	clients, err := e.connect(command.Context(), queue.Provider)
	return queue, clients, err
}

// format is the flag of the output's format.
type format struct{ name string }

var formats = []string{"text", "json"}

func (f *format) add(command *cobra.Command) {
	command.Flags().StringVarP(&f.name, "output", "o", formats[0], "format of the output: text or json")
	command.PreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(formats, f.name) {
			return fmt.Errorf("the output format %q is not known: use text or json", f.name)
		}
		return nil
	}
}

// print writes data as JSON or, with text, for people.
func (f *format) print(out io.Writer, data any, text func(io.Writer) error) error {
	if f.name != "json" {
		return text(out)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(data)
}
