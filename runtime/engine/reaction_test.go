package engine

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// orderPlaced is a message of another plugin.
func orderPlaced(number int64) protocol.ExtensionMessage {
	return protocol.ExtensionMessage{
		Plugin: "ordering", ExtensionPoint: "Orders", Type: "OrderPlaced", Key: "o1", Data: json.RawMessage(`{"product":"p1"}`),
		Source: protocol.EventReference{Component: "Order", ID: "o1", Number: number}, Time: "2026-03-01T09:00:00.000Z", CorrelationID: "k",
	}
}

// sent are the commands that were sent.
func (b *bench) sent() (commands []protocol.Command) {
	for _, in := range b.queues.sent {
		var command protocol.Command
		require.NoError(b.t, json.Unmarshal([]byte(*in.MessageBody), &command))
		commands = append(commands, command)
	}
	return commands
}

// reactsWith is a handler for react turns.
func reactsWith(answer string, err error) script {
	return script{turn.React: func(context.Context, turn.Turn) (any, error) { return answer, err }}
}

func TestAMessageLeadsToCommands(t *testing.T) {
	t.Parallel()
	var got turn.Turn
	b := newBench(t, definition.FunctionReactions, script{turn.React: func(_ context.Context, t turn.Turn) (any, error) {
		got = t
		return `{"commands":[{"to":"Product","id":"p 1","type":"Reserve","data":{"n":1.0}},{"to":"Category","id":"c1","type":"Count","data":{}}]}`, nil
	}})
	for range 2 {
		assert.Empty(t, b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(4))))
	}
	id := messageID(orderPlaced(4))
	assert.Equal(t, turn.Turn{
		Kind: turn.React, Version: turn.Version, Plugin: "catalog", Component: "Orders",
		Message: &turn.Message{Type: "OrderPlaced", Data: json.RawMessage(`{"product":"p1"}`), Key: "o1", Plugin: "ordering", ExtensionPoint: "Orders"},
		Meta:    turn.Meta{CorrelationID: "k", CausationID: id, Time: "2026-03-01T09:00:00.000Z"},
	}, got)
	commands := b.sent()
	require.Len(t, commands, 4)
	assert.Equal(t, protocol.Command{
		Component: "Product", ID: "p 1", Type: "Reserve", Data: json.RawMessage(`{"n":1.0}`),
		CommandID: reactionID(id, "Orders", turn.CommandTo{To: "Product", ID: "p 1", Type: "Reserve"}, 0), CorrelationID: "k", CausationID: id,
	}, commands[0])
	assert.Equal(t, commands[:2], commands[2:], "the same ids when the message comes again")
	assert.NotEqual(t, commands[0].CommandID, commands[1].CommandID)
	in := b.queues.sent[0]
	assert.Equal(t, "http://queue/commands.fifo", *in.QueueUrl)
	assert.Equal(t, commands[0].CommandID, *in.MessageDeduplicationId)
	assert.Equal(t, groupID("Product#p 1"), *in.MessageGroupId)
	assert.Equal(t, "Category#c1", *b.queues.sent[1].MessageGroupId)
}

func TestNothingIsSentUnlessAllIsRight(t *testing.T) {
	t.Parallel()
	const right = `{"to":"Product","id":"p1","type":"Reserve","data":{}}`
	for name, c := range map[string]struct {
		handler script
		body    any
		queue   string
		want    string
	}{
		"unknown aggregate": {reactsWith(`{"commands":[`+right+`,{"to":"Other","id":"p1","type":"Reserve","data":{}}]}`, nil), orderPlaced(1), "orders.fifo", `$.commands[1].to: the plugin has no aggregate`},
		"data no object":    {reactsWith(`{"commands":[`+right+`,{"to":"Product","id":"p1","type":"Reserve","data":1}]}`, nil), orderPlaced(1), "orders.fifo", `$.commands[1].data`},
		"throws":            {reactsWith(``, &turn.HandlerError{Kind: turn.Threw, Message: "cannot"}), orderPlaced(1), "orders.fifo", `cannot`},
		"unknown queue":     {reactsWith(`{"commands":[`+right+`]}`, nil), orderPlaced(1), "other.fifo", `belongs to no extension`},
		"SNS envelope":      {reactsWith(`{"commands":[`+right+`]}`, nil), map[string]string{"Type": "Notification", "Message": "{}"}, "orders.fifo", `raw message delivery`},
		"no JSON object":    {reactsWith(`{"commands":[`+right+`]}`, nil), []int{1}, "orders.fifo", `raw message delivery`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionReactions, c.handler)
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), message(t, c.queue, "m1", "o1", c.body)))
			assert.Empty(t, b.queues.sent)
			assert.Contains(t, b.log.String(), c.want)
			assert.Contains(t, b.log.String(), `"messageId":"m1"`)
		})
	}
}

func TestCommandsThatWerePartlySentAreSentAgain(t *testing.T) {
	t.Parallel()
	answers := []string{
		`{"commands":[{"to":"Product","id":"p1","type":"Reserve","data":{}},{"to":"Product","id":"p1","type":"Price","data":{}},{"to":"Product","id":"p1","type":"Price","data":{}}]}`,
		`{"commands":[{"to":"Product","id":"p1","type":"Price","data":{}},{"to":"Product","id":"p1","type":"Price","data":{}}]}`,
	}
	b := newBench(t, definition.FunctionReactions, script{turn.React: func(context.Context, turn.Turn) (any, error) {
		answer := answers[0]
		answers = answers[1:]
		return answer, nil
	}})
	b.queues.fail = func(n int) error {
		if n == 2 && len(answers) == 1 {
			return errors.New("throttled")
		}
		return nil
	}
	m := message(t, "orders.fifo", "m1", "o1", orderPlaced(1))
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), m))
	assert.Empty(t, b.queue(t.Context(), m), "by another version of the handler, which reserves no more")
	commands := b.sent()
	require.Len(t, commands, 4)
	assert.Equal(t, commands[1].CommandID, commands[2].CommandID, "the first price again")
	assert.NotContains(t, []string{commands[0].CommandID, commands[1].CommandID}, commands[3].CommandID, "the second price is new")
}

func TestACommandThatCannotBeSentBlocksItsGroup(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionReactions, reactsWith(`{"commands":[{"to":"Product","id":"p1","type":"Reserve","data":{}}]}`, nil))
	b.queues.fail = func(n int) error {
		if n == 1 {
			return errors.New("queue is gone")
		}
		return nil
	}
	failed := b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(1)),
		message(t, "orders.fifo", "m2", "o1", orderPlaced(2)), message(t, "orders.fifo", "m3", "o1", orderPlaced(3)))
	assert.Equal(t, []string{"m2", "m3"}, failed)
	assert.Len(t, b.sent(), 1)
}
