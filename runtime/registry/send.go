package registry

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Sender is the part of the SQS client that sends.
type Sender interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Send puts a request on the registry queue. The deduplication id is the request's
// own and not a hash of the content: SQS drops what it has seen within five minutes,
// and a deployment that is resumed within that time sends the same content again.
func Send(ctx context.Context, client Sender, queueURL string, r Request) error {
	body, err := r.Encode()
	if err == nil {
		_, err = client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &queueURL, MessageBody: &body,
			MessageGroupId: aws.String(MessageGroup), MessageDeduplicationId: &r.ID,
		})
	}
	if err != nil {
		return fmt.Errorf("send request %s (%s) to the registry queue %s: %w", r.ID, r.Type, queueURL, err)
	}
	return nil
}
