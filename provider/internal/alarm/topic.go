package alarm

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// topicPart is the part of a component that the topic of its alarms is.
const topicPart = "alarms"

// NewTopic makes a topic that sends to an address, which SNS asks first for its consent. The
// topic is not encrypted: CloudWatch may not use the account's key for SNS, and what it says
// of an alarm is no secret.
func NewTopic(ctx *pulumi.Context, owner component.Owner, email pulumi.StringInput) (pulumi.StringOutput, error) {
	topic, err := sns.NewTopic(ctx, owner.Logical(topicPart), &sns.TopicArgs{
		Name: pulumi.String(owner.Physical(naming.Topic, topicPart)),
		Tags: owner.TagsOf(topicPart),
	}, owner.Child())
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("the topic of the alarms: %w", err)
	}
	_, err = sns.NewTopicSubscription(ctx, owner.Logical(topicPart), &sns.TopicSubscriptionArgs{
		Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: email,
	}, owner.Child())
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("the subscription of the alarms: %w", err)
	}
	return topic.Arn, nil
}
