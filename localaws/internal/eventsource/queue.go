package eventsource

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// defaultConcurrency is the number of batches that AWS starts with.
	defaultConcurrency = 5
	// receiveVisibility is how long received messages are kept from others, in
	// seconds. It is long, since moto gives back only the last message of a FIFO
	// batch whose visibility ends by itself. The poller always ends it.
	receiveVisibility = 3600
)

// queuePoller polls one queue.
//
// A batch that failed is given back after a pause: for a FIFO queue message by
// message in its order, while its groups stay blocked until the last one is back.
type queuePoller struct {
	*mapping
	url        string
	visibility time.Duration
	slots      chan struct{}
	batches    sync.WaitGroup
}

func newQueuePoller(m *mapping) *queuePoller {
	config, _ := m.settings()
	concurrency := defaultConcurrency
	if config.ScalingConfig != nil && config.ScalingConfig.MaximumConcurrency > 0 {
		concurrency = config.ScalingConfig.MaximumConcurrency
	}
	return &queuePoller{mapping: m, slots: make(chan struct{}, concurrency)}
}

func (p *queuePoller) run(ctx context.Context) {
	defer p.batches.Wait()
	pause := minIdlePoll
	for ctx.Err() == nil {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch := p.collect(ctx)
		if len(batch) == 0 {
			<-p.slots
			var goOn bool
			if pause, goOn = p.idle(ctx, pause); !goOn {
				return
			}
			continue
		}
		pause = minIdlePoll
		p.batches.Go(func() {
			failed := p.process(ctx, batch)
			<-p.slots // other batches need not wait for the retry
			p.giveBack(ctx, failed)
		})
	}
}

// collect receives one batch: what is there, or what comes within the batching
// window.
func (p *queuePoller) collect(ctx context.Context) []types.Message {
	config, _ := p.settings()
	batch := p.receive(ctx, min(config.BatchSize, receiveLimit))
	window := time.Duration(config.MaximumBatchingWindowInSeconds) * time.Second
	if len(batch) == 0 || window == 0 {
		return batch
	}
	end := time.Now().Add(window)
	for len(batch) < config.BatchSize && time.Now().Before(end) && ctx.Err() == nil {
		more := p.receive(ctx, min(config.BatchSize-len(batch), receiveLimit))
		batch = append(batch, more...)
		if len(more) == 0 {
			p.idleUntil(ctx, end)
		}
	}
	return batch
}

func (m *mapping) idleUntil(ctx context.Context, end time.Time) {
	timer := time.NewTimer(min(time.Until(end), m.service.options.IdlePoll))
	defer timer.Stop()
	select {
	case <-m.woken:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (p *queuePoller) receive(ctx context.Context, count int) []types.Message {
	if p.url == "" {
		url, visibility, err := p.service.queue(ctx, p.source.name)
		if err != nil {
			p.report("PROBLEM: the queue cannot be polled: " + err.Error())
			return nil
		}
		p.url, p.visibility = url, visibility
	}
	output, err := p.service.options.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.url, MaxNumberOfMessages: int32(count),
		VisibilityTimeout: receiveVisibility, MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}})
	if err != nil {
		if ctx.Err() == nil {
			p.report("PROBLEM: the queue cannot be polled: " + err.Error())
			p.url = ""
		}
		return nil
	}
	return output.Messages
}

// process deals with one batch: what succeeded is deleted, what failed is returned,
// in the batch's order.
func (p *queuePoller) process(ctx context.Context, batch []types.Message) []types.Message {
	cleanup := context.WithoutCancel(ctx)
	config, filters := p.settings()
	var taken []types.Message
	var records []map[string]any
	var passed []types.Message
	for _, message := range batch {
		record := queueRecord(message, config.EventSourceArn, p.service.options.Region)
		if filters.match(record) {
			taken, records = append(taken, message), append(records, record)
		} else {
			passed = append(passed, message)
		}
	}
	p.remove(cleanup, passed)
	if len(taken) == 0 {
		return nil
	}
	if !p.source.fifo && p.service.options.Faults.Get().Reorder {
		slices.Reverse(taken)
		slices.Reverse(records)
	}
	failed := p.deliver(cleanup, taken, records)
	p.remove(cleanup, slices.DeleteFunc(slices.Clone(taken), func(m types.Message) bool { return failed[*m.MessageId] }))
	return slices.DeleteFunc(taken, func(m types.Message) bool { return !failed[*m.MessageId] })
}

// deliver invokes the function and returns the ids of the messages that failed.
func (p *queuePoller) deliver(ctx context.Context, batch []types.Message, records []map[string]any) map[string]bool {
	ids := map[string]int{}
	all := map[string]bool{}
	for i, message := range batch {
		ids[*message.MessageId], all[*message.MessageId] = i, true
	}
	answer, functionError, err := p.invoke(ctx, records)
	if err != nil || functionError != "" {
		return all
	}
	config, _ := p.settings()
	if !slices.Contains(config.FunctionResponseTypes, reportFailures) {
		return nil
	}
	failed, whole := failedItems(answer, ids)
	if whole {
		p.service.options.Logger.Warn("the whole batch fails: the function's answer has no usable batchItemFailures", "function", config.FunctionArn, "answer", string(answer[:min(len(answer), 500)]))
		return all
	}
	return failed
}

func (p *queuePoller) remove(ctx context.Context, batch []types.Message) {
	for part := range slices.Chunk(batch, receiveLimit) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(part))
		for i, message := range part {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle}
		}
		if _, err := p.service.options.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &p.url, Entries: entries}); err != nil {
			p.service.options.Logger.Warn("messages were not deleted", "queue", p.source.name, "error", err)
		}
	}
}

// giveBack makes messages visible again after a pause, which the end of polling cuts
// short.
func (p *queuePoller) giveBack(ctx context.Context, batch []types.Message) {
	if len(batch) == 0 {
		return
	}
	sleep(ctx, min(p.retryDelay(batch[0]), p.visibility))
	cleanup := context.WithoutCancel(ctx)
	for _, message := range batch {
		_, err := p.service.options.SQS.ChangeMessageVisibility(cleanup, &sqs.ChangeMessageVisibilityInput{QueueUrl: &p.url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0})
		if err != nil {
			p.service.options.Logger.Warn("a message was not given back", "queue", p.source.name, "error", err)
		}
	}
}

func (p *queuePoller) retryDelay(message types.Message) time.Duration {
	received, _ := strconv.Atoi(message.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	return p.service.backoff(received - 1)
}

// backoff is the pause before a retry, by the number of retries before it.
func (s *Service) backoff(retries int) time.Duration {
	delay := s.options.RetryDelay
	for ; retries > 0 && delay < s.options.MaxRetryDelay; retries-- {
		delay *= 2
	}
	return min(delay, s.options.MaxRetryDelay)
}
