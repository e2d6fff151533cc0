package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/admin"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// functionTime is the admin function's timeout.
const functionTime = 300 * time.Second

// newAdmin starts a process of the admin function.
func (c *cloud) newAdmin() (*process, *admin.Admin) {
	p, logger := &process{}, slog.New(slog.DiscardHandler)
	return p, admin.New(admin.Config{
		Store: registry.NewStore(database{p, c.db}, logTable, pluginsTable, livenessTable),
		API:   schemapush.New(graph{p, c.api, c.tamper}, "api", nil, logger), Queue: messages{p, c}, Topics: noTopics{}, Modes: modes,
		RegistryQueueURL: registryURL, SweepQueueURL: sweepURL, Logger: logger,
	})
}

// read is the event source mapping of the registry queue: it delivers batches, one after
// the other, until the queue is closed.
func (c *cloud) read() {
	p, function := c.newAdmin()
	for !c.fifo.isClosed() {
		batch, wait := c.fifo.receive()
		if len(batch) == 0 {
			c.sleep(wait)
			continue
		}
		c.threaten(p)
		c.deliver(p, function, batch)
		if p.killed() {
			p, function = c.newAdmin()
		}
	}
}

// sleep waits for messages.
func (c *cloud) sleep(wait time.Duration) {
	if wait <= 0 {
		<-c.fifo.woken
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-c.fifo.woken:
	case <-timer.C:
	}
}

// threaten draws what happens to an invocation.
func (c *cloud) threaten(p *process) {
	at, after := 1+c.number(30), c.number(2) == 0
	c.mu.Lock()
	outage := time.Now().Before(c.outageEnd)
	c.mu.Unlock()
	switch {
	case outage:
		p.arm(1+at%8, after, false)
	case c.chance(c.faults.Kills):
		p.arm(at, after, true)
	case c.chance(c.faults.Errors):
		p.arm(at, after, false)
	default:
		p.arm(0, false, false)
	}
}

// deliver hands a batch to the function and does with its messages what SQS would.
func (c *cloud) deliver(p *process, function *admin.Admin, batch []*message) {
	p.shown = false
	failed, done, requests := map[string]bool{}, map[string]bool{}, []registry.Request{}
	for _, m := range batch {
		failed[m.id] = true
		requests = append(requests, m.request)
	}
	c.count(func(f *figures) {
		f.batches++
		if batch[0].received > 1 {
			f.repeated++
		}
	})
	answer, err := c.invoke(function, sqsEvent(registryARN, batch))
	switch {
	case p.killed():
		c.count(func(f *figures) { f.kills++ })
	case err != nil:
		c.must(err)
	default:
		done = c.split(failed, answer)
	}
	c.harvest(requests)
	if p.shown && !p.killed() {
		c.fifo.show(failed, time.Duration(p.seconds)*time.Second)
	}
	if !c.chance(c.faults.LostDeletes) {
		c.fifo.deleted(done)
	}
}

// split takes those that are done out of the failed ones.
func (c *cloud) split(all map[string]bool, answer json.RawMessage) (done map[string]bool) {
	var response events.SQSEventResponse
	c.must(json.Unmarshal(answer, &response))
	done = map[string]bool{}
	for id := range all {
		done[id] = true
	}
	for _, f := range response.BatchItemFailures {
		delete(done, f.ItemIdentifier)
	}
	for id := range done {
		delete(all, id)
	}
	return done
}

// invoke runs the function.
func (c *cloud) invoke(function *admin.Admin, payload any) (json.RawMessage, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), functionTime)
	defer cancel()
	return function.Handle(ctx, text)
}

func sqsEvent(arn string, batch []*message) events.SQSEvent {
	var event events.SQSEvent
	for _, m := range batch {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: m.id, Body: m.body, EventSourceARN: arn, EventSource: "aws:sqs", ReceiptHandle: m.id,
			Attributes: map[string]string{"ApproximateReceiveCount": fmt.Sprint(m.received)},
		})
	}
	return event
}

// delay is the sweep queue: after the delay another process gets the message.
func (c *cloud) delay(body string, delay time.Duration) {
	c.mu.Lock()
	c.sweeps++
	c.mu.Unlock()
	time.AfterFunc(delay, func() {
		_, function := c.newAdmin()
		_, err := c.invoke(function, sqsEvent(sweepARN, []*message{{id: "sweep", body: body, received: 1}}))
		c.must(err)
		c.mu.Lock()
		c.sweeps--
		c.mu.Unlock()
	})
}

// tick runs the schedule until the queue is closed.
func (c *cloud) tick() {
	for time.Sleep(time.Minute); !c.fifo.isClosed(); time.Sleep(time.Minute) {
		c.watch()
	}
}

// watch is the schedule of one minute.
func (c *cloud) watch() {
	_, function := c.newAdmin()
	_, err := c.invoke(function, map[string]string{"reventless": "watch"})
	c.must(err)
}
