package deadletters

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
)

func (e *environment) purge() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:   "purge <part>",
		Short: "Delete the messages of a dead-letter queue",
		Long: `Delete all messages of a dead-letter queue, for good. What they asked for will never
happen. SQS takes up to a minute for it and deletes what arrives meanwhile too.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			queue, clients, err := e.open(command, arguments[0])
			if err != nil {
				return err
			}
			return purge(command, queue, clients, yes)
		},
	}
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return command
}

func purge(command *cobra.Command, queue deadletter.Queue, clients Clients, yes bool) error {
	counted, err := deadletter.Messages(command.Context(), clients.SQS, queue)
	if err != nil {
		return err
	}
	talk := command.ErrOrStderr()
	if counted.Messages == 0 {
		fmt.Fprintf(talk, "The dead-letter queue %s is empty.\n", queue)
		return nil
	}
	if !yes {
		if err := confirm(command, fmt.Sprintf("Delete about %d messages of %s for good? [y/N] ", counted.Messages, queue)); err != nil {
			return err
		}
	}
	_, err = clients.SQS.PurgeQueue(command.Context(), &sqs.PurgeQueueInput{QueueUrl: &queue.URL})
	var again *types.PurgeQueueInProgress
	if errors.As(err, &again) {
		return fmt.Errorf("the dead-letter queue %s was purged less than a minute ago, SQS is still at it: wait, then look with 'dlq list'", queue)
	}
	if err != nil {
		return fmt.Errorf("purge the dead-letter queue %s (%s): %w", queue, queue.URL, err)
	}
	fmt.Fprintf(talk, "SQS deletes about %d messages of %s, which may take a minute.\n", counted.Messages, queue)
	return nil
}

// confirm asks; everything but yes is an error.
func confirm(command *cobra.Command, question string) error {
	fmt.Fprint(command.ErrOrStderr(), question)
	answer, err := bufio.NewReader(command.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was deleted: answer y, or give --yes")
}
