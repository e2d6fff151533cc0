package cloud

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

// topic is a FIFO topic that delivers raw messages to FIFO queues.
type topic struct {
	window *window
	queues []*Queue
}

// AddTopic makes a FIFO topic with its subscribed queues.
func (c *Cloud) AddTopic(name string, subscribed ...*Queue) {
	c.topics[name] = &topic{window: newWindow(), queues: subscribed}
}

// Publish puts a message on all queues of a topic, unless it came before.
func (e *Environment) Publish(ctx context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	name := aws.ToString(in.TopicArn)
	t, ok := e.cloud.topics[name[strings.LastIndexByte(name, ':')+1:]]
	if !ok || in.MessageGroupId == nil || in.MessageDeduplicationId == nil {
		return nil, errors.New("NotFound or InvalidParameter: publish to " + name)
	}
	refuse := func() error { return &snstypes.ThrottledException{} }
	err := e.request(ctx, refuse, func() error {
		if t.window.seen(*in.MessageGroupId, *in.MessageDeduplicationId) {
			e.cloud.Figures.Deduplicated.Add(1)
			return nil
		}
		for _, q := range t.queues {
			q.send(aws.ToString(in.Message), *in.MessageGroupId, *in.MessageDeduplicationId, 0)
		}
		return nil
	})
	return answer(&sns.PublishOutput{}, err)
}

// SendMessage puts a message on a queue.
func (e *Environment) SendMessage(ctx context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	name := aws.ToString(in.QueueUrl)
	q, ok := e.cloud.queues[name[strings.LastIndexByte(name, '/')+1:]]
	if !ok || q.fifo != (in.MessageGroupId != nil) || q.fifo != (in.MessageDeduplicationId != nil) {
		return nil, errors.New("QueueDoesNotExist or InvalidParameterValue: send to " + name)
	}
	refuse := func() error {
		return &smithy.GenericAPIError{Code: "RequestThrottled", Message: "Request is throttled."}
	}
	err := e.request(ctx, refuse, func() error {
		q.send(aws.ToString(in.MessageBody), aws.ToString(in.MessageGroupId), aws.ToString(in.MessageDeduplicationId), time.Duration(in.DelaySeconds)*time.Second)
		return nil
	})
	return answer(&sqs.SendMessageOutput{}, err)
}
