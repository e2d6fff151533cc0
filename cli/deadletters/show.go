package deadletters

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/streamfailure"
)

// defaultMax is how many messages are shown by default.
const defaultMax = 10

func (e *environment) show() *cobra.Command {
	var output format
	var limit int
	var body bool
	command := &cobra.Command{
		Use:   "show <part>",
		Short: "Print what the messages of a dead-letter queue were",
		Long: `Print what the messages of a dead-letter queue were and leave them there. The
payload is printed with --body only: it may hold personal data. The reason why a
message failed is in the log of its function, under the message id, or the request
id of a stream failure.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if limit < 1 {
				return fmt.Errorf("--max is %d: it must be at least 1", limit)
			}
			letters, err := e.letters(command, arguments[0], limit, body)
			if err != nil {
				return err
			}
			return output.print(command.OutOrStdout(), letters, func(out io.Writer) error { return printLetters(out, letters) })
		},
	}
	output.add(command)
	command.Flags().IntVar(&limit, "max", defaultMax, "the greatest number of messages to print")
	command.Flags().BoolVar(&body, "body", false, "print the payloads too, which may hold personal data")
	return command
}

func (e *environment) letters(command *cobra.Command, part string, limit int, body bool) ([]deadletter.Letter, error) {
	queue, clients, err := e.open(command, part)
	if err != nil {
		return nil, err
	}
	messages, err := deadletter.Peek(command.Context(), clients.SQS, queue, limit)
	if err != nil {
		return nil, err
	}
	letters := make([]deadletter.Letter, len(messages))
	for i, message := range messages {
		letters[i] = deadletter.Describe(queue, message)
		if body {
			letters[i].Body = aws.ToString(message.Body)
		}
	}
	if len(letters) == 0 {
		fmt.Fprintf(command.ErrOrStderr(), "The dead-letter queue %s is empty.\n", queue)
	}
	return letters, nil
}

// printLetters writes each message as lines of a name and a value, without what is empty.
func printLetters(out io.Writer, letters []deadletter.Letter) error {
	for i, letter := range letters {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, field := range fieldsOf(letter) {
			if field[1] == "" || field[1] == "0" {
				continue
			}
			if _, err := fmt.Fprintf(out, "%-12s %s\n", field[0], field[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldsOf(l deadletter.Letter) [][2]string {
	fields := [][2]string{
		{"what", l.Kind}, {"to", l.To}, {"from", l.From}, {"id", l.ID}, {"type", l.Type}, {"attempt", strconv.Itoa(l.Attempt)},
		{"time", l.Time}, {"command", l.CommandID}, {"correlation", l.CorrelationID}, {"causation", l.CausationID},
		{"message", l.MessageID}, {"group", l.Group}, {"sent", l.Sent}, {"received", strconv.Itoa(l.Receives)},
		{"function", l.Function}, {"error", l.Error},
	}
	return append(append(fields, streamFields(l.Stream)...), [2]string{"body", l.Body})
}

func streamFields(f *streamfailure.Failure) [][2]string {
	if f == nil {
		return nil
	}
	return [][2]string{
		{"shard", f.ShardID}, {"sequence", f.First + " to " + f.Last}, {"records", strconv.Itoa(f.Records)},
		{"written", f.FirstArrival.Format(time.RFC3339) + " to " + f.LastArrival.Format(time.RFC3339)},
		{"invocations", strconv.Itoa(f.Invocations)}, {"request", f.RequestID},
	}
}
