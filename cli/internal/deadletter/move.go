package deadletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// MaxRate is the greatest rate of a move, in messages per second.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
const MaxRate = 500

// The states of a move task in SQS.
const (
	moveRunning   = "RUNNING"
	moveCompleted = "COMPLETED"
)

// Moved is what a move did, or has done so far. SQS keeps the numbers approximately.
type Moved struct {
	// Messages were moved, of Total that there were at the beginning.
	Messages, Total int64
}

// Mover moves messages back. The zero values of its fields are not usable.
type Mover struct {
	SQS SQS
	// Rate bounds the messages per second, 1 to [MaxRate].
	Rate int
	// Pause is the time between two looks at the move.
	Pause time.Duration
	// Progress is told how far it is.
	Progress func(Moved)
}

// Move brings all messages of a queue back to the queue that they came from and waits
// until that is done. It joins a move that is under way already.
func (m Mover) Move(ctx context.Context, q Queue) (Moved, error) {
	arn, err := m.arn(ctx, q.URL)
	if err != nil {
		return Moved{}, q.failed("look at", err)
	}
	running, err := m.last(ctx, arn)
	if err != nil {
		return Moved{}, q.failed("look at the moves from", err)
	}
	if running != nil && aws.ToString(running.Status) == moveRunning {
		return m.wait(ctx, q, arn, 0)
	}
	if err := m.start(ctx, q, arn); err != nil {
		return Moved{}, err
	}
	before := int64(0)
	if running != nil {
		before = running.StartedTimestamp
	}
	return m.wait(ctx, q, arn, before)
}

// start starts a move.
func (m Mover) start(ctx context.Context, q Queue, arn string) error {
	destination, err := m.source(ctx, q)
	if err != nil {
		return err
	}
	_, err = m.SQS.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
		SourceArn: &arn, DestinationArn: destination, MaxNumberOfMessagesPerSecond: aws.Int32(int32(m.Rate)),
	})
	if err != nil {
		return q.failed("start to move the messages of", err)
	}
	return nil
}

// source is the ARN of the queue whose dead letters these are. SQS finds it by itself only
// for messages that were in that queue: what a schedule could not send never was. It is
// nil, which leaves it to SQS, when several queues share the dead-letter queue.
func (m Mover) source(ctx context.Context, q Queue) (*string, error) {
	out, err := m.SQS.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.URL})
	if err != nil {
		return nil, q.failed("look for the source of", err)
	}
	switch len(out.QueueUrls) {
	case 0:
		return nil, q.failed("move the messages of", errors.New("no queue has it as its dead-letter queue any more, so there is nowhere to move them to; 'dlq show --body' prints them"))
	case 1:
		arn, err := m.arn(ctx, out.QueueUrls[0])
		if err != nil {
			return nil, q.failed("look at the source of", err)
		}
		return &arn, nil
	}
	return nil, nil
}

func (m Mover) arn(ctx context.Context, url string) (string, error) {
	name := types.QueueAttributeNameQueueArn
	out, err := m.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", err
	}
	return out.Attributes[string(name)], nil
}

// wait looks at the newest move until it ends. Moves that started at a time or before it
// are others.
func (m Mover) wait(ctx context.Context, q Queue, arn string, before int64) (Moved, error) {
	for {
		task, err := m.last(ctx, arn)
		if err != nil {
			return Moved{}, q.failed("look at the moves from", err)
		}
		if task != nil && task.StartedTimestamp > before {
			moved := Moved{Messages: task.ApproximateNumberOfMessagesMoved, Total: aws.ToInt64(task.ApproximateNumberOfMessagesToMove)}
			switch status := aws.ToString(task.Status); status {
			case moveRunning:
				m.Progress(moved)
			case moveCompleted:
				return moved, nil
			default:
				return moved, q.failed("move the messages of", fmt.Errorf("SQS says %s after %d of %d: %s; what was not moved is still there", status, moved.Messages, moved.Total, aws.ToString(task.FailureReason)))
			}
		}
		select {
		case <-ctx.Done():
			return Moved{}, q.failed("wait for the move from", fmt.Errorf("%w; SQS goes on with it, the same command joins it", ctx.Err()))
		case <-time.After(m.Pause):
		}
	}
}

// last is the move that was started last, nil when there was none.
func (m Mover) last(ctx context.Context, arn string) (*types.ListMessageMoveTasksResultEntry, error) {
	out, err := m.SQS.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &arn, MaxResults: aws.Int32(most)})
	if err != nil {
		return nil, err
	}
	var newest *types.ListMessageMoveTasksResultEntry
	for i, task := range out.Results {
		if newest == nil || task.StartedTimestamp > newest.StartedTimestamp {
			newest = &out.Results[i]
		}
	}
	return newest, nil
}
