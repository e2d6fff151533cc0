package admin

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A failed message is delivered again after retryFirst, then after retryFactor times
// as long, at most after retryLast. Without this it would come back only when the
// queue's visibility timeout is over. A message that is about to go to the dead-letter
// queue holds up the others just as long, so retryLast is short.
const (
	retryFirst  = 3 * time.Second
	retryFactor = 3
	retryLast   = 20 * time.Second
)

// visibilityTimeout bounds the request that hands messages back. The function's
// deadline is at most the margin away by then.
const visibilityTimeout = 5 * time.Second

// retrySoon makes failed messages visible again soon. It is an improvement only: if
// it fails, they come back later.
func (a *Admin) retrySoon(records []events.SQSMessage) {
	if len(records) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), visibilityTimeout)
	defer cancel()
	seconds := int32(retryDelay(records[0]) / time.Second)
	in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &a.RegistryQueueURL}
	for i, r := range records {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), ReceiptHandle: aws.String(r.ReceiptHandle), VisibilityTimeout: seconds,
		})
	}
	if _, err := a.Queue.ChangeMessageVisibilityBatch(ctx, in); err != nil {
		a.Logger.Warn("failed messages come back only after the queue's visibility timeout", "error", err)
	}
}

// retryDelay is the time after which a message is delivered again.
func retryDelay(r events.SQSMessage) time.Duration {
	received, _ := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
	delay := retryFirst
	for range max(received, 1) - 1 {
		if delay *= retryFactor; delay >= retryLast {
			return retryLast
		}
	}
	return delay
}
