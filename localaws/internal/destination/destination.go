// Package destination sends messages to the queues and topics that AWS services name as
// their targets by ARN.
package destination

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Clients reach queues and topics.
type Clients struct {
	SQS *sqs.Client
	SNS *sns.Client
}

// Message is what is sent.
type Message struct {
	Body string
	// Group is the message group in a FIFO queue. There never is a deduplication id:
	// the services that send leave that to content-based deduplication.
	Group string
	// Attributes are message attributes of type String.
	Attributes map[string]string
}

// Send sends a message to a queue or topic. It does not retry.
func (c Clients) Send(ctx context.Context, arn string, m Message) error {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return fmt.Errorf("send to %s: that is no ARN of a queue or topic", arn)
	}
	switch parts[2] {
	case "sqs":
		return c.sendMessage(ctx, parts[5], m)
	case "sns":
		return c.publish(ctx, arn, m)
	}
	return fmt.Errorf("send to %s: only queues and topics can be sent to", arn)
}

func (c Clients) sendMessage(ctx context.Context, queue string, m Message) error {
	found, err := c.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return err
	}
	input := &sqs.SendMessageInput{QueueUrl: found.QueueUrl, MessageBody: &m.Body, MessageAttributes: map[string]sqstypes.MessageAttributeValue{}}
	if m.Group != "" {
		input.MessageGroupId = &m.Group
	}
	for name, value := range m.Attributes {
		input.MessageAttributes[name] = sqstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err = c.SQS.SendMessage(ctx, input)
	return err
}

func (c Clients) publish(ctx context.Context, topic string, m Message) error {
	input := &sns.PublishInput{TopicArn: &topic, Message: &m.Body, MessageAttributes: map[string]snstypes.MessageAttributeValue{}}
	for name, value := range m.Attributes {
		input.MessageAttributes[name] = snstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err := c.SNS.Publish(ctx, input)
	return err
}

const (
	attempts    = 5
	sendTimeout = 20 * time.Second
	// firstPause is the longest first pause; each further one may be twice as long.
	firstPause = 100 * time.Millisecond
)

// Insist sends a message that must not be lost: up to five times, with pauses of random
// length. The end of ctx cuts the pauses short, and interrupts no attempt.
func (c Clients) Insist(ctx context.Context, arn string, m Message) error {
	return Insist(ctx, func(ctx context.Context) error { return c.Send(ctx, arn, m) })
}

// Insist makes up to five attempts of a send that must not be lost, as [Clients.Insist]
// does.
func Insist(ctx context.Context, send func(context.Context) error) error {
	pause := firstPause
	for try := 1; ; try++ {
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
		err := send(attempt)
		cancel()
		if err == nil || try == attempts {
			return err
		}
		select {
		case <-time.After(rand.N(pause)):
		case <-ctx.Done():
		}
		pause *= 2
	}
}
