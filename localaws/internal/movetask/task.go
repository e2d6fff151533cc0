package movetask

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"
)

// States of a task.
const (
	statusRunning    = "RUNNING"
	statusCompleted  = "COMPLETED"
	statusCancelling = "CANCELLING"
	statusCancelled  = "CANCELLED"
	statusFailed     = "FAILED"
)

const (
	maxRate      = 500
	receiveLimit = 10
	// moveVisibility is how long a message that is being moved is hidden, in seconds.
	moveVisibility = 60
	callTimeout    = 20 * time.Second
)

// task moves the messages of one dead-letter queue. The service's mutex guards what
// changes.
type task struct {
	service                     *Service
	handle, source, destination string
	perSecond                   int
	started                     time.Time
	total                       int
	cancel                      context.CancelFunc

	status, failure string
	moved           int
}

type taskAnswer struct {
	TaskHandle                        string `json:",omitempty"`
	Status, SourceArn                 string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64
}

func (t *task) answer() taskAnswer {
	answer := taskAnswer{Status: t.status, SourceArn: t.source, DestinationArn: t.destination, MaxNumberOfMessagesPerSecond: t.perSecond,
		ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.total, FailureReason: t.failure, StartedTimestamp: t.started.UnixMilli()}
	if t.status == statusRunning {
		answer.TaskHandle = t.handle
	}
	return answer
}

func (s *Service) start(ctx context.Context, given request) (any, error) {
	if given.MaxNumberOfMessagesPerSecond < 0 || given.MaxNumberOfMessagesPerSecond > maxRate {
		return nil, invalid("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: it must be an integer between 1 and %d.", maxRate)
	}
	total, err := s.checkQueues(ctx, given)
	if err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	for _, other := range s.tasks {
		if other.source == given.SourceArn && (other.status == statusRunning || other.status == statusCancelling) {
			return nil, unsupported("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
		}
	}
	t := &task{service: s, handle: uuid.NewString(), source: given.SourceArn, destination: given.DestinationArn, perSecond: given.MaxNumberOfMessagesPerSecond,
		started: time.Now(), total: total, status: statusRunning}
	var work context.Context
	work, t.cancel = context.WithCancel(s.ctx)
	s.tasks = append(s.tasks, t)
	s.work.Go(func() { t.run(work) })
	return map[string]string{"TaskHandle": t.handle}, nil
}

// checkQueues checks source and destination and counts the messages to move.
func (s *Service) checkQueues(ctx context.Context, given request) (total int, err error) {
	url, err := s.url(ctx, given.SourceArn)
	if err != nil {
		return 0, missing(err, "SourceArn")
	}
	sources, err := s.options.SQS.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &url})
	if err != nil {
		return 0, err
	}
	if len(sources.QueueUrls) == 0 {
		return 0, invalid("Source queue must be configured as a Dead Letter Queue.")
	}
	if given.DestinationArn != "" {
		if strings.HasSuffix(given.SourceArn, ".fifo") != strings.HasSuffix(given.DestinationArn, ".fifo") {
			return 0, invalid("Source and destination queues must be of the same type: both FIFO or both standard.")
		}
		if given.DestinationArn == given.SourceArn {
			return 0, invalid("Source queue arn and destination queue arn cannot be the same.")
		}
		if _, err := s.url(ctx, given.DestinationArn); err != nil {
			return 0, missing(err, "DestinationArn")
		}
	}
	attributes, err := s.options.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages}})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(attributes.Attributes[string(types.QueueAttributeNameApproximateNumberOfMessages)])
}

func missing(err error, parameter string) error {
	var gone *types.QueueDoesNotExist
	if errors.As(err, &gone) {
		return notFound("The resource that you specified for the %s parameter doesn't exist.", parameter)
	}
	return err
}

func (s *Service) url(ctx context.Context, arn string) (string, error) {
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	if name == "" {
		return "", invalid("%q is not the ARN of a queue", arn)
	}
	found, err := s.options.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return "", err
	}
	return aws.ToString(found.QueueUrl), nil
}

// run moves messages until there are none, or the task is cancelled.
func (t *task) run(ctx context.Context) {
	defer t.cancel()
	err := t.moveAll(ctx)
	s := t.service
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case t.status == statusCancelling:
		t.status = statusCancelled
	case err != nil:
		t.status, t.failure = statusFailed, err.Error()
		s.options.Logger.Warn("a message move task failed", "queue", t.source, "moved", t.moved, "error", err)
	default:
		t.status = statusCompleted
	}
}

func (t *task) moveAll(ctx context.Context) error {
	url, err := t.service.url(ctx, t.source)
	for err == nil && ctx.Err() == nil {
		var messages []types.Message
		if messages, err = t.receive(ctx, url); err != nil || len(messages) == 0 {
			return err
		}
		for i, message := range messages {
			if ctx.Err() == nil {
				err = t.move(ctx, url, message)
			}
			if err != nil || ctx.Err() != nil {
				t.giveBack(ctx, url, messages[i:])
				return err
			}
		}
	}
	return err
}

func (t *task) receive(ctx context.Context, url string) ([]types.Message, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout) // a message that nobody reads would stay hidden
	defer cancel()
	output, err := t.service.options.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: receiveLimit, VisibilityTimeout: moveVisibility,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}})
	if err != nil {
		return nil, err
	}
	return output.Messages, nil
}

// move sends a message to its destination and deletes it then. It is not interrupted.
func (t *task) move(ctx context.Context, url string, message types.Message) error {
	if t.perSecond > 0 {
		sleep(ctx, time.Second/time.Duration(t.perSecond))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	to, err := t.destinationOf(ctx, url, message)
	if err != nil {
		return err
	}
	input := &sqs.SendMessageInput{QueueUrl: &to, MessageBody: message.Body, MessageAttributes: message.MessageAttributes}
	if strings.HasSuffix(t.source, ".fifo") {
		input.MessageGroupId = aws.String(message.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)])
		input.MessageDeduplicationId = aws.String(message.Attributes[string(types.MessageSystemAttributeNameMessageDeduplicationId)])
	}
	if _, err := t.service.options.SQS.SendMessage(t.service.options.Resend(ctx), input); err != nil {
		return fmt.Errorf("send a message to %s: %w", to, err)
	}
	if _, err := t.service.options.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: message.ReceiptHandle}); err != nil {
		return fmt.Errorf("delete a message that was moved: %w", err)
	}
	t.service.mutex.Lock()
	defer t.service.mutex.Unlock()
	t.moved++
	return nil
}

// destinationOf is the URL of the queue that a message goes to.
func (t *task) destinationOf(ctx context.Context, url string, message types.Message) (string, error) {
	if t.destination != "" {
		return t.service.url(ctx, t.destination)
	}
	if source := message.Attributes[string(types.MessageSystemAttributeNameDeadLetterQueueSourceArn)]; source != "" {
		return t.service.url(ctx, source)
	}
	sources, err := t.service.options.SQS.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &url})
	if err != nil {
		return "", err
	}
	if len(sources.QueueUrls) != 1 {
		return "", fmt.Errorf("message %s has no source: it was sent to the dead-letter queue directly; give a DestinationArn", aws.ToString(message.MessageId))
	}
	return sources.QueueUrls[0], nil
}

// giveBack shows messages again that were not moved.
func (t *task) giveBack(ctx context.Context, url string, messages []types.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(messages))
	for i, message := range messages {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle}
	}
	if _, err := t.service.options.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url, Entries: entries}); err != nil {
		t.service.options.Logger.Warn("messages stay hidden for a while", "queue", t.source, "messages", len(messages), "error", err)
	}
}

func sleep(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
