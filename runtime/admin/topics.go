package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// Topics is the part of the SNS client that the function needs.
type Topics interface {
	Subscribe(ctx context.Context, in *sns.SubscribeInput, opts ...func(*sns.Options)) (*sns.SubscribeOutput, error)
	SetSubscriptionAttributes(ctx context.Context, in *sns.SetSubscriptionAttributesInput, opts ...func(*sns.Options)) (*sns.SetSubscriptionAttributesOutput, error)
	Unsubscribe(ctx context.Context, in *sns.UnsubscribeInput, opts ...func(*sns.Options)) (*sns.UnsubscribeOutput, error)
	ListSubscriptionsByTopic(ctx context.Context, in *sns.ListSubscriptionsByTopicInput, opts ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error)
}

// protocolSQS is the protocol of subscriptions of queues.
const protocolSQS = "sqs"

// Attributes of a subscription.
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
const (
	attributeRaw     = "RawMessageDelivery"
	attributeFilter  = "FilterPolicy"
	attributeScope   = "FilterPolicyScope"
	attributeRedrive = "RedrivePolicy"
	// noFilter takes a filter away.
	noFilter = "{}"
)

// redrive is the policy that sends what cannot be delivered to a queue.
func redrive(queue string) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":%q}`, queue)
}

// subscribe makes a subscription and returns its ARN. SNS answers with the one that is
// there already if it has the same attributes.
func (a *Admin) subscribe(ctx context.Context, w registry.Wired) (string, error) {
	in := &sns.SubscribeInput{
		TopicArn: &w.Topic, Protocol: aws.String(protocolSQS), Endpoint: &w.Queue, ReturnSubscriptionArn: true,
		Attributes: map[string]string{attributeRaw: "true"},
	}
	if w.Filter != "" {
		in.Attributes[attributeFilter], in.Attributes[attributeScope] = w.Filter, w.Scope
	}
	if w.DeadLetter != "" {
		in.Attributes[attributeRedrive] = redrive(w.DeadLetter)
	}
	out, err := a.Topics.Subscribe(ctx, in)
	if err != nil {
		return "", fmt.Errorf("subscribe queue %s to topic %s: %w", w.Queue, w.Topic, err)
	}
	return aws.ToString(out.SubscriptionArn), nil
}

// configure gives a subscription its attributes. A policy is checked against the scope
// that the subscription has, so the wider scope, the message's body, is set before the
// policy, and the narrower one after it.
func (a *Admin) configure(ctx context.Context, w registry.Wired) error {
	filter := w.Filter
	if filter == "" {
		filter = noFilter
	}
	attributes := [][2]string{{attributeRaw, "true"}, {attributeFilter, filter}}
	switch w.Scope {
	case protocol.ScopeMessageBody:
		attributes = [][2]string{{attributeRaw, "true"}, {attributeScope, w.Scope}, {attributeFilter, filter}}
	case protocol.ScopeMessageAttributes:
		attributes = append(attributes, [2]string{attributeScope, w.Scope})
	}
	if w.DeadLetter != "" {
		attributes = append(attributes, [2]string{attributeRedrive, redrive(w.DeadLetter)})
	}
	for _, attribute := range attributes {
		_, err := a.Topics.SetSubscriptionAttributes(ctx, &sns.SetSubscriptionAttributesInput{
			SubscriptionArn: &w.ARN, AttributeName: &attribute[0], AttributeValue: &attribute[1],
		})
		if err != nil {
			return fmt.Errorf("set %s of subscription %s: %w", attribute[0], w.ARN, err)
		}
	}
	return nil
}

// unsubscribe takes a subscription away. One that is gone already is no error.
func (a *Admin) unsubscribe(ctx context.Context, arn string) error {
	_, err := a.Topics.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &arn})
	var missing *types.NotFoundException
	if err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("unsubscribe %s: %w", arn, err)
	}
	return nil
}

// subscriptions lists the ARNs of a topic's subscriptions by queue. A topic that is gone
// has none.
func (a *Admin) subscriptions(ctx context.Context, topic string) (map[string]string, error) {
	found := map[string]string{}
	pages := sns.NewListSubscriptionsByTopicPaginator(a.Topics, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var missing *types.NotFoundException
		if errors.As(err, &missing) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the subscriptions of topic %s: %w", topic, err)
		}
		for _, s := range page.Subscriptions {
			// Instead of an ARN there is a word while a subscription is not confirmed.
			if arn := aws.ToString(s.SubscriptionArn); aws.ToString(s.Protocol) == protocolSQS && strings.HasPrefix(arn, "arn:") {
				found[aws.ToString(s.Endpoint)] = arn
			}
		}
	}
	return found, nil
}
