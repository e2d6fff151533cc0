package eventsource

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// maxHold bounds how long a batch is held for a function that cannot run. Together
// with the longest batching window and function it stays below receiveVisibility.
const maxHold = 30 * time.Minute

// queueBatch is messages of a queue that were received together.
//
// What failed is given back after a pause. A group of a FIFO queue stays blocked
// until the last message of it is back, so that nothing overtakes.
type queueBatch struct {
	*mapping
	// url and visibility are the queue's at the time of the receive.
	url        string
	visibility time.Duration
	messages   []types.Message
}

// process deals with the batch: what succeeded is deleted; what is to be given back
// is returned. That is all of it when polling ended before the function was invoked.
func (b *queueBatch) process(ctx context.Context) []types.Message {
	if ctx.Err() != nil {
		return b.messages
	}
	cleanup := context.WithoutCancel(ctx)
	taken, passed, records := b.match()
	kept := b.remove(cleanup, passed)
	if len(taken) == 0 {
		return kept
	}
	if !b.source.fifo && b.service.options.Faults.Get().Reorder {
		slices.Reverse(taken)
		slices.Reverse(records)
	}
	failed := b.deliver(ctx, taken, records)
	var done []types.Message
	for _, message := range taken {
		if failed[*message.MessageId] {
			kept = append(kept, message)
		} else {
			done = append(done, message)
		}
	}
	return append(kept, b.remove(cleanup, done)...)
}

// match tells the messages that the filter criteria take, with their records, from
// those that are passed over.
func (b *queueBatch) match() (taken, passed []types.Message, records []map[string]any) {
	config, filters := b.settings()
	for _, message := range b.messages {
		record := queueRecord(message, config.EventSourceArn, b.service.options.Region)
		if filters.match(record) {
			taken, records = append(taken, message), append(records, record)
		} else {
			passed = append(passed, message)
		}
	}
	return taken, passed, records
}

// deliver invokes the function and returns the ids of the messages that failed.
func (b *queueBatch) deliver(ctx context.Context, batch []types.Message, records []map[string]any) map[string]bool {
	ids := map[string]int{}
	all := map[string]bool{}
	for i, message := range batch {
		ids[*message.MessageId], all[*message.MessageId] = i, true
	}
	answer, functionError, err := b.invokePatiently(ctx, records)
	if err != nil || functionError != "" {
		return all
	}
	config, _ := b.settings()
	if !slices.Contains(config.FunctionResponseTypes, reportFailures) {
		return nil
	}
	failed, whole := failedItems(answer, ids)
	if whole {
		b.warnUnusable(answer)
		return all
	}
	return failed
}

// invokePatiently invokes the function, and again after pauses while it cannot run:
// when it is throttled, being created, or replaced. As on AWS that goes on for the
// queue's visibility time-out and is one receive, so that waiting for a function
// does not move messages to the dead-letter queue.
func (b *queueBatch) invokePatiently(ctx context.Context, records []map[string]any) (answer []byte, functionError string, err error) {
	end := time.Now().Add(min(b.visibility, maxHold))
	for tries := 0; ; tries++ {
		answer, functionError, err = b.invoke(ctx, records)
		if err == nil {
			return answer, functionError, nil
		}
		pause := min(b.service.backoff(tries), time.Until(end))
		if pause <= 0 || !sleep(ctx, pause) {
			return nil, "", err
		}
	}
}

// giveBack makes messages visible again after a pause, which the end of polling cuts
// short.
func (b *queueBatch) giveBack(ctx context.Context, messages []types.Message) {
	if len(messages) == 0 {
		return
	}
	sleep(ctx, min(b.retryDelay(messages[0]), b.visibility))
	b.settle(context.WithoutCancel(ctx), messages, "give back", b.showBatch)
}

func (b *queueBatch) retryDelay(message types.Message) time.Duration {
	received, _ := strconv.Atoi(message.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	return b.service.backoff(received - 1)
}

// remove deletes messages and returns those that SQS kept. They are given back and
// so delivered once more, as on AWS, where their visibility would end.
func (b *queueBatch) remove(ctx context.Context, messages []types.Message) []types.Message {
	return b.settle(ctx, messages, "delete", b.deleteBatch)
}
