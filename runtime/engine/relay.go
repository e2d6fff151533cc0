package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// attributeType is the message attribute by which subscriptions filter.
const attributeType = "type"

// relay publishes the events of a batch to the extension points, in the order of the
// batch and, within an aggregate id, of the commits. Events of the DCB log are taken from
// their home streams, where each is once. When a commit fails, it and the
// later ones of its id must come again; what was published of it is published again
// under the same ids.
func (e *Engine) relay(b *batch, records []record, failed failures) {
	records = slices.DeleteFunc(records, func(r record) bool { return !e.isHome(r) })
	queues := map[string][]record{}
	for _, group := range groups(records) {
		queues[group[0].key()] = group
	}
	for _, place := range records {
		queue := queues[place.key()]
		if len(queue) == 0 {
			continue // everything of this id was published, or failed
		}
		next := queue[0]
		queues[place.key()] = queue[1:]
		if err := b.publishCommit(next); err != nil {
			b.report(err, "component", next.component, "id", next.commit.ID, "sequenceNumber", next.sequence)
			for _, r := range queue {
				failed.add(r)
			}
			queues[place.key()] = nil
		}
	}
}

// isHome says whether a record is of an aggregate or of a home stream of the DCB log.
func (e *Engine) isHome(r record) bool {
	if _, aggregate := e.logs[r.component]; aggregate {
		return true
	}
	_, eventType := dcb.ParseFamily(r.component)
	return eventType == ""
}

// publishes says whether an extension point takes an event of an aggregate, or of a home
// stream of the DCB log.
func (e *Engine) publishes(point definition.ExtensionPoint, component, eventType string) bool {
	if _, aggregate := e.logs[component]; !aggregate {
		component = ""
	}
	return slices.ContainsFunc(point.From, func(source definition.Source) bool { return selected(source, component, eventType) })
}

// publishCommit publishes what the events of a commit lead to.
func (b *batch) publishCommit(r record) error {
	for _, event := range r.commit.Recorded(r.component) {
		for _, name := range slices.Sorted(maps.Keys(b.Definition.ExtensionPoints)) {
			point := b.Definition.ExtensionPoints[name]
			if !b.publishes(point, r.component, event.Type) {
				continue
			}
			if b.over() {
				return errUnprocessed
			}
			if err := b.publishEvent(r, name, point, event); err != nil {
				return fmt.Errorf("event %d (%s) for the extension point %s: %w", event.Number, event.Type, name, err)
			}
		}
	}
	return nil
}

// publishEvent publishes what one event leads to on one extension point.
func (b *batch) publishEvent(r record, name string, point definition.ExtensionPoint, event turn.RecordedEvent) error {
	messages := []turn.Message{{Type: event.Type, Data: event.Data}}
	if point.Publish {
		answer, err := b.ask(turn.Turn{
			Kind: turn.Publish, Component: name, Event: &event,
			Meta: turn.Meta{CorrelationID: r.commit.CorrelationID, CausationID: r.commit.CommandID, Time: event.Time},
		})
		if err != nil {
			return err
		}
		messages = answer.Messages
	}
	same := places{}
	for _, message := range messages {
		key := keyOr(message.Key, event.ID)
		err := b.publish(r.source, point.Topic, protocol.ExtensionMessage{
			Plugin: b.Definition.Plugin, ExtensionPoint: name, Type: message.Type, Data: message.Data,
			Key:    key,
			Source: protocol.EventReference{Component: event.Component, ID: event.ID, Number: event.Number},
			Index:  same.next(message.Type, key), Time: event.Time,
			CorrelationID: r.commit.CorrelationID, CausationID: r.commit.CommandID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keyOr is the message's key, by default the id of the event's aggregate, or the value of
// its home tag.
func keyOr(key, id string) string {
	if key == "" {
		return id
	}
	return key
}

// publish sends one message to a topic in the account and region of the stream.
func (b *batch) publish(streamARN, topic string, message protocol.ExtensionMessage) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	_, err = b.SNS.Publish(b.aws, &sns.PublishInput{
		TopicArn:               aws.String(topicARN(streamARN, topic)),
		Message:                aws.String(queueText(body)),
		MessageGroupId:         aws.String(groupID(message.Key)),
		MessageDeduplicationId: aws.String(messageID(message)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			attributeType: {DataType: aws.String("String"), StringValue: aws.String(message.Type)},
		},
	})
	if err != nil {
		return fmt.Errorf("publish to the topic %s: %w", topic, err)
	}
	return nil
}

// topicARN is the ARN of a topic beside a stream with an ARN of
// arn:partition:dynamodb:region:account:….
func topicARN(streamARN, topic string) string {
	parts := strings.SplitN(streamARN, ":", 6)
	if len(parts) < 6 {
		return topic
	}
	parts[2], parts[5] = "sns", topic
	return strings.Join(parts, ":")
}
