package engine

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// withOwnQueues gives products, and the slice that adds products, functions of their own.
func withOwnQueues(c *Config) {
	c.Definition.Aggregates = maps.Clone(c.Definition.Aggregates)
	product := c.Definition.Aggregates["Product"]
	product.CommandQueue = "product.fifo"
	c.Definition.Aggregates["Product"] = product
	model := testDCB
	model.Slices = maps.Clone(model.Slices)
	slice := model.Slices["AddProduct"]
	slice.CommandQueue = "add-product.fifo"
	model.Slices["AddProduct"] = slice
	c.Definition.DCB = &model
	c.CommandQueueURL = "http://queue:1/1234/commands.fifo"
}

func TestComponentsWithAQueueOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionReactions, reactsWith(
		`{"commands":[{"to":"Product","id":"p1","type":"T","data":{}},{"to":"AddProduct","type":"T","data":{"productId":"p1"}},{"to":"Category","id":"c1","type":"T","data":{}}]}`, nil),
		withAddressees, withOwnQueues)
	assert.Empty(t, b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(1))))
	var to []string
	for _, in := range b.queues.sent {
		to = append(to, *in.QueueUrl)
	}
	assert.Equal(t, []string{"http://queue:1/1234/product.fifo", "http://queue:1/1234/add-product.fifo", "http://queue:1/1234/commands.fifo"}, to)
}

func TestCommandsOfOtherPluginsForAFunctionOfItsOwnAreSentOn(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, adds, withForeignCommands, withOwnQueues)
	foreign := protocol.Command{
		ExtensionPoint: "Catalog", Type: "AddProduct", Data: json.RawMessage(`{"product":{"id":"p1"}}`), CommandID: "x1",
		CorrelationID: "k", CausationID: "m", Notify: true, Actor: json.RawMessage(`{"sub":"u"}`),
	}
	slice := protocol.Command{Component: "AddProduct", Type: "T", Data: json.RawMessage(`{"productId":"p1"}`), CommandID: "x1"}
	for range 2 {
		assert.Empty(t, b.queue(t.Context(), message(t, "commands.fifo", "m1", "a", foreign), message(t, "commands.fifo", "m2", "b", slice)))
	}
	assert.Empty(t, b.db.Requests(), "the function has no access to these logs")
	sent := b.sent()
	require.Len(t, sent, 4)
	foreign.ExtensionPoint, foreign.Component, foreign.ID = "", "Product", "p1"
	slice.ID = "p1"
	assert.Equal(t, []protocol.Command{foreign, slice, foreign, slice}, sent)
	in := b.queues.sent
	assert.Equal(t, "http://queue:1/1234/product.fifo", *in[0].QueueUrl)
	assert.Equal(t, "Product#p1", *in[0].MessageGroupId)
	assert.Equal(t, "http://queue:1/1234/add-product.fifo", *in[1].QueueUrl)
	assert.Equal(t, "productId#p1", *in[1].MessageGroupId)
	assert.Equal(t, *in[0].MessageDeduplicationId, *in[2].MessageDeduplicationId)
	assert.Equal(t, *in[1].MessageDeduplicationId, *in[3].MessageDeduplicationId)

	own := newDCBBench(t, definition.FunctionCommands, adds, withOwnQueues, func(c *Config) { c.Component = "Product" })
	assert.Empty(t, own.queue(t.Context(), message(t, "product.fifo", "m1", "a", sent[0])))
	assert.Len(t, own.db.Items("product-log"), 1)
	assert.Equal(t, []string{"m2"}, own.queue(t.Context(), message(t, "product.fifo", "m2", "a", slice)))
	assert.Contains(t, own.log.String(), "is for AddProduct, but this queue is that of Product")
	assert.Empty(t, own.queues.sent)
}

func TestAFunctionOfItsOwnNeedsWhatItsComponentNeeds(t *testing.T) {
	t.Parallel()
	plugin := Config{Definition: testPlugin}
	plugin.Definition.DCB = &testDCB
	withOwnQueues(&plugin)
	asynchronous(nil)(&plugin)
	category := plugin.Definition.Aggregates["Category"]
	category.CommandQueue = "category.fifo"
	plugin.Definition.Aggregates["Category"] = category
	plugin.Definition.InboundTranslations = map[string]definition.InboundTranslation{"Import": {}}
	for name, c := range map[string]struct {
		component string
		want      []string
	}{
		"asynchronous":  {"Product", []string{"SQS client for asynchronous", definition.EnvGraphQLURL + " for asynchronous"}},
		"synchronous":   {"Category", nil},
		"shared":        {"", []string{"SQS client for components with", definition.EnvCommandQueueURL + " for components with", "for inbound"}},
		"no own":        {"PlaceOrder", []string{`REVENTLESS_COMPONENT is "PlaceOrder"`}},
		"not there":     {"Nothing", []string{`REVENTLESS_COMPONENT is "Nothing"`}},
		"no read model": {"Prices", []string{`REVENTLESS_COMPONENT is "Prices"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := Config{
				Function: definition.FunctionCommands, Component: c.component, Definition: plugin.Definition,
				Invoker: adds, DynamoDB: newDCBBench(t, definition.FunctionCommands, adds).db,
			}
			_, err := New(config)
			if c.want == nil {
				assert.NoError(t, err)
			}
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestAnInputIsDecidedByTheFunctionOfTheComponent(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, adds, withOwnQueues)
	for component, want := range map[string]bool{"Product": false, "AddProduct": false, "Category": true, "PlaceOrder": true} {
		assert.Equal(t, want, b.engine.serves(component), component)
	}
	in := &input{id: "i1"}
	answer := turn.Answer{Commands: []turn.CommandTo{{To: "Product", ID: "p1", Type: "T", Data: json.RawMessage(`{}`)}}}
	result, err := b.engine.carryOutInput(t.Context(), "Import", in, answer)
	require.NoError(t, err)
	assert.Equal(t, protocol.Pending, result.Status)
	assert.Equal(t, "http://queue:1/1234/product.fifo", *b.queues.sent[0].QueueUrl)
}
