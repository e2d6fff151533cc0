package cloud

import (
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

const (
	// queueBatch is the batch size of the provider's mappings on queues.
	queueBatch = 10
	// concurrency is how many batches of a queue are with the function at the same time.
	concurrency = 48
)

// MapQueue delivers the messages of a queue to a function.
func (c *Cloud) MapQueue(q *Queue, function *Function) {
	slots := make(chan struct{}, concurrency)
	c.running.Go(func() {
		for c.stopped.Err() == nil {
			slots <- struct{}{}
			batch := q.receive(queueBatch)
			if len(batch) == 0 {
				<-slots
				select {
				case <-q.woken:
				case <-c.stopped.Done():
				}
				continue
			}
			c.running.Go(func() {
				defer func() { <-slots }()
				q.process(function, batch)
			})
		}
	})
}

// process delivers a batch: what succeeded is deleted, what failed comes again.
func (q *Queue) process(function *Function, batch []*message) {
	failed := q.deliver(function, batch)
	var done, kept, again []*message
	for _, m := range batch {
		switch {
		case failed[m.id]:
			again = append(again, m)
		case q.dice.chance(q.cloud.Faults.LostDeletes):
			q.cloud.Figures.LostDeletes.Add(1)
			kept = append(kept, m)
		default:
			done = append(done, m)
		}
	}
	q.remove(done)
	q.giveBack(kept, visibility)
	if len(again) > 0 {
		q.giveBack(again, time.Second<<again[0].receives+q.dice.upTo(time.Second))
	}
}

// deliver invokes the function and returns the ids of the messages that failed.
func (q *Queue) deliver(function *Function, batch []*message) map[string]bool {
	event := events.SQSEvent{}
	for _, m := range batch {
		event.Records = append(event.Records, q.record(m))
	}
	failed := map[string]bool{}
	var response events.SQSEventResponse
	if function.InvokeJSON(event, &response) != nil {
		q.cloud.Figures.FailedDeliveries.Add(1)
		for _, m := range batch {
			failed[m.id] = true
		}
		return failed
	}
	for _, f := range response.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed
}

// record is a message as a Lambda event has it.
func (q *Queue) record(m *message) events.SQSMessage {
	attributes := map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)}
	if q.fifo {
		attributes["MessageGroupId"] = m.group
	}
	return events.SQSMessage{
		MessageId: m.id, Body: m.body, Attributes: attributes, EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs" + arnPrefix + q.name, AWSRegion: region,
	}
}
