package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// testDCB is a DCB log: products in categories, and orders of several products.
var testDCB = definition.DCB{
	Table: "dcb",
	Tags: map[string]definition.Tag{
		"productId": {Fields: []string{"productId", "lines.productId"}}, "categoryId": {}, "orderId": {},
	},
	Events: map[string][]string{
		"ProductAdded": {"productId", "categoryId"}, "ProductPriced": {"productId"},
		"CategoryAdded": {"categoryId"}, "OrderPlaced": {"orderId", "productId"},
	},
	Slices: map[string]definition.Slice{
		"AddProduct": {
			Commands: map[string]string{"sliceAddProduct": "AddProduct"},
			Reads: []definition.Criterion{
				{Events: []string{"ProductAdded", "ProductPriced"}, Tags: []string{"productId"}},
				{Events: []string{"CategoryAdded"}, Tags: []string{"categoryId"}},
			},
		},
		"PlaceOrder": {
			Commands: map[string]string{"slicePlaceOrder": "PlaceOrder"},
			Reads:    []definition.Criterion{{Events: []string{"ProductAdded"}, Tags: []string{"productId"}}},
		},
		"AddCategory": {Commands: map[string]string{"sliceAddCategory": "AddCategory"}, Emits: []string{"CategoryAdded"}},
	},
}

// withDCB adds the DCB log to the plugin and to the database.
func withDCB(c *Config) {
	c.Definition.DCB = &testDCB
	c.DynamoDB = eventlogtest.New(
		eventlogtest.Table{Name: "product-log", Log: true}, eventlogtest.Table{Name: "category-log", Log: true},
		eventlogtest.Table{Name: "products"}, eventlogtest.Table{Name: "prices"},
		eventlogtest.Table{Name: "dcb", Log: true}, eventlogtest.Table{Name: "to-do"}, eventlogtest.Table{Name: "mixed"},
	)
}

// newDCBBench builds an engine of a plugin with a DCB log.
func newDCBBench(t testing.TB, function string, handler turn.Invoker, change ...func(*Config)) *bench {
	t.Helper()
	b := newBench(t, function, handler, append([]func(*Config){withDCB}, change...)...)
	db, ok := b.engine.DynamoDB.(*eventlogtest.DynamoDB)
	require.True(t, ok)
	b.db = db
	return b
}

// record records events of the DCB log with one command.
func (b *bench) record(commandID string, recorded ...turn.Event) {
	b.t.Helper()
	model := testDCB
	model.Slices = map[string]definition.Slice{"Record": {}}
	log := dcb.New(dcb.NewDynamoDB(b.db, "dcb"), model)
	_, err := log.Execute(b.t.Context(), dcb.Command{
		Slice: "Record", Type: "Record", Data: json.RawMessage(`{}`), Origin: eventlog.Origin{CommandID: commandID, CorrelationID: "correlation"},
	}, func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		return recorded, nil, nil
	})
	require.NoError(b.t, err)
}

// addsProduct decides like a shop: a product needs a category and is added once.
var addsProduct = decideWith(func(t turn.Turn) (any, error) {
	for _, event := range t.History {
		if event.Type == "ProductAdded" {
			return `{"reject":{"code":"AlreadyThere","message":"exists"}}`, nil
		}
	}
	if len(t.History) == 0 {
		return `{"reject":{"code":"NoCategory","message":"no category","details":{"a":1}}}`, nil
	}
	return turn.Answer{Events: []turn.Event{{Type: "ProductAdded", Data: t.Command.Data}, {Type: "ProductPriced", Data: t.Command.Data}}}, nil
})

