// Package topic makes the SNS FIFO topics of extension points and the subscriptions of
// extensions.
package topic

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
)

// typeAttribute is the message attribute by which subscriptions filter.
const typeAttribute = "type"

// Topic is a FIFO topic.
type Topic struct {
	Name     string
	ARN      pulumi.StringOutput
	Resource pulumi.Resource
}

// Name is the physical name of a part's topic.
func Name(owner component.Owner, part string) string {
	return owner.Physical(naming.FIFOTopic, part)
}

// New makes the topic of an extension point. Messages are deduplicated per group, which
// is what allows a high rate, and encrypted with the account's key for SNS.
func New(ctx *pulumi.Context, owner component.Owner, part string) (*Topic, error) {
	resource, err := sns.NewTopic(ctx, owner.Logical(part), &sns.TopicArgs{
		Name:                pulumi.String(Name(owner, part)),
		FifoTopic:           pulumi.Bool(true),
		FifoThroughputScope: pulumi.String("MessageGroup"),
		KmsMasterKeyId:      pulumi.String("alias/aws/sns"),
		Tags:                owner.Tags,
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the topic %s: %w", part, err)
	}
	return &Topic{Name: Name(owner, part), ARN: resource.Arn, Resource: resource}, nil
}

// AllowPublish allows to publish to the topic.
func (t *Topic) AllowPublish() iam.Statement {
	return iam.Allow(iam.On(t.ARN), "sns:Publish")
}

// Subscribe subscribes a queue to a topic, which is usually in another stack: it admits
// the topic to the queue and to its dead-letter queue, where SNS puts what it could not
// deliver, and then subscribes. Only messages of the given types are sent, all if none.
func Subscribe(ctx *pulumi.Context, owner component.Owner, part string, topic pulumi.StringInput, to *queue.Queue, types []string) (pulumi.Resource, error) {
	admitted, err := to.Admit(ctx, owner, part, topic)
	if err != nil {
		return nil, err
	}
	undelivered, err := to.DeadLetter.Admit(ctx, owner, part+"-dead-letter", topic)
	if err != nil {
		return nil, err
	}
	args := &sns.TopicSubscriptionArgs{
		Topic:              topic,
		Protocol:           pulumi.String("sqs"),
		Endpoint:           to.ARN,
		RawMessageDelivery: pulumi.Bool(true),
		RedrivePolicy:      pulumi.Sprintf(`{"deadLetterTargetArn":"%s"}`, to.DeadLetter.ARN),
	}
	if len(types) > 0 {
		filter, err := json.Marshal(map[string][]string{typeAttribute: types})
		if err != nil {
			return nil, err
		}
		args.FilterPolicy = pulumi.String(string(filter))
		args.FilterPolicyScope = pulumi.String("MessageAttributes")
	}
	subscription, err := sns.NewTopicSubscription(ctx, owner.Logical(part), args,
		owner.Child(pulumi.DependsOn([]pulumi.Resource{admitted, undelivered})))
	if err != nil {
		return nil, fmt.Errorf("the subscription of %s: %w", part, err)
	}
	return subscription, nil
}
