package engine

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// withAddressees adds slices, and a queue of the plugin that owns an extension point.
func withAddressees(c *Config) {
	c.Definition.DCB = &testDCB
	c.Definition.Extensions = maps.Clone(testPlugin.Extensions)
	c.Definition.Extensions["Silent"] = definition.Extension{Queue: "silent.fifo", Plugin: "ordering", ExtensionPoint: "Silence"}
	c.ExtensionQueues = map[string]string{"Orders": "http://queue/ordering.fifo"}
}

func TestCommandsGoToTheirAddressees(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to           string
		want         protocol.Command
		queue, group string
	}{
		"aggregate": {`{"to":"Product","id":"p1","type":"T","data":{}}`,
			protocol.Command{Component: "Product", ID: "p1", Type: "T", Data: json.RawMessage(`{}`)}, "commands.fifo", "Product#p1"},
		"slice": {`{"to":"AddProduct","type":"T","data":{"productId":7}}`,
			protocol.Command{Component: "AddProduct", ID: "7", Type: "T", Data: json.RawMessage(`{"productId":7}`)}, "commands.fifo", "productId#7"},
		"slice of the same entity": {`{"to":"PlaceOrder","id":"mine","type":"T","data":{"lines":[{"productId":"7"},{"productId":"8"}]}}`,
			protocol.Command{Component: "PlaceOrder", ID: "7", Type: "T", Data: json.RawMessage(`{"lines":[{"productId":"7"},{"productId":"8"}]}`)}, "commands.fifo", "productId#7"},
		"slice, no value": {`{"to":"PlaceOrder","type":"T","data":{}}`,
			protocol.Command{Component: "PlaceOrder", Type: "T", Data: json.RawMessage(`{}`)}, "commands.fifo", "PlaceOrder#" + hash("T", "{}")},
		"slice that reads nothing": {`{"to":"AddCategory","id":"c1","type":"T","data":{}}`,
			protocol.Command{Component: "AddCategory", ID: "c1", Type: "T", Data: json.RawMessage(`{}`)}, "commands.fifo", "AddCategory#c1"},
		"extension": {`{"to":"Orders","id":"o1","type":"Cancel","data":{"order":"o1"}}`,
			protocol.Command{ExtensionPoint: "Orders", Type: "Cancel", Data: json.RawMessage(`{"order":"o1"}`)}, "ordering.fifo", "Orders#o1"},
		"extension, no id": {`{"to":"Orders","type":"Cancel","data":{}}`,
			protocol.Command{ExtensionPoint: "Orders", Type: "Cancel", Data: json.RawMessage(`{}`)}, "ordering.fifo", "Orders#Cancel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionReactions, reactsWith(`{"commands":[`+c.to+`,`+c.to+`]}`, nil), withAddressees)
			for range 2 {
				assert.Empty(t, b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(1))))
			}
			sent := b.sent()
			require.Len(t, sent, 4)
			assert.Equal(t, sent[:2], sent[2:], "the same ids when the message comes again")
			assert.NotEqual(t, sent[0].CommandID, sent[1].CommandID)
			c.want.CommandID, c.want.CorrelationID, c.want.CausationID = sent[0].CommandID, "k", messageID(orderPlaced(1))
			assert.Equal(t, c.want, sent[0])
			in := b.queues.sent[0]
			assert.Equal(t, "http://queue/"+c.queue, *in.QueueUrl)
			assert.Equal(t, c.group, *in.MessageGroupId)
			assert.Equal(t, sent[0].CommandID, *in.MessageDeduplicationId)
		})
	}
}

func TestCommandsForAnotherPluginHaveIDsOfTheirPlugin(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	for _, plugin := range []string{"catalog", "shipping"} {
		b := newBench(t, definition.FunctionReactions, reactsWith(`{"commands":[{"to":"Orders","type":"Cancel","data":{}}]}`, nil), withAddressees,
			func(c *Config) { c.Definition.Plugin = plugin })
		assert.Empty(t, b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(1))))
		ids[plugin] = b.sent()[0].CommandID
	}
	assert.NotEqual(t, ids["catalog"], ids["shipping"], "both react to the same message in extensions of the same name")
}

