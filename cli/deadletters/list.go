package deadletters

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
)

// listed is a line of the list.
type listed struct {
	Owner    string `json:"owner"`
	Part     string `json:"part"`
	Messages int    `json:"messages"`
	Hidden   int    `json:"hidden"`
	// Oldest is when the oldest message seen was sent; OldestSampled says that there may be
	// an older one.
	Oldest        string `json:"oldest,omitempty"`
	OldestSampled bool   `json:"oldestSampled,omitempty"`
	URL           string `json:"url"`

	age string
}

func (e *environment) list() *cobra.Command {
	var output format
	command := &cobra.Command{
		Use:   "list",
		Short: "Count the messages in the dead-letter queues",
		Long: `Count the messages in the dead-letter queues of the stack's plugins and platform.
The numbers are SQS's, which are approximate. The age is that of the oldest of up to
ten messages; > says that there are others that were not looked at.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			lines, err := e.listed(command)
			if err != nil {
				return err
			}
			return output.print(command.OutOrStdout(), lines, func(out io.Writer) error { return printList(out, lines) })
		},
	}
	output.add(command)
	return command
}

func (e *environment) listed(command *cobra.Command) ([]listed, error) {
	queues, err := e.queues(command)
	if err != nil {
		return nil, err
	}
	lines := make([]listed, len(queues))
	for i, queue := range queues {
		clients, err := e.connect(command.Context(), queue.Provider)
		if err != nil {
			return nil, err
		}
		counted, err := deadletter.Count(command.Context(), clients.SQS, queue)
		if err != nil {
			return nil, err
		}
		lines[i] = e.line(queue, counted)
	}
	return lines, nil
}

func (e *environment) line(queue deadletter.Queue, counted deadletter.Counted) listed {
	line := listed{Owner: queue.Owner, Part: queue.Part, Messages: counted.Messages, Hidden: counted.Hidden, URL: queue.URL}
	if counted.Oldest.IsZero() {
		return line
	}
	line.Oldest, line.OldestSampled = counted.Oldest.Format(time.RFC3339), counted.Sampled
	line.age = age(e.now().Sub(counted.Oldest))
	if counted.Sampled {
		line.age = ">" + line.age
	}
	return line
}

func printList(out io.Writer, lines []listed) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "OWNER\tPART\tMESSAGES\tOLDEST")
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", line.Owner, line.Part, line.Messages, line.age)
	}
	return table.Flush()
}

// age is a duration in its greatest unit.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", max(0, d)/time.Second)
}
