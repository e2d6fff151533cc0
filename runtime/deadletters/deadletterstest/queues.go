// Package deadletterstest plays the part of SQS that counts messages.
package deadletterstest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Queues are the numbers of messages by URL, those that are there and those that somebody
// is looking at. Of any other queue SQS knows nothing; one with a negative number never
// answers.
type Queues map[string][2]int

// GetQueueAttributes tells the numbers.
func (q Queues) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	counts, known := q[*in.QueueUrl]
	switch {
	case !known:
		return nil, fmt.Errorf("AWS.SimpleQueueService.NonExistentQueue: %s", *in.QueueUrl)
	case counts[0] < 0:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	attributes := map[string]string{}
	for _, name := range in.AttributeNames {
		switch name {
		case "ApproximateNumberOfMessages":
			attributes[string(name)] = strconv.Itoa(counts[0])
		case "ApproximateNumberOfMessagesNotVisible":
			attributes[string(name)] = strconv.Itoa(counts[1])
		}
	}
	return &sqs.GetQueueAttributesOutput{Attributes: attributes}, nil
}
