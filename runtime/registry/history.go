package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Past is one event of a plugin as people see it.
type Past struct {
	Number int64  `json:"number"`
	Type   string `json:"type"`
	Time   string `json:"time"`
	// Version is the plugin's version that the event is about, empty where the event
	// does not say.
	Version string `json:"version,omitempty"`
	// CorrelationID is that of the request which led to the event.
	CorrelationID string `json:"correlationId,omitempty"`
	// Detail is the event's data as JSON text, without what is packed.
	Detail string `json:"detail"`
}

// History reads the events of a plugin, newest first: at most limit ones, with numbers
// below before, where 0 is no bound. next is the number to go on with, 0 at the end.
func (s *Store) History(ctx context.Context, plugin string, before int64, limit int) (events []Past, next int64, err error) {
	events, err = s.newest(ctx, plugin, before, limit+1)
	if err == nil && len(events) > limit {
		events = events[:limit]
		next = events[limit-1].Number
	}
	return events, next, err
}

// newest reads events, newest first, until there are enough.
func (s *Store) newest(ctx context.Context, plugin string, before int64, enough int) ([]Past, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.logTable, ScanIndexForward: aws.Bool(false), KeyConditionExpression: aws.String("id = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: plugin}},
	}
	if before > 0 {
		in.KeyConditionExpression = aws.String("id = :id AND seq < :before")
		in.ExpressionAttributeValues[":before"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(before, 10)}
	}
	var events []Past
	pages := dynamodb.NewQueryPaginator(s.client, in)
	for pages.HasMorePages() && len(events) < enough {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the events of plugin %q from table %s: %w", plugin, s.logTable, err)
		}
		for _, item := range page.Items {
			past, err := pastOf(item, before)
			if err != nil {
				return nil, fmt.Errorf("read the events of plugin %q from table %s: %w", plugin, s.logTable, err)
			}
			events = append(events, past...)
		}
	}
	return events, nil
}

// pastOf reads the events of one item, newest first, with numbers below before.
func pastOf(item map[string]types.AttributeValue, before int64) ([]Past, error) {
	commit, err := eventlog.DecodeItem(item)
	if err != nil {
		return nil, err
	}
	var events []Past
	for _, e := range commit.Recorded(Aggregate) {
		if before > 0 && e.Number >= before {
			continue
		}
		past := Past{Number: e.Number, Type: e.Type, Time: e.Time, CorrelationID: commit.CorrelationID}
		if past.Version, past.Detail, err = detailOf(e); err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Number, err)
		}
		events = append(events, past)
	}
	slices.Reverse(events)
	return events, nil
}

// detailOf gives an event's data without what nobody can read, and the version in it.
func detailOf(e turn.RecordedEvent) (version, detail string, err error) {
	var data map[string]any
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return "", "", err
	}
	delete(data, "fragment")
	delete(data, "resolvers")
	for _, member := range []string{"version", "new"} {
		if text, ok := data[member].(string); ok {
			version = text
		}
	}
	text, err := json.Marshal(data)
	return version, string(text), err
}
