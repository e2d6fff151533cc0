package engine

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
)

// The attributes of a message that SQS gives: its message group, and how often it was
// delivered, this time included.
const (
	attributeGroup    = "MessageGroupId"
	attributeReceives = "ApproximateReceiveCount"
)

// queueMessages works on the messages of a queue in their order. When one fails, it and
// the later ones of its group are reported as failed, so that none overtakes it; other
// groups go on, and so does everything in a queue without groups. SQS deletes the rest.
// A message that fails at its last delivery is given up and holds up nothing any more:
// what was always delivered behind it would be given up without ever having been tried.
func (e *Engine) queueMessages(ctx context.Context, messages []events.SQSMessage, work func(*batch, events.SQSMessage) error) events.SQSEventResponse {
	b, cancel := e.newBatch(ctx)
	defer cancel()
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	blocked := map[string]bool{}
	for _, message := range messages {
		group := message.Attributes[attributeGroup]
		if !blocked[group] {
			err := work(b, message)
			if err == nil {
				continue
			}
			b.report(err, "messageId", message.MessageId, "group", group, "receiveCount", message.Attributes[attributeReceives])
			blocked[group] = group != "" && !lastReceive(message)
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
	}
	b.end()
	return response
}
