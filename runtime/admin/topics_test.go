package admin_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// subscription is a subscription of a queue to a topic.
type subscription struct {
	topic, queue string
	attributes   map[string]string
}

// topics is SNS: every topic is there unless it is in gone.
type topics struct {
	mu            sync.Mutex
	crash         *crash
	subscriptions map[string]subscription
	gone          map[string]bool
	refuse        map[string]error
	made          int
	log           []string
}

// request is the frame of every request.
func (s *topics) request(operation string, effect func() error) error {
	if err := s.crash.hook("before", operation); err != nil {
		return err
	}
	s.mu.Lock()
	err := s.refuse[operation]
	if err == nil {
		err = effect()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.crash.hook("after", operation)
}

// find is the ARN of a subscription.
func (s *topics) find(topic, queue string) string {
	for arn, sub := range s.subscriptions {
		if sub.topic == topic && sub.queue == queue {
			return arn
		}
	}
	return ""
}

// Subscribe is the SNS client's.
func (s *topics) Subscribe(_ context.Context, in *sns.SubscribeInput, _ ...func(*sns.Options)) (*sns.SubscribeOutput, error) {
	out := &sns.SubscribeOutput{}
	err := s.request("Subscribe", func() error {
		if s.gone[*in.TopicArn] {
			return &types.NotFoundException{}
		}
		arn := s.find(*in.TopicArn, *in.Endpoint)
		if arn != "" && !maps.Equal(s.subscriptions[arn].attributes, in.Attributes) {
			return &types.InvalidParameterException{Message: aws.String("Subscription already exists with different attributes")}
		}
		if arn == "" {
			s.made++
			arn = fmt.Sprintf("%s:%d", *in.TopicArn, s.made)
			s.subscriptions[arn] = subscription{topic: *in.TopicArn, queue: *in.Endpoint, attributes: maps.Clone(in.Attributes)}
			s.log = append(s.log, "+"+*in.TopicArn+"→"+*in.Endpoint)
		}
		out.SubscriptionArn = &arn
		return nil
	})
	return out, err
}

// SetSubscriptionAttributes is the SNS client's.
func (s *topics) SetSubscriptionAttributes(_ context.Context, in *sns.SetSubscriptionAttributesInput, _ ...func(*sns.Options)) (*sns.SetSubscriptionAttributesOutput, error) {
	return &sns.SetSubscriptionAttributesOutput{}, s.request("SetSubscriptionAttributes", func() error {
		sub, ok := s.subscriptions[*in.SubscriptionArn]
		if !ok {
			return &types.NotFoundException{}
		}
		sub.attributes[*in.AttributeName] = *in.AttributeValue
		return nil
	})
}

// Unsubscribe is the SNS client's.
func (s *topics) Unsubscribe(_ context.Context, in *sns.UnsubscribeInput, _ ...func(*sns.Options)) (*sns.UnsubscribeOutput, error) {
	return &sns.UnsubscribeOutput{}, s.request("Unsubscribe", func() error {
		sub, ok := s.subscriptions[*in.SubscriptionArn]
		if !ok {
			return &types.NotFoundException{}
		}
		delete(s.subscriptions, *in.SubscriptionArn)
		s.log = append(s.log, "-"+sub.topic+"→"+sub.queue)
		return nil
	})
}

// ListSubscriptionsByTopic is the SNS client's.
func (s *topics) ListSubscriptionsByTopic(_ context.Context, in *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	out := &sns.ListSubscriptionsByTopicOutput{}
	err := s.request("ListSubscriptionsByTopic", func() error {
		if s.gone[*in.TopicArn] {
			return &types.NotFoundException{}
		}
		for _, arn := range slices.Sorted(maps.Keys(s.subscriptions)) {
			if sub := s.subscriptions[arn]; sub.topic == *in.TopicArn {
				out.Subscriptions = append(out.Subscriptions, types.Subscription{
					SubscriptionArn: aws.String(arn), Endpoint: aws.String(sub.queue), Protocol: aws.String("sqs"), TopicArn: in.TopicArn,
				})
			}
		}
		out.Subscriptions = append(out.Subscriptions, types.Subscription{
			SubscriptionArn: aws.String("PendingConfirmation"), Endpoint: aws.String("a@example.com"), Protocol: aws.String("email"),
		})
		return nil
	})
	return out, err
}

// wires lists the subscriptions.
func (s *topics) wires() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wires []string
	for _, sub := range s.subscriptions {
		wires = append(wires, sub.topic+"→"+sub.queue)
	}
	slices.Sort(wires)
	return wires
}
