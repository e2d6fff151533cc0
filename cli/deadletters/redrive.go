package deadletters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/streamfailure"
)

// defaultRate is the default of --rate: soon done, and far from what functions of a small
// account can take.
const defaultRate = 20

// redriven is what was done with one queue.
type redriven struct {
	Owner string `json:"owner"`
	Part  string `json:"part"`
	// Messages went back to their queue, or were stream failures that happened again;
	// Records were sent to functions for the latter.
	Messages int64 `json:"messages"`
	Records  int   `json:"records,omitempty"`
	// Failed are still in the dead-letter queue, about.
	Failed int    `json:"failed"`
	Error  string `json:"error,omitempty"`
}

func (e *environment) redrive() *cobra.Command {
	var output format
	var all bool
	rate := defaultRate
	command := &cobra.Command{
		Use:   "redrive [<part>] [--all]",
		Short: "Let the messages of a dead-letter queue be processed again",
		Long: `Let the messages of a dead-letter queue be processed again. Remove the cause first:
what fails again comes back.

Messages go back to the queue that they came from. For the failures of stream readers
(stream-failures) the function that failed is invoked with the same records; when
these are more than 24 hours old, with the items of the table from that time, for
which the whole table is read. A failure is deleted only after it succeeded.

Nothing happens twice that has an effect: interrupt the command and start it again as
you like.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if all == (len(arguments) == 1) {
				return errors.New("name one part, or give --all")
			}
			if rate < 1 || rate > deadletter.MaxRate {
				return fmt.Errorf("--rate is %d: it must be from 1 to %d", rate, deadletter.MaxRate)
			}
			queues, err := e.chosen(command, arguments)
			if err != nil {
				return err
			}
			results, err := e.redriveAll(command, queues, rate)
			return errors.Join(output.print(command.OutOrStdout(), results, func(out io.Writer) error { return printRedriven(out, results) }), err)
		},
	}
	output.add(command)
	command.Flags().BoolVar(&all, "all", false, "all dead-letter queues of the stack")
	command.Flags().IntVar(&rate, "rate", rate, "the greatest number of messages per second that go back to a queue")
	return command
}

// chosen are the queues that are meant.
func (e *environment) chosen(command *cobra.Command, arguments []string) ([]deadletter.Queue, error) {
	queues, err := e.queues(command)
	if err != nil || len(arguments) == 0 {
		return queues, err
	}
	queue, err := deadletter.Find(queues, arguments[0])
	return []deadletter.Queue{queue}, err
}

// redriveAll goes on with the next queue when one fails.
func (e *environment) redriveAll(command *cobra.Command, queues []deadletter.Queue, rate int) ([]redriven, error) {
	var problems []error
	results := []redriven{}
	for _, queue := range queues {
		if command.Context().Err() != nil {
			break
		}
		result, err := e.redriveOne(command, queue, rate)
		if err != nil {
			result.Error = err.Error()
			problems = append(problems, err)
		}
		results = append(results, result)
	}
	return results, errors.Join(problems...)
}

func (e *environment) redriveOne(command *cobra.Command, queue deadletter.Queue, rate int) (redriven, error) {
	result := redriven{Owner: queue.Owner, Part: queue.Part}
	clients, err := e.connect(command.Context(), queue.Provider)
	if err != nil {
		return result, err
	}
	if queue.Part == deadletter.StreamFailures && queue.Plugin != nil {
		err = e.repeat(command, queue, clients, &result)
		return result, err
	}
	counted, err := deadletter.Messages(command.Context(), clients.SQS, queue)
	if err != nil || counted.Messages == 0 {
		return result, err
	}
	mover := deadletter.Mover{SQS: clients.SQS, Rate: rate, Pause: e.pause, Progress: func(moved deadletter.Moved) {
		fmt.Fprintf(command.ErrOrStderr(), "%s: %d of %d messages\n", queue, moved.Messages, moved.Total)
	}}
	moved, err := mover.Move(command.Context(), queue)
	result.Messages = moved.Messages
	if err != nil {
		result.Failed = max(0, counted.Messages-int(moved.Messages))
	}
	return result, err
}

// repeat makes the failures of stream readers happen again.
func (e *environment) repeat(command *cobra.Command, queue deadletter.Queue, clients Clients, result *redriven) error {
	ctx := command.Context()
	held, err := deadletter.Take(ctx, clients.SQS, queue)
	if err != nil {
		return err
	}
	work := e.work(held)
	repeater := streamfailure.Repeater{
		Plugin: queue.Plugin, Streams: clients.Streams, DynamoDB: clients.DynamoDB, Lambda: clients.Lambda, Pause: e.pause, Now: e.now,
		Progress: func(text string) { fmt.Fprintln(command.ErrOrStderr(), text) },
	}
	repeated, err := repeater.Repeat(ctx, work.items)
	result.Messages, result.Records = int64(repeated.Failures), repeated.Records
	result.Failed = len(held) - repeated.Failures
	// What is left can be had again at once, also when the user interrupts.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(append(work.problems, err, deadletter.Release(ctx, work.left()))...)
}

// failures is the work on the messages of stream failures.
type failures struct {
	items    []streamfailure.Item
	problems []error

	held    []deadletter.Held
	done    map[string]bool
	renewed time.Time
	now     func() time.Time
}

// renewAfter is how long messages are worked on before they are held anew, well before
// they come back by themselves.
const renewAfter = 5 * time.Minute

// work reads the failures in messages. What is none stays in the queue.
func (e *environment) work(held []deadletter.Held) *failures {
	w := &failures{held: held, done: map[string]bool{}, renewed: e.now(), now: e.now}
	for _, message := range held {
		failure, err := streamfailure.Parse(aws.ToString(message.Body))
		if err != nil {
			w.problems = append(w.problems, fmt.Errorf("the message %s: %w", aws.ToString(message.MessageId), err))
			continue
		}
		w.items = append(w.items, streamfailure.Item{Failure: failure, Keep: w.keep, Done: func(ctx context.Context) error {
			if err := message.Done(ctx); err != nil {
				return err
			}
			w.done[aws.ToString(message.MessageId)] = true
			return nil
		}})
	}
	return w
}

// keep holds what is left anew when it is time for that.
func (w *failures) keep(ctx context.Context) error {
	if w.now().Sub(w.renewed) < renewAfter {
		return ctx.Err()
	}
	w.renewed = w.now()
	return deadletter.Renew(ctx, w.left())
}

// left are the messages that are not done.
func (w *failures) left() []deadletter.Held {
	var left []deadletter.Held
	for _, message := range w.held {
		if !w.done[aws.ToString(message.MessageId)] {
			left = append(left, message)
		}
	}
	return left
}

func printRedriven(out io.Writer, results []redriven) error {
	for _, r := range results {
		line := fmt.Sprintf("%s %s: %d messages redriven", r.Owner, r.Part, r.Messages)
		if r.Records > 0 {
			line += fmt.Sprintf(" (%d records)", r.Records)
		}
		if r.Failed > 0 {
			line += fmt.Sprintf(", %d failed and still there", r.Failed)
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
