package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// publishes is a handler that makes as many messages of an event as its data says.
var publishes = script{turn.Publish: func(_ context.Context, t turn.Turn) (any, error) {
	if t.Event.Type == "Poison" {
		return nil, &turn.HandlerError{Kind: turn.Threw, Message: "cannot"}
	}
	var data struct{ Messages int }
	if err := json.Unmarshal(t.Event.Data, &data); err != nil {
		return nil, err
	}
	var answer turn.Answer
	for i := range data.Messages {
		answer.Messages = append(answer.Messages, turn.Message{Type: fmt.Sprint("M", i), Data: json.RawMessage(`{}`), Key: "key ä"})
	}
	return answer, nil
}}

// published are the bodies that were published, by topic and message.
func (b *bench) published() (bodies []protocol.ExtensionMessage) {
	for _, in := range b.queues.published {
		var body protocol.ExtensionMessage
		require.NoError(b.t, json.Unmarshal([]byte(*in.Message), &body))
		bodies = append(bodies, body)
	}
	return bodies
}

func TestSelectedEventsArePublishedAsTheyAre(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionRelay, publishes)
	b.append("Product", "p1", ev("Added", `{"price":1.50}`), ev("Renamed", `{}`), ev("Priced", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	got := b.published()
	require.Len(t, got, 2)
	assert.Equal(t, protocol.ExtensionMessage{
		Plugin: "catalog", ExtensionPoint: "Plain", Type: "Added", Key: "p1", Data: json.RawMessage(`{"price":1.50}`),
		Source: protocol.EventReference{Component: "Product", ID: "p1", Number: 1}, Time: got[0].Time,
		CorrelationID: "correlation", CausationID: "command-p1-0",
	}, got[0])
	assert.Equal(t, int64(3), got[1].Source.Number)
	in := b.queues.published[0]
	assert.Equal(t, "arn:aws:sns:eu-central-1:123456789012:plain.fifo", *in.TopicArn)
	assert.Equal(t, "p1", *in.MessageGroupId)
	assert.Equal(t, "Added", *in.MessageAttributes["type"].StringValue)
	assert.Equal(t, "String", *in.MessageAttributes["type"].DataType)
}

func TestMessagesHaveTheSameIDsWhenTheyComeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionRelay, publishes)
	b.append("Category", "c1", ev("Split", `{"messages":2}`))
	b.append("Category", "c1", ev("Quiet", `{"messages":0}`))
	b.append("Category", "c2", ev("Split", `{"messages":1}`))
	for range 2 {
		assert.Empty(t, b.stream(t.Context(), b.db.Records("category-log")...))
	}
	require.Len(t, b.queues.published, 6)
	ids := map[string]bool{}
	for i := range 3 {
		first, again := b.queues.published[i], b.queues.published[i+3]
		assert.Equal(t, *first.MessageDeduplicationId, *again.MessageDeduplicationId)
		assert.Equal(t, *first.Message, *again.Message)
		assert.Regexp(t, "^[!-~]{1,128}$", *first.MessageGroupId, "the key has other characters")
		ids[*first.MessageDeduplicationId] = true
	}
	assert.Len(t, ids, 3)
	assert.Equal(t, "key ä", b.published()[0].Key)
}

func TestAnotherVersionOfTheHandlerLosesNoMessage(t *testing.T) {
	t.Parallel()
	answers := []string{
		`{"messages":[{"type":"A","data":{"by":1}},{"type":"B","data":{}},{"type":"B","data":{}},{"type":"B","data":{},"key":"k"}]}`,
		`{"messages":[{"type":"B","data":{"at":"another time"}},{"type":"B","data":{}},{"type":"B","data":{},"key":"k"},{"type":"C","data":{}}]}`,
	}
	b := newBench(t, definition.FunctionRelay, script{turn.Publish: func(context.Context, turn.Turn) (any, error) {
		answer := answers[0]
		answers = answers[1:]
		return answer, nil
	}})
	b.append("Category", "c1", ev("Split", `{}`))
	b.queues.fail = func(n int) error {
		if n == 3 && len(answers) == 1 {
			return errors.New("SNS is down")
		}
		return nil
	}
	assert.Len(t, b.stream(t.Context(), b.db.Records("category-log")...), 1)
	assert.Empty(t, b.stream(t.Context(), b.db.Records("category-log")...))
	var ids []string
	for _, in := range b.queues.published {
		ids = append(ids, *in.MessageDeduplicationId)
	}
	require.Len(t, ids, 7)
	assert.Equal(t, ids[1:3], ids[3:5], "what is made again has the same ids, in its order")
	slices.Sort(ids)
	assert.Len(t, slices.Compact(ids), 5, "A, twice B, B of k and C: nothing new has the id of something old")
}

