package upgrade

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Subscription is a subscription to a topic.
type Subscription struct {
	ARN      string `json:"arn"`
	Topic    string `json:"topic"`
	Protocol string `json:"protocol"`
	Endpoint string `json:"endpoint"`
	// Attributes are those that its maker chooses.
	Attributes map[string]string `json:"attributes"`
}

// chosen says whether an attribute of a subscription can be chosen.
func chosen(name string) bool {
	return name == "RawMessageDelivery" || name == "FilterPolicy" || name == "FilterPolicyScope" || name == "RedrivePolicy"
}

// subscriptions are those that are no resource of a stack.
func subscriptions(ctx context.Context, config aws.Config, stacks []Stack) ([]Subscription, error) {
	declared := map[string]bool{}
	for _, stack := range stacks {
		for _, resource := range resources(stack.State) {
			declared[text(resource, "id")] = true
		}
	}
	client, all := sns.NewFromConfig(config), []Subscription{}
	pages := sns.NewListSubscriptionsPaginator(client, &sns.ListSubscriptionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, found := range page.Subscriptions {
			if declared[*found.SubscriptionArn] {
				continue
			}
			answer, err := client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: found.SubscriptionArn})
			if err != nil {
				return nil, err
			}
			maps.DeleteFunc(answer.Attributes, func(name, _ string) bool { return !chosen(name) })
			all = append(all, Subscription{*found.SubscriptionArn, *found.TopicArn, *found.Protocol, *found.Endpoint, answer.Attributes})
		}
	}
	return all, nil
}

// subscribe makes the subscriptions again that are no resources of a stack.
func (r *restoring) subscribe(ctx context.Context) error {
	client := sns.NewFromConfig(r.config)
	for _, s := range r.snapshot.Subscriptions {
		made, err := client.Subscribe(ctx, &sns.SubscribeInput{
			TopicArn: aws.String(s.Topic), Protocol: aws.String(s.Protocol), Endpoint: aws.String(s.Endpoint),
			Attributes: s.Attributes, ReturnSubscriptionArn: true,
		})
		if err != nil {
			return fmt.Errorf("subscribing %s to %s again: %w", s.Endpoint, s.Topic, err)
		}
		r.names.learn("id", s.ARN, *made.SubscriptionArn)
	}
	return nil
}
