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
		Tags:                owner.TagsOf(part),
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

// Filter selects messages: of some types, all if none, whose data have one of these texts
// in each of the fields.
type Filter struct {
	Types []string
	Where map[string][]string
}

// Scopes of a filter policy: what of a message it looks at.
const (
	scopeAttributes = "MessageAttributes"
	scopeBody       = "MessageBody"
)

// Policy is the filter as SNS takes it, and what of a message it looks at; both are empty
// when every message is selected.
func (f Filter) Policy() (policy, scope string) {
	switch {
	case len(f.Where) > 0:
		content := map[string]any{"data": f.Where}
		if len(f.Types) > 0 {
			content[typeAttribute] = f.Types
		}
		return render(content), scopeBody
	case len(f.Types) > 0:
		return render(map[string]any{typeAttribute: f.Types}), scopeAttributes
	}
	return "", ""
}

// render is a filter policy as JSON text.
func render(content map[string]any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // it holds texts only
	}
	return string(text)
}

// Subscribe subscribes a queue to a topic, which is usually in another stack: it admits
// the topic to the queue and to its dead-letter queue, where SNS puts what it could not
// deliver, and then subscribes.
func Subscribe(ctx *pulumi.Context, owner component.Owner, part string, topic pulumi.StringInput, to *queue.Queue, filter Filter) (pulumi.Resource, error) {
	admitted, err := Admit(ctx, owner, part, topic, to)
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
	if policy, scope := filter.Policy(); policy != "" {
		args.FilterPolicy, args.FilterPolicyScope = pulumi.String(policy), pulumi.String(scope)
	}
	subscription, err := sns.NewTopicSubscription(ctx, owner.Logical(part), args, owner.Child(pulumi.DependsOn(admitted)))
	if err != nil {
		return nil, fmt.Errorf("the subscription of %s: %w", part, err)
	}
	return subscription, nil
}

// Admit admits a topic, or all topics that an ARN with "*" stands for, to a queue and to
// its dead-letter queue.
func Admit(ctx *pulumi.Context, owner component.Owner, part string, topic pulumi.StringInput, to *queue.Queue) ([]pulumi.Resource, error) {
	admitted, err := to.AdmitTopic(ctx, owner, part, topic)
	if err != nil {
		return nil, err
	}
	undelivered, err := to.DeadLetter.AdmitTopic(ctx, owner, part+"-dead-letter", topic)
	return []pulumi.Resource{admitted, undelivered}, err
}

// AllowWiring allows to subscribe queues to the topics of the account and region of an
// ARN, and to end that. A subscription's ARN begins with that of its topic.
func AllowWiring(sibling pulumi.StringInput) iam.Statement {
	all := func(resource string) pulumi.StringInput {
		return sibling.ToStringOutput().ApplyT(func(arn string) string { return naming.Sibling(arn, "sns", resource) }).(pulumi.StringOutput)
	}
	return iam.Allow(iam.On(all("*"+naming.FIFOTopic.Suffix), all("*"+naming.FIFOTopic.Suffix+":*")),
		"sns:Subscribe", "sns:Unsubscribe", "sns:SetSubscriptionAttributes", "sns:ListSubscriptionsByTopic")
}
