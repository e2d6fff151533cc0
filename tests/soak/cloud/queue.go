package cloud

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// visibility is how long a message stays invisible after it was received.
	visibility = 6 * Timeout
	// maxReceives is how often a message is delivered before it goes to the dead-letter
	// queue.
	maxReceives = 5
)

// message is a message of a queue.
type message struct {
	id, body, group string
	receives        int
}

// Queue is an SQS queue with its dead-letter queue.
type Queue struct {
	cloud  *Cloud
	name   string
	fifo   bool
	dice   *dice
	window *window
	woken  chan struct{}

	mu sync.Mutex
	// waiting are the visible messages of a standard queue.
	waiting []*message
	// groups are the message groups of a FIFO queue that have messages, ready the ones of
	// them of which none is in flight.
	groups map[string]*group
	ready  []*group
	dead   []*message
	sent   int
	// count is the number of messages, whether visible, delayed or in flight.
	count int
}

// group is a message group. While messages of it are in flight no others are delivered.
type group struct {
	messages []*message
	inFlight int
}

// AddQueue makes a queue with a dead-letter queue; one whose name ends in .fifo keeps the
// order of each message group and drops duplicates.
func (c *Cloud) AddQueue(name string, fifo bool) *Queue {
	q := &Queue{cloud: c, name: name, fifo: fifo, dice: c.newDice(name), window: newWindow(), woken: make(chan struct{}, 1), groups: map[string]*group{}}
	c.queues[name] = q
	return q
}

// Queue finds a queue, nil when there is none.
func (c *Cloud) Queue(name string) *Queue { return c.queues[name] }

// send accepts a message.
func (q *Queue) send(body, groupID, once string, delay time.Duration) {
	if q.fifo && q.window.seen(groupID, once) {
		q.cloud.Figures.Deduplicated.Add(1)
		return
	}
	bodies := []string{body}
	if q.cloud.Tamper != nil {
		bodies = q.cloud.Tamper(q.name, body)
	}
	if !q.fifo && q.dice.chance(q.cloud.Faults.Copies) {
		q.cloud.Figures.Copies.Add(1)
		bodies = append(bodies, bodies...)
	}
	for _, body := range bodies {
		q.accept(body, groupID, delay)
	}
}

// accept adds a message.
func (q *Queue) accept(body, groupID string, delay time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	q.count++
	q.cloud.Figures.Messages.Add(1)
	m := &message{id: fmt.Sprintf("%s-%d", q.name, q.sent), body: body, group: groupID}
	if delay > 0 {
		time.AfterFunc(delay, func() { q.show(m) })
		return
	}
	q.add(m)
}

// show makes a message of a standard queue visible.
func (q *Queue) show(m *message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(m)
}

// add puts a message at the end. The lock must be held.
func (q *Queue) add(m *message) {
	defer q.wake()
	if !q.fifo {
		q.waiting = append(q.waiting, m)
		return
	}
	g, ok := q.groups[m.group]
	if !ok {
		g = &group{}
		q.groups[m.group] = g
		q.ready = append(q.ready, g)
	}
	g.messages = append(g.messages, m)
}

// wake tells the reader that there may be messages.
func (q *Queue) wake() {
	select {
	case q.woken <- struct{}{}:
	default:
	}
}

// receive gives up to so many messages.
func (q *Queue) receive(most int) (received []*message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(received) < most {
		var next []*message
		if q.fifo {
			next = q.nextOfGroup(most - len(received))
		} else {
			next = q.nextOfAll()
		}
		if next == nil {
			break
		}
		received = append(received, next...)
	}
	return received
}

// nextOfAll takes any message of a standard queue. The lock must be held.
func (q *Queue) nextOfAll() []*message {
	for len(q.waiting) > 0 {
		i := q.dice.number(len(q.waiting))
		m := q.waiting[i]
		q.waiting[i] = q.waiting[len(q.waiting)-1]
		q.waiting = q.waiting[:len(q.waiting)-1]
		if q.counts(m) {
			return []*message{m}
		}
	}
	return nil
}

// nextOfGroup takes some messages of the group that is ready for longest, all of which are
// then in flight. The lock must be held.
func (q *Queue) nextOfGroup(most int) (taken []*message) {
	for len(q.ready) > 0 && len(taken) == 0 {
		g := q.ready[0]
		q.ready = q.ready[1:]
		for len(g.messages) > 0 && len(taken) < min(most, 1+q.dice.number(4)) {
			m := g.messages[0]
			g.messages = g.messages[1:]
			if q.counts(m) {
				taken = append(taken, m)
			}
			if len(taken)+len(g.messages) == 0 {
				delete(q.groups, m.group)
			}
		}
		g.inFlight = len(taken)
	}
	return taken
}

// counts counts a delivery; false says that there were too many, and that the message is
// in the dead-letter queue now. The lock must be held.
func (q *Queue) counts(m *message) bool {
	if m.receives >= maxReceives {
		q.count--
		q.dead = append(q.dead, m)
		q.cloud.Figures.GivenUp.Add(1)
		return false
	}
	if m.receives++; m.receives > 1 {
		q.cloud.Figures.RedeliveredMessages.Add(1)
	}
	return true
}

// remove deletes messages that were received together.
func (q *Queue) remove(messages []*message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count -= len(messages)
	for _, m := range messages {
		if q.fifo {
			q.landed(m.group, 1)
		}
	}
}

// giveBack makes messages of one delivery visible again after a pause, before the others
// of their groups.
func (q *Queue) giveBack(messages []*message, pause time.Duration) {
	if len(messages) > 0 {
		time.AfterFunc(pause, func() { q.back(messages) })
	}
}

// back makes messages visible again.
func (q *Queue) back(messages []*message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.fifo {
		q.waiting = append(q.waiting, messages...)
		q.wake()
		return
	}
	byGroup := map[string][]*message{}
	var order []string
	for _, m := range messages {
		if byGroup[m.group] == nil {
			order = append(order, m.group)
		}
		byGroup[m.group] = append(byGroup[m.group], m)
	}
	for _, id := range order {
		g := q.groups[id]
		g.messages = slices.Concat(byGroup[id], g.messages)
		q.landed(id, len(byGroup[id]))
	}
}

// landed says that messages of a group are no longer in flight. The lock must be held.
func (q *Queue) landed(id string, count int) {
	g := q.groups[id]
	if g.inFlight -= count; g.inFlight > 0 {
		return
	}
	if len(g.messages) == 0 {
		delete(q.groups, id)
		return
	}
	q.ready = append(q.ready, g)
	q.wake()
}

// length is the number of messages.
func (q *Queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count
}

// deadLetters are the messages in the dead-letter queue.
func (q *Queue) deadLetters() []*message {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.dead)
}

// redrive moves the messages of the dead-letter queue back.
func (q *Queue) redrive() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	letters := q.dead
	q.dead = nil
	q.count += len(letters)
	q.cloud.Figures.Redone.Add(int64(len(letters)))
	for _, m := range letters {
		m.receives = 0
		q.add(m)
	}
	return len(letters)
}