func TestTextsThatQueuesRefuseAreEscaped(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionRelay, publishes)
	b.append("Product", "p\uFFFE", ev("Added", "{\"name\":\"a\uFFFFb \U0001F6B2\"}"))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	require.Len(t, b.queues.published, 1)
	assert.NotContains(t, *b.queues.published[0].Message, "\uFFFF")
	assert.NotContains(t, *b.queues.published[0].Message, "\uFFFE")
	assert.Equal(t, "p\uFFFE", b.published()[0].Source.ID)
	assert.JSONEq(t, "{\"name\":\"a\uFFFFb \U0001F6B2\"}", string(b.published()[0].Data))
}

func TestASlowPublishTurnLeavesTimeForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionRelay, script{turn.Publish: func(ctx context.Context, t turn.Turn) (any, error) {
			if t.Event.ID == "slow" {
				<-ctx.Done()
				return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: "late"}
			}
			return `{"messages":[{"type":"M","data":{}}]}`, nil
		}})
		for _, id := range []string{"slow", "slow", "a", "b"} {
			b.append("Category", id, ev("Added", `{}`))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		r := b.db.Records("category-log")
		assert.Equal(t, []string{sequence(r[0]), sequence(r[1])}, b.stream(ctx, r...))
		assert.Len(t, b.published(), 2)
	})
}

func TestTheRelayKeepsTheOrderOfAnID(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionRelay, publishes)
	b.append("Category", "a", ev("Split", `{"messages":1}`))
	b.append("Category", "a", ev("Poison", `{}`))
	b.append("Category", "b", ev("Split", `{"messages":1}`))
	b.append("Category", "a", ev("Split", `{"messages":1}`))
	b.append("Category", "b", ev("Split", `{"messages":1}`))
	r := b.db.Records("category-log")
	r[2], r[4] = r[4], r[2]
	assert.Equal(t, []string{sequence(r[1]), sequence(r[3])}, b.stream(t.Context(), r...))
	var order []string
	for _, m := range b.published() {
		order = append(order, fmt.Sprint(m.Source.ID, m.Source.Number))
	}
	assert.Equal(t, []string{"a1", "b1", "b2"}, order)
}

func TestAFailedPublicationIsReported(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionRelay, nil, func(c *Config) {
		c.Definition.ExtensionPoints = map[string]definition.ExtensionPoint{"Plain": testPlugin.ExtensionPoints["Plain"]}
	})
	b.append("Product", "a", ev("Added", `{}`), ev("Priced", `{}`))
	b.append("Product", "b", ev("Added", `{}`))
	calls := 0
	b.queues.fail = func(int) error {
		if calls++; calls == 2 {
			return errors.New("no such topic")
		}
		return nil
	}
	r := b.db.Records("product-log")
	assert.Equal(t, []string{sequence(r[0])}, b.stream(t.Context(), r...))
	assert.Len(t, b.published(), 2)
	assert.Contains(t, b.log.String(), "no such topic")
}

func TestGroupIDs(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]bool{
		"p1": true, "Product#~!\"$%": true, strings.Repeat("x", 128): true,
		"": false, strings.Repeat("x", 129): false, "a b": false, "ä": false, "a\n": false, "\x7f": false,
	} {
		id := groupID(name)
		assert.Regexp(t, "^[!-~]{1,128}$", id)
		assert.Equal(t, own, id == name, "%q", name)
		assert.Equal(t, id, groupID(name))
	}
	assert.NotEqual(t, groupID("a b"), groupID("a  b"))
	assert.NotEqual(t, hash("ab", "c"), hash("a", "bc"))
	assert.Equal(t, "Product#p1", commandGroup("Product", "p1"))
}
