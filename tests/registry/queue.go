package registry

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

const (
	// visibility is how long messages stay invisible, maxReceives how often they are
	// delivered, batchSize how many at a time: as the provider makes the queue.
	visibility  = 360 * time.Second
	maxReceives = 5
	batchSize   = 10
	// window is how long SQS drops messages with the same deduplication id.
	window = 5 * time.Minute
)

// message is a message of the registry queue.
type message struct {
	id, body string
	request  registry.Request
	received int
	visible  time.Time
	// entry is the message in the history.
	entry *entry
}

// entry is a request in the history. One that is given up goes to the dead-letter queue, done
// or not.
type entry struct {
	registry.Request
	givenUp, done bool
}

// queue is an SQS FIFO queue with one message group and a dead-letter queue.
type queue struct {
	cloud *cloud
	woken chan struct{}

	mu       sync.Mutex
	messages []*message
	dead     []*message
	seen     map[string]time.Time
	// history are all requests in the order in which the queue had them; one that was
	// redriven is in it again.
	history []*entry
	closed  bool
}

func newQueue(c *cloud) *queue {
	return &queue{cloud: c, woken: make(chan struct{}, 1), seen: map[string]time.Time{}}
}

// accept puts a message at the end, unless one with its deduplication id came shortly before.
func (q *queue) accept(body, once string) error {
	request, err := registry.DecodeRequest(body)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if last, ok := q.seen[once]; ok && time.Since(last) < window {
		return nil
	}
	q.seen[once] = time.Now()
	q.add(body, request)
	return nil
}

// add puts a message at the end. The lock must be held.
func (q *queue) add(body string, request registry.Request) {
	e := &entry{Request: request}
	q.history = append(q.history, e)
	if q.cloud.lose > 0 && len(q.history)%q.cloud.lose == 0 {
		return
	}
	q.messages = append(q.messages, &message{id: fmt.Sprint("m", len(q.history)), body: body, request: request, entry: e})
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.woken <- struct{}{}:
	default:
	}
}

// receive gives the next batch, or the time after which to look again. A message that is
// invisible holds up those behind it.
func (q *queue) receive() (batch []*message, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.messages) > 0 && q.messages[0].received >= maxReceives && !q.messages[0].visible.After(time.Now()) {
		q.giveUp(q.messages[0])
		q.messages = q.messages[1:]
	}
	for _, m := range q.messages {
		if len(batch) == batchSize || m.visible.After(time.Now()) {
			break
		}
		m.received++
		m.visible = time.Now().Add(visibility)
		batch = append(batch, m)
	}
	if len(batch) == 0 && len(q.messages) > 0 {
		wait = time.Until(q.messages[0].visible)
	}
	return batch, wait
}

// giveUp sends a message to the dead-letter queue. The lock must be held.
func (q *queue) giveUp(m *message) {
	_, logged := q.cloud.logged()
	_, answered := q.cloud.outcome(m.request.ID)
	m.entry.givenUp, m.entry.done = true, logged[m.request.ID] || answered
	q.dead = append(q.dead, m)
}

// deleted takes messages out of the queue.
func (q *queue) deleted(done map[string]bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var rest []*message
	for _, m := range q.messages {
		if !done[m.id] {
			rest = append(rest, m)
		}
	}
	q.messages = rest
}

// show changes when messages are visible again.
func (q *queue) show(ids map[string]bool, after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.messages {
		if ids[m.id] {
			m.visible = time.Now().Add(after)
		}
	}
}

// redrive brings the dead letters back, as the console does.
func (q *queue) redrive() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	dead := q.dead
	q.dead = nil
	for _, m := range dead {
		q.add(m.body, m.request)
	}
	return len(dead)
}

// copies puts copies of some requests at the end: a sender that tried again after the
// window of deduplication.
func (q *queue) copies(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.history[max(0, len(q.history)-n):] {
		body, err := r.Encode()
		q.cloud.must(err)
		q.add(body, r.Request)
	}
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages) == 0
}

// close ends the reader.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// queueClient is the connect function's SQS client.
type queueClient struct{ q *queue }

func (c queueClient) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return &sqs.SendMessageOutput{}, c.q.accept(*in.MessageBody, *in.MessageDeduplicationId)
}
