package eventsource

import (
	"context"
	"fmt"
	"sync"
	"time"

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
	// receiveTimeout bounds one request for messages, which does not wait for any.
	receiveTimeout = 20 * time.Second
)

// queuePoller polls one queue. Each batch that it receives is dealt with beside it,
// as a [queueBatch].
type queuePoller struct {
	*mapping
	url        string
	visibility time.Duration
	slots      chan struct{}
	batches    sync.WaitGroup
}

func newQueuePoller(m *mapping) *queuePoller {
	return &queuePoller{mapping: m, slots: make(chan struct{}, m.concurrency())}
}

// concurrency is how many batches of a queue may run at the same time.
func (m *mapping) concurrency() int {
	config, _ := m.settings()
	if config.ScalingConfig != nil && config.ScalingConfig.MaximumConcurrency > 0 {
		return config.ScalingConfig.MaximumConcurrency
	}
	return defaultConcurrency
}

func (p *queuePoller) run(ctx context.Context) {
	defer p.batches.Wait()
	pause := minIdlePoll
	// Messages are received only for a function that exists: each receive counts
	// towards the dead-letter queue.
	for p.takeSlot(ctx) && p.awaitFunction(ctx) {
		batch := p.collect(ctx)
		if len(batch.messages) == 0 {
			p.freeSlot()
			var goOn bool
			if pause, goOn = p.idle(ctx, pause); !goOn {
				return
			}
			continue
		}
		pause = minIdlePoll
		p.batches.Go(func() {
			failed := batch.process(ctx)
			p.freeSlot() // other batches need not wait for the retry
			batch.giveBack(ctx, failed)
		})
	}
}

// takeSlot waits until one more batch may run; false says that polling ended.
func (p *queuePoller) takeSlot(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *queuePoller) freeSlot() { <-p.slots }

// collect receives one batch: what is there, or what comes within the batching
// window.
func (p *queuePoller) collect(ctx context.Context) *queueBatch {
	config, _ := p.settings()
	messages := p.receive(ctx, min(config.BatchSize, receiveLimit))
	batch := &queueBatch{mapping: p.mapping, url: p.url, visibility: p.visibility, messages: messages}
	window := time.Duration(config.MaximumBatchingWindowInSeconds) * time.Second
	if len(messages) == 0 || window == 0 {
		return batch
	}
	end := time.Now().Add(window)
	for len(batch.messages) < config.BatchSize && time.Now().Before(end) && ctx.Err() == nil {
		more := p.receive(ctx, min(config.BatchSize-len(batch.messages), receiveLimit))
		batch.messages = append(batch.messages, more...)
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

// receive takes messages that are there. The end of polling does not interrupt it:
// moto would go on with a request that nobody waits for, and the messages that it
// hands out would be hidden for receiveVisibility.
func (p *queuePoller) receive(ctx context.Context, count int) []types.Message {
	if ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveTimeout)
	defer cancel()
	messages, err := p.tryReceive(ctx, count)
	if err != nil {
		p.report("PROBLEM: the queue cannot be polled: " + err.Error())
		p.url = "" // it may be made again with other settings
	}
	return messages
}

func (p *queuePoller) tryReceive(ctx context.Context, count int) ([]types.Message, error) {
	if p.url == "" {
		url, visibility, err := p.service.queue(ctx, p.source.name)
		if err != nil {
			return nil, fmt.Errorf("find the queue: %w", err)
		}
		p.url, p.visibility = url, visibility
	}
	if err := p.permitRead(ctx); err != nil {
		return nil, err
	}
	output, err := p.service.options.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.url, MaxNumberOfMessages: int32(count),
		VisibilityTimeout: receiveVisibility, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}}, withoutWaiting)
	if err != nil {
		return nil, err
	}
	return output.Messages, nil
}
