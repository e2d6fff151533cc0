package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Beat is the latest heartbeat of a plugin, an item of the liveness table.
type Beat struct {
	Plugin string `dynamodbav:"id"`
	// LastSeen is when it came, RFC 3339 in UTC with milliseconds, so that texts are
	// ordered as times are.
	LastSeen string `dynamodbav:"lastSeen"`
	// Minutes is how often the plugin says that it beats.
	Minutes int    `dynamodbav:"minutes"`
	Version string `dynamodbav:"version"`
	Stack   string `dynamodbav:"stack"`
	// DeadLetters are the numbers of messages in the plugin's dead-letter queues by part,
	// nil for a queue that could not be counted; DeadLettersAt is when they were counted by
	// the plugin's clock, empty when the heartbeat said nothing of them.
	DeadLetters   map[string]*int `dynamodbav:"deadLetters,omitempty"`
	DeadLettersAt string          `dynamodbav:"deadLettersAt,omitempty"`
}

// Beat records a heartbeat, with one conditional write. One that is older than the
// recorded one changes nothing.
func (s *Store) Beat(ctx context.Context, b Beat) error {
	if s.livenessTable == "" {
		return nil
	}
	item, err := attributevalue.MarshalMap(b)
	if err != nil {
		return fmt.Errorf("record the heartbeat of plugin %q: %w", b.Plugin, err)
	}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.livenessTable, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(id) OR lastSeen < :lastSeen"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":lastSeen": item["lastSeen"]},
	})
	var older *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &older) {
		return fmt.Errorf("record the heartbeat of plugin %q in table %s: %w", b.Plugin, s.livenessTable, err)
	}
	return nil
}

// LastBeat reads the latest heartbeat of a plugin; the zero value is none.
func (s *Store) LastBeat(ctx context.Context, plugin string) (Beat, error) {
	var b Beat
	if s.livenessTable == "" {
		return b, nil
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.livenessTable, Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: plugin}},
	})
	if err == nil {
		err = attributevalue.UnmarshalMap(out.Item, &b)
	}
	if err != nil {
		return Beat{}, fmt.Errorf("read the heartbeat of plugin %q from table %s: %w", plugin, s.livenessTable, err)
	}
	return b, nil
}

// Beats reads the latest heartbeats of all plugins, consistently, by plugin.
func (s *Store) Beats(ctx context.Context) (map[string]Beat, error) {
	beats := map[string]Beat{}
	if s.livenessTable == "" {
		return beats, nil
	}
	err := s.scan(ctx, &dynamodb.ScanInput{TableName: &s.livenessTable}, func(item map[string]types.AttributeValue) error {
		var b Beat
		if err := attributevalue.UnmarshalMap(item, &b); err != nil {
			return fmt.Errorf("read a heartbeat from table %s: %w", s.livenessTable, err)
		}
		beats[b.Plugin] = b
		return nil
	})
	return beats, err
}

// Grace is how long after a sign of life a plugin is taken to be alive that sends one
// every so many minutes: half as long again, and two minutes at least.
func Grace(minutes int) time.Duration {
	return time.Duration(minutes+max(2, minutes/2)) * time.Minute
}

// Silent says whether a connected plugin that should beat does not any more. To have
// connected, or to have been activated, counts as a beat. One that said that it does not
// beat is never silent: its old schedule may beat once more after it has connected.
func (s State) Silent(b Beat, now time.Time) (Beats, bool) {
	minutes, seen := s.pulse(b)
	for _, text := range []string{s.ConnectedAt, s.StatusChangedAt} {
		if t, err := time.Parse(time.RFC3339, text); err == nil && t.After(seen) {
			seen = t
		}
	}
	silent := s.Status == StatusConnected && s.HeartbeatMinutes > 0 && minutes > 0 && now.Sub(seen) > Grace(minutes)
	return s.beats(b, minutes), silent
}

// Alive says whether the heartbeats of a plugin that missed some have come again.
func (s State) Alive(b Beat, now time.Time) (Beats, bool) {
	minutes, seen := s.pulse(b)
	alive := s.Status == StatusDisconnected && minutes > 0 && now.Sub(seen) <= Grace(minutes)
	return s.beats(b, minutes), alive
}

// pulse says how often a plugin beats and when it did last. What it said when it
// connected holds until it beats.
func (s State) pulse(b Beat) (minutes int, seen time.Time) {
	if b.Stack != s.Stack {
		return s.HeartbeatMinutes, time.Time{}
	}
	seen, _ = time.Parse(time.RFC3339, b.LastSeen)
	if b.LastSeen > s.ConnectedAt {
		return b.Minutes, seen
	}
	return s.HeartbeatMinutes, seen
}

func (s State) beats(b Beat, minutes int) Beats {
	seen := Beats{Plugin: s.Plugin, LogVersion: s.LogVersion, Minutes: minutes}
	if b.Stack == s.Stack {
		seen.LastSeen = b.LastSeen
	}
	return seen
}