func TestCommandsThatCannotBeAddressedAreAllNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionReactions, reactsWith(`{"commands":[
		{"to":"Product","id":"p1","type":"T","data":{}},
		{"to":"Product","type":"T","data":{}},
		{"to":"AddProduct","type":"T","data":{"productId":{}}},
		{"to":"Silent","type":"T","data":{}},
		{"to":"Nobody","type":"T","data":{}}]}`, nil), withAddressees)
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), message(t, "orders.fifo", "m1", "o1", orderPlaced(1))))
	assert.Empty(t, b.queues.sent)
	for _, want := range []string{
		`$.commands[1].id: the id is empty`, `$.commands[2].data: tag`,
		`$.commands[3].to: the extension point Silence of the plugin ordering`, `takes no commands`,
		`$.commands[4].to: the plugin has no aggregate, slice or extension`, string(turn.InvalidAnswer),
	} {
		assert.Contains(t, b.log.String(), want)
	}
}

// withForeignCommands lets other plugins send commands.
func withForeignCommands(c *Config) {
	c.Definition.ExtensionPoints = map[string]definition.ExtensionPoint{"Catalog": {Topic: "catalog.fifo", Commands: map[string]definition.PointCommand{
		"AddProduct":  {To: "Product", ID: "product.id"},
		"AddCategory": {To: "AddCategory"},
		"PlaceOrder":  {To: "PlaceOrder", ID: "order"},
		"Unnamed":     {To: "Product"},
		"Nowhere":     {To: "Nobody"},
	}}}
}

func TestCommandsOfOtherPlugins(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		point, commandType, data string
		component, id            string
		want                     string
	}{
		"aggregate":        {"Catalog", "AddProduct", `{"product":{"id":7}}`, "Product", "7", ""},
		"slice":            {"Catalog", "AddCategory", `{"categoryId":"c1"}`, "AddCategory", "", ""},
		"slice with id":    {"Catalog", "PlaceOrder", `{"order":"o1","productId":"p1"}`, "PlaceOrder", "p1", ""},
		"no id":            {"Catalog", "AddProduct", `{"product":{}}`, "", "", `needs the id of Product in its data: there are 0 values at \"product.id\"`},
		"several ids":      {"Catalog", "AddProduct", `{"product":[{"id":1},{"id":2}]}`, "", "", `there are 2 values`},
		"id an object":     {"Catalog", "AddProduct", `{"product":{"id":{}}}`, "", "", `at \"product.id\"`},
		"long id":          {"Catalog", "AddProduct", `{"product":{"id":"` + strings.Repeat("x", 2049) + `"}}`, "", "", `2049 bytes`},
		"no declared id":   {"Catalog", "Unnamed", `{"id":"p1"}`, "", "", `the id is empty`},
		"undeclared type":  {"Catalog", "RemoveProduct", `{}`, "", "", `takes no command \"RemoveProduct\" from other plugins`},
		"undeclared point": {"Other", "AddProduct", `{}`, "", "", `no extension point \"Other\"`},
		"to nobody":        {"Catalog", "Nowhere", `{}`, "", "", `no aggregate or slice \"Nobody\"`},
		"data no object":   {"Catalog", "AddProduct", `[]`, "", "", `the data is no object`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []turn.Turn
			b := newDCBBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
				got = append(got, t)
				return `{"events":[]}`, nil
			}), withForeignCommands)
			failed := b.queue(t.Context(), message(t, "commands.fifo", "m1", "g", protocol.Command{
				ExtensionPoint: c.point, Component: "Category", ID: "not trusted", Type: c.commandType,
				Data: json.RawMessage(c.data), CommandID: "x1", CorrelationID: "k", CausationID: "m",
			}))
			if c.want != "" {
				assert.Equal(t, []string{"m1"}, failed)
				assert.Contains(t, b.log.String(), c.want)
				assert.Empty(t, got)
				return
			}
			assert.Empty(t, failed)
			require.Len(t, got, 1)
			assert.Equal(t, c.component, got[0].Component)
			assert.Equal(t, c.id, got[0].ID)
			assert.Equal(t, turn.Command{Type: c.commandType, Data: json.RawMessage(c.data)}, *got[0].Command)
			assert.Equal(t, turn.Meta{CommandID: "x1", CorrelationID: "k", CausationID: "m", Time: "2026-03-01T10:00:00.000Z"}, got[0].Meta)
		})
	}
}