func TestASliceDecidesOnWhatItReads(t *testing.T) {
	t.Parallel()
	var got turn.Turn
	b := newDCBBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		got = t
		return addsProduct[turn.Decide](context.Background(), t)
	}))
	b.record("r1", ev("CategoryAdded", `{"categoryId":"c1"}`))
	b.record("r2", ev("CategoryAdded", `{"categoryId":"c2"}`))
	var result protocol.CommandResult
	add := field("sliceAddProduct", `{"productId":"p1","categoryId":"c1","commandId":"x1"}`, `{"sub":"u"}`)
	require.NoError(t, b.handle(t.Context(), add, &result))
	assert.Equal(t, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 2, CommandID: "x1", CorrelationID: "x1"}, result)
	require.Len(t, got.History, 1)
	position := got.History[0].Position
	assert.Positive(t, position)
	assert.Equal(t, turn.Turn{
		Kind: turn.Decide, Version: turn.Version, Plugin: "catalog", Component: "AddProduct", ID: "p1",
		Command: &turn.Command{Type: "AddProduct", Data: json.RawMessage(`{"categoryId":"c1","productId":"p1"}`)},
		History: []turn.RecordedEvent{{
			Type: "CategoryAdded", Data: json.RawMessage(`{"categoryId":"c1"}`), Component: "categoryId", ID: "c1", Number: 1,
			Time: got.History[0].Time, Tags: map[string][]string{"categoryId": {"c1"}}, Position: position,
		}},
		Meta: turn.Meta{CommandID: "x1", CorrelationID: "x1", Actor: json.RawMessage(`{"sub":"u"}`), Time: "2026-03-01T10:00:00.000Z"},
	}, got)

	var again protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), add, &again))
	assert.Equal(t, result, again, "the same command twice gives the first answer")
	again = protocol.CommandResult{}
	require.NoError(t, b.handle(t.Context(), field("sliceAddProduct", `{"productId":"p1","categoryId":"c1"}`, ``), &again))
	assert.Equal(t, protocol.CommandResult{
		Status: protocol.Rejected, ID: "p1", Version: 2, CommandID: "new-1", CorrelationID: "new-1", Code: "AlreadyThere", Message: "exists",
	}, again)
	again = protocol.CommandResult{}
	require.NoError(t, b.handle(t.Context(), field("sliceAddProduct", `{"productId":7}`, ``), &again))
	assert.Equal(t, "NoCategory", again.Code)
	assert.Equal(t, `{"a":1}`, again.Details)
	assert.Equal(t, "7", again.ID)
}

func TestASliceThatReadsNothing(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		if t.ID != "" {
			return nil, fmt.Errorf("the id is %q", t.ID)
		}
		return turn.Answer{Events: []turn.Event{{Type: "CategoryAdded", Data: t.Command.Data}}}, nil
	}))
	var result protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("sliceAddCategory", `{"categoryId":"c1"}`, ``), &result))
	assert.Equal(t, protocol.CommandResult{Status: protocol.Accepted, ID: "c1", Version: 1, CommandID: "new-1", CorrelationID: "new-1"}, result)
}

