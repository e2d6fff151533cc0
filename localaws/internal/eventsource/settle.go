package eventsource

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// settleAttempts is how often a request is sent that must not be lost.
const settleAttempts = 5

// batchRequest sends one request for up to receiveLimit messages, whose places are
// their ids in it. It returns the answer's failed entries.
type batchRequest func(ctx context.Context, part []types.Message) ([]types.BatchResultErrorEntry, error)

// settle sends requests for messages, and again with pauses for those that fail. It
// returns the messages that still failed in the end. Messages that no longer are in
// the queue need nothing: neither they nor those of a deleted queue are returned.
func (b *queueBatch) settle(ctx context.Context, messages []types.Message, what string, send batchRequest) (left []types.Message) {
	for part := range slices.Chunk(messages, receiveLimit) {
		err := b.service.insist(ctx, func() error {
			var err error
			part, err = settlePart(ctx, part, send)
			return err
		})
		if err != nil {
			b.service.options.Logger.Warn("messages failed to "+what, "queue", b.source.name, "messages", len(part), "error", err)
			left = append(left, part...)
		}
	}
	return left
}

// settlePart sends one request and returns the messages to send it for again; then
// there is an error too.
func settlePart(ctx context.Context, part []types.Message, send batchRequest) ([]types.Message, error) {
	failed, err := send(ctx, part)
	var gone *types.QueueDoesNotExist
	if errors.As(err, &gone) {
		return nil, nil
	}
	if err != nil {
		return part, err
	}
	var again []types.Message
	for _, entry := range failed {
		place, parseErr := strconv.Atoi(aws.ToString(entry.Id))
		if entry.SenderFault || parseErr != nil || place < 0 || place >= len(part) {
			continue // its receipt handle is not valid any more: the message is gone
		}
		again = append(again, part[place])
		err = errors.New(aws.ToString(entry.Code) + ": " + aws.ToString(entry.Message))
	}
	return again, err
}

func (b *queueBatch) deleteBatch(ctx context.Context, part []types.Message) ([]types.BatchResultErrorEntry, error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(part))
	for i, message := range part {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle}
	}
	output, err := b.service.options.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &b.url, Entries: entries})
	if err != nil {
		return nil, err
	}
	return output.Failed, nil
}

// showBatch ends the messages' visibility time-out.
func (b *queueBatch) showBatch(ctx context.Context, part []types.Message) ([]types.BatchResultErrorEntry, error) {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(part))
	for i, message := range part {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0}
	}
	output, err := b.service.options.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &b.url, Entries: entries})
	if err != nil {
		return nil, err
	}
	return output.Failed, nil
}

// insist makes up to settleAttempts attempts with pauses between them and returns
// the last one's error.
func (s *Service) insist(ctx context.Context, attempt func() error) error {
	for tries := 0; ; tries++ {
		err := attempt()
		if err == nil || tries+1 == settleAttempts || !sleep(ctx, s.backoff(tries)) {
			return err
		}
	}
}

// backoff is the pause before a retry, by the number of retries before it.
func (s *Service) backoff(retries int) time.Duration {
	delay := s.options.RetryDelay
	for ; retries > 0 && delay < s.options.MaxRetryDelay; retries-- {
		delay *= 2
	}
	return min(delay, s.options.MaxRetryDelay)
}
