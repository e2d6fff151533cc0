package engine

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
)

// attributeGroup is the message attribute of SQS that names the message group.
const attributeGroup = "MessageGroupId"

// queueMessages works on the messages of a FIFO queue in their order. When one fails,
// it and the later ones of its group are reported as failed, so that none overtakes
// it; other groups go on. SQS deletes the rest.
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
			b.report(err, "messageId", message.MessageId, "group", group, "receiveCount", message.Attributes["ApproximateReceiveCount"])
			blocked[group] = true
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
	}
	b.end()
	return response
}