func TestFailuresOfASlicesCommandHaveTheirType(t *testing.T) {
	t.Parallel()
	products := func(n int) string {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"productId":"p%d"}`, i)
		}
		return `{"lines":[` + strings.Join(lines, ",") + `],"orderId":"o1"}`
	}
	for name, c := range map[string]struct {
		field         protocol.FieldInvocation
		answer        string
		want, message string
	}{
		"tag an object":    {field("sliceAddProduct", `{"productId":{}}`, ``), ``, ErrorInvalidCommand, `tag "productId" at "productId"`},
		"other tag":        {field("sliceAddProduct", `{"productId":"p","categoryId":1.5}`, ``), ``, ErrorInvalidCommand, `tag "categoryId"`},
		"long value":       {field("sliceAddProduct", `{"productId":"`+strings.Repeat("p", 2040)+`"}`, ``), ``, ErrorInvalidCommand, `at most 2048 are possible`},
		"long commandId":   {field("sliceAddProduct", `{"productId":"p","commandId":"`+strings.Repeat("c", 257)+`"}`, ``), ``, ErrorInvalidCommand, `257 bytes, at most 256`},
		"too many to read": {field("slicePlaceOrder", products(100), ``), ``, ErrorInvalidCommand, `needs 100 streams to read`},
		"too many to write": {field("slicePlaceOrder", products(99), ``),
			`{"events":[{"type":"OrderPlaced","data":` + products(99) + `}]}`, string(turn.InvalidAnswer), `$.events: `},
		"undeclared event": {field("sliceAddCategory", `{"categoryId":"c"}`, ``), `{"events":[{"type":"Other","data":{}}]}`, string(turn.InvalidAnswer), `$.events[0] (Other)`},
		"not emitted": {field("sliceAddCategory", `{"categoryId":"c"}`, ``),
			`{"events":[{"type":"ProductPriced","data":{"productId":"p"}}]}`, string(turn.InvalidAnswer), `emits only CategoryAdded`},
		"no home": {field("sliceAddCategory", `{"categoryId":"c"}`, ``), `{"events":[{"type":"CategoryAdded","data":{}}]}`, string(turn.InvalidAnswer), `exactly one value of its home tag`},
		"large events": {field("sliceAddCategory", `{"categoryId":"c"}`, ``),
			`{"events":[{"type":"CategoryAdded","data":{"categoryId":"c","x":"` + strings.Repeat("x", 400*1024) + `"}}]}`, string(turn.InvalidAnswer), `$.events: `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newDCBBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) { return c.answer, nil }))
			var failed protocol.FieldFailure
			require.NoError(t, b.handle(t.Context(), c.field, &failed))
			assert.Equal(t, c.want, failed.Error.Type)
			assert.Contains(t, failed.Error.Message, c.message)
			assert.Empty(t, b.db.Items("dcb"))
		})
	}
}

func TestASlicesConflictThatDoesNotEndIsRejected(t *testing.T) {
	t.Parallel()
	var b *bench
	others := 0
	b = newDCBBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		others++
		b.record(fmt.Sprint("other", others), ev("ProductPriced", `{"productId":"p1"}`))
		return `{"events":[{"type":"ProductAdded","data":{"productId":"p1"}}]}`, nil
	}), func(c *Config) { c.Retry.Attempts = 3 })
	var result protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("sliceAddProduct", `{"productId":"p1"}`, ``), &result))
	assert.Equal(t, protocol.Rejected, result.Status)
	assert.Equal(t, protocol.CodeConflict, result.Code)
	assert.Equal(t, "p1", result.ID)
	assert.Equal(t, "new-1", result.CommandID)
	assert.Equal(t, 3, others)
}

func TestQueuedCommandsOfSlices(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, addsProduct)
	b.record("r1", ev("CategoryAdded", `{"categoryId":"c1"}`))
	command := func(id, component, data string) protocol.Command {
		return protocol.Command{Component: component, ID: "ignored", Type: "AddProduct", Data: json.RawMessage(data), CommandID: id, CorrelationID: "k", CausationID: "m"}
	}
	const queue = "commands.fifo"
	failed := b.queue(t.Context(),
		message(t, queue, "m1", "a", command("c1", "AddProduct", `{"productId":"p1","categoryId":"c1"}`)),
		message(t, queue, "m2", "a", command("c1", "AddProduct", `{"productId":"p1","categoryId":"c1"}`)),
		message(t, queue, "m3", "a", command("c2", "AddProduct", `{"productId":"p1","categoryId":"c1"}`)),
		message(t, queue, "m4", "b", command("c3", "AddProduct", `{"productId":[{}]}`)),
		message(t, queue, "m5", "c", command("c4", "Other", `{}`)),
	)
	assert.Equal(t, []string{"m4", "m5"}, failed)
	assert.Contains(t, b.log.String(), `tag \"productId\"`)
	assert.Contains(t, b.log.String(), `no aggregate or slice \"Other\"`)
	assert.Contains(t, b.log.String(), `"code":"AlreadyThere"`)
	assert.Len(t, b.db.Items("dcb"), 5, "the category, the product and its category's stream, and two guards")
}

func TestNewRefusesATagWithTheNameOfAnAggregate(t *testing.T) {
	t.Parallel()
	plugin := testPlugin
	plugin.DCB = &definition.DCB{Tags: map[string]definition.Tag{"Product": {}}}
	_, err := New(Config{Function: definition.FunctionRelay, Definition: plugin, Invoker: adds, SNS: &queues{}})
	assert.ErrorContains(t, err, `"Product" is the name of an aggregate and of a tag`)
}
