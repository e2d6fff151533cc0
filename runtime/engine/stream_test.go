package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// mixed are read models and a to-do list over an aggregate and streams of the DCB log.
func mixed(c *Config) {
	c.Definition.ReadModels = map[string]definition.ReadModel{
		"Home":      {Table: "products", From: []definition.Source{{Tag: "productId", Events: []string{"ProductAdded", "ProductPriced"}}}},
		"Secondary": {Table: "prices", From: []definition.Source{{Tag: "categoryId", Events: []string{"ProductAdded"}}}},
		"Mixed": {Table: "mixed", From: []definition.Source{
			{Aggregate: "Product"}, {Tag: "productId"}, {Tag: "orderId"},
		}},
	}
}

// withPoints adds an extension point of events of the DCB log.
func withPoints(c *Config) {
	c.Definition.ExtensionPoints = map[string]definition.ExtensionPoint{
		"Catalog": {Topic: "catalog.fifo", From: []definition.Source{{Events: []string{"ProductAdded", "OrderPlaced"}}, {Aggregate: "Product"}}},
	}
}

// positions are the positions of a row.
func (b *bench) positions(table, id string) map[string]int64 {
	for _, item := range b.db.Items(table) {
		if item["id"].(*types.AttributeValueMemberS).Value == id {
			read, err := rowOf(item)
			require.NoError(b.t, err)
			return read.positions
		}
	}
	return nil
}

func TestRowsFollowStreamsOfTheDCBLog(t *testing.T) {
	t.Parallel()
	type records = []events.DynamoDBEventRecord
	for name, deliver := range map[string]func(log, product records) []records{
		"in order":    func(log, product records) []records { return []records{log, product} },
		"one by one":  func(log, product records) []records { return single(append(product, log...)) },
		"twice":       func(log, product records) []records { return []records{log, product, log, product} },
		"in one, 2 x": func(log, product records) []records { return []records{append(log, log...), product} },
		"reversed":    func(log, product records) []records { return []records{product, reversed(log)} },
		"reversed, 1": func(log, product records) []records { return single(append(reversed(log), product...)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newDCBBench(t, definition.FunctionProjections, folds(nil), mixed)
			b.record("a", ev("CategoryAdded", `{"categoryId":"c1"}`), ev("ProductAdded", `{"productId":"p1","categoryId":"c1"}`),
				ev("ProductPriced", `{"productId":"p1","price":1}`), ev("ProductAdded", `{"productId":"p2","categoryId":"c1"}`))
			b.record("b", ev("ProductPriced", `{"productId":"p1","price":2}`))
			b.record("c", ev("OrderPlaced", `{"orderId":"o1","lines":[{"productId":"p1"},{"productId":"p2"}]}`))
			b.append("Product", "p1", ev("Counted", `{}`))
			for _, batch := range deliver(b.db.Records("dcb"), b.db.Records("product-log")) {
				assert.Empty(t, b.stream(t.Context(), batch...))
			}
			assert.Equal(t, "p1 p2 p3", b.seen("products", "p1"))
			assert.Equal(t, "p1", b.seen("products", "p2"))
			assert.Equal(t, map[string]int64{"productId": 3}, b.positions("products", "p1"), "events of no interest are no gap")
			assert.Equal(t, "p1 p1", b.seen("prices", "c1"), "both products, each with its number at home")
			assert.Equal(t, map[string]int64{"categoryId#ProductAdded": 2}, b.positions("prices", "c1"))
			assert.ElementsMatch(t, strings.Fields("p1 p2 p3 P1 o1"), strings.Fields(b.seen("mixed", "p1")))
			assert.Equal(t, map[string]int64{"productId": 3, "productId#OrderPlaced": 1, "Product": 1}, b.positions("mixed", "p1"))
			assert.ElementsMatch(t, strings.Fields("p1 o1"), strings.Fields(b.seen("mixed", "p2")))
			assert.Equal(t, "o1", b.seen("mixed", "o1"))
		})
	}
}

// single are batches of one record each.
func single(all []events.DynamoDBEventRecord) (batches [][]events.DynamoDBEventRecord) {
	for i := range all {
		batches = append(batches, all[i:i+1])
	}
	return batches
}

// reversed are records in the opposite order.
func reversed(all []events.DynamoDBEventRecord) (opposite []events.DynamoDBEventRecord) {
	for i := len(all) - 1; i >= 0; i-- {
		opposite = append(opposite, all[i])
	}
	return opposite
}

// ofStream are the records of one stream of the DCB log.
func (b *bench) ofStream(key string) (found []events.DynamoDBEventRecord) {
	for _, r := range b.db.Records("dcb") {
		if r.Change.NewImage["id"].String() == key {
			found = append(found, r)
		}
	}
	return found
}

func TestLostRecordsOfAStreamAreReadFromTheLog(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionProjections, folds(nil), mixed)
	for i := range 4 {
		b.record(fmt.Sprint("a", i), ev("ProductAdded", fmt.Sprintf(`{"productId":"p%d","categoryId":"c1"}`, i)), ev("ProductPriced", `{"productId":"p"}`))
	}
	b.db.PageSize = 2
	category, home := b.ofStream("categoryId#ProductAdded=c1"), b.ofStream("productId=p")
	require.Len(t, category, 4)
	require.Len(t, home, 4)
	assert.Empty(t, b.stream(t.Context(), category[3], home[0], home[3]))
	assert.Equal(t, "p1 p1 p1 p1", b.seen("prices", "c1"))
	assert.Equal(t, map[string]int64{"categoryId#ProductAdded": 4}, b.positions("prices", "c1"))
	assert.Equal(t, "p1 p2 p3 p4", b.seen("products", "p"))
	assert.Equal(t, "-", b.seen("products", "p0"), "nothing was delivered of it")
}

func TestProjectTurnsOfTheDCBLogShowWhereAnEventBelongs(t *testing.T) {
	t.Parallel()
	var got turn.Turn
	b := newDCBBench(t, definition.FunctionProjections, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		got = t
		return `{"row":{}}`, nil
	}}, mixed)
	b.record("a", ev("ProductAdded", `{"productId":"p1","categoryId":"c0"}`))
	b.record("b", ev("ProductAdded", `{"productId":"p1","categoryId":"c1"}`))
	assert.Empty(t, b.stream(t.Context(), b.ofStream("categoryId#ProductAdded=c1")...))
	assert.Equal(t, "Secondary", got.Component)
	assert.Equal(t, "c1", got.ID)
	assert.Equal(t, "productId", got.Event.Component)
	assert.Equal(t, "p1", got.Event.ID)
	assert.Equal(t, int64(2), got.Event.Number)
	assert.Positive(t, got.Event.Position)
	assert.Equal(t, map[string][]string{"productId": {"p1"}, "categoryId": {"c1"}}, got.Event.Tags)
	assert.Equal(t, turn.Meta{CorrelationID: "correlation", CausationID: "b", Time: got.Event.Time}, got.Meta)
}

func TestAnEventReachesARowOnceAlsoThroughSeveralTags(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionProjections, folds(nil), mixed)
	b.record("a", ev("OrderPlaced", `{"orderId":"x","productId":"x"}`), ev("ProductPriced", `{"productId":"x"}`))
	for range 2 {
		assert.Empty(t, b.stream(t.Context(), reversed(b.db.Records("dcb"))...))
	}
	assert.ElementsMatch(t, []string{"o1", "p1"}, strings.Fields(b.seen("mixed", "x")))
}

func TestAPoisonEventOfTheDCBLogIsolatesItsRow(t *testing.T) {
	t.Parallel()
	asked := decidesOnPoison{poison: "p1"}
	b := newDCBBench(t, definition.FunctionProjections, asked, mixed)
	b.record("a", ev("ProductAdded", `{"productId":"p1","categoryId":"c1"}`))
	b.record("b", ev("ProductAdded", `{"productId":"p2","categoryId":"c1"}`))
	b.record("c", ev("ProductPriced", `{"productId":"p1"}`))
	failed := b.stream(t.Context(), b.db.Records("dcb")...)
	home := b.ofStream("productId=p1")
	assert.Equal(t, []string{sequence(home[0]), sequence(home[1])}, failed, "the home stream of p1 and nothing else")
	assert.Contains(t, b.log.String(), `event 1 (ProductAdded) of productId \"p1\"`)
	assert.Empty(t, b.positions("products", "p1"))
	assert.Equal(t, map[string]int64{"productId": 1}, b.positions("products", "p2"))
	assert.Equal(t, map[string]int64{"categoryId#ProductAdded": 2}, b.positions("prices", "c1"))
}

// decidesOnPoison is a handler that fails for one row.
type decidesOnPoison struct{ poison string }

func (d decidesOnPoison) Invoke(ctx context.Context, encoded []byte) ([]byte, error) {
	return script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		if t.ID == d.poison {
			return nil, &turn.HandlerError{Kind: turn.Threw, Message: "cannot"}
		}
		return `{"row":{}}`, nil
	}}.Invoke(ctx, encoded)
}

func TestRecordsThatAreNoStreamsAreReported(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionProjections, folds(nil), mixed)
	b.record("a", ev("ProductAdded", `{"productId":"p1"}`))
	r := b.ofStream("productId=p1")[0]
	image := map[string]events.DynamoDBAttributeValue{}
	for name, value := range r.Change.NewImage {
		image[name] = value
	}
	image["id"] = events.NewStringAttribute("no stream")
	r.Change.NewImage = image
	assert.Equal(t, []string{sequence(r)}, b.stream(t.Context(), r))
	assert.Contains(t, b.log.String(), `no commit of a stream of the DCB log`)
}

func TestTheRelayPublishesEventsOfTheDCBLogOnce(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionRelay, publishes, withPoints)
	b.record("a", ev("ProductAdded", `{"productId":"p1","categoryId":"c1"}`), ev("ProductPriced", `{"productId":"p1"}`),
		ev("OrderPlaced", `{"orderId":"o1","lines":[{"productId":"p1"},{"productId":"p2"}]}`))
	b.record("b", ev("ProductAdded", `{"productId":"p1","categoryId":"c2"}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("dcb")...))
	var got []string
	for _, m := range b.published() {
		got = append(got, fmt.Sprint(m.Type, " ", m.Source.Component, "=", m.Source.ID, " ", m.Source.Number, " ", m.Key))
	}
	assert.ElementsMatch(t, []string{"ProductAdded productId=p1 1 p1", "OrderPlaced orderId=o1 1 o1", "ProductAdded productId=p1 3 p1"}, got)
	assert.Equal(t, "a", b.published()[0].CausationID)
	assert.Equal(t, "correlation", b.published()[0].CorrelationID)
	again := len(b.queues.published)
	assert.Empty(t, b.stream(t.Context(), b.db.Records("dcb")...))
	require.Len(t, b.queues.published, 2*again)
	for i := range again {
		assert.Equal(t, *b.queues.published[i].MessageDeduplicationId, *b.queues.published[again+i].MessageDeduplicationId)
	}
}

func TestAnUnchangedToDoRowKeepsItsProgress(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"ProductAdded": `{"row":{"n":1.50,"list":[1,{"a":true}]}}`, "OrderPlaced": `{"row":{"n":2}}`, "ProductPriced": ``, "Gone": `{"row":null}`}
	b := newDCBBench(t, definition.FunctionProjections, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		if answer := answers[t.Event.Type]; answer != "" {
			return answer, nil
		}
		return fmt.Sprintf(`{"row":%s}`, t.Row), nil
	}}, func(c *Config) {
		c.Definition.ReadModels = nil
		c.Definition.ToDos = map[string]definition.ToDo{"Shipping": {Table: "to-do", From: []definition.Source{{Tag: "productId"}}, Attempts: 3, RetrySeconds: 1}}
	})
	project := func(commandID, eventType string) map[string]types.AttributeValue {
		before := len(b.db.Records("dcb"))
		b.record(commandID, ev(eventType, `{"productId":"p1","orderId":"o1"}`))
		assert.Empty(t, b.stream(t.Context(), b.db.Records("dcb")[before:]...))
		require.Len(t, b.db.Items("to-do"), 1)
		return b.db.Items("to-do")[0]
	}
	item := project("a", "ProductAdded")
	first := textOf(item[toDoGeneration])
	assert.Equal(t, statusPending, textOf(item[toDoStatus]))
	assert.NotEmpty(t, first)
	b.edit("to-do", "p1", map[string]types.AttributeValue{toDoStatus: &types.AttributeValueMemberS{Value: statusCompleted}, "_own": &types.AttributeValueMemberN{Value: "3"}})

	item = project("b", "ProductPriced")
	assert.Equal(t, statusCompleted, textOf(item[toDoStatus]), "the handler answered with the same row")
	assert.Equal(t, &types.AttributeValueMemberN{Value: "3"}, item["_own"])
	assert.Equal(t, first, textOf(item[toDoGeneration]))
	assert.Equal(t, map[string]int64{"productId": 2}, b.positions("to-do", "p1"))

	item = project("c", "OrderPlaced")
	assert.Equal(t, statusPending, textOf(item[toDoStatus]), "another row is work to do")
	assert.Nil(t, item["_own"])
	assert.NotEqual(t, first, textOf(item[toDoGeneration]))
	assert.Equal(t, map[string]int64{"productId": 2, "productId#OrderPlaced": 1}, b.positions("to-do", "p1"))
}

// edit changes attributes of an item, as somebody else would.
func (b *bench) edit(table, id string, attributes map[string]types.AttributeValue) {
	for _, item := range b.db.Items(table) {
		if item["id"].(*types.AttributeValueMemberS).Value == id {
			for name, value := range attributes {
				item[name] = value
			}
			_, err := b.db.PutItem(b.t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
			require.NoError(b.t, err)
		}
	}
}

func TestSameRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"identical":       {`{"a":1}`, `{"a":1}`, true},
		"order, notation": {`{"a":1.50,"b":[1e2,"x",null,true,{"c":-0}]}`, `{"b":[100,"x",null,true,{"c":0}],"a":1.5}`, true},
		"number":          {`{"a":1}`, `{"a":2}`, false},
		"type":            {`{"a":1}`, `{"a":"1"}`, false},
		"list, value":     {`{"a":1}`, `{"a":[1]}`, false},
		"text, object":    {`{"a":"1"}`, `{"a":{}}`, false},
		"length":          {`{"a":[1]}`, `{"a":[1,1]}`, false},
		"more":            {`{"a":1}`, `{"a":1,"b":null}`, false},
		"null, nothing":   {`{"a":null}`, `{"b":null}`, false},
		"deleted":         {`null`, `{}`, false},
		"both deleted":    {`null`, ` null`, true},
		"large":           {`{"a":12345678901234567890.5}`, `{"a":12345678901234567890.6}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, sameRow([]byte(c.a), []byte(c.b)))
			assert.Equal(t, c.want, sameRow([]byte(c.b), []byte(c.a)))
		})
	}
}

func TestTheRelayTakesNothingElse(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionRelay, publishes, withPoints)
	b.record("a", ev("ProductPriced", `{"productId":"p1"}`))
	b.append("Category", "c1", ev("ProductAdded", `{}`))
	assert.Empty(t, b.stream(t.Context(), append(b.db.Records("dcb"), b.db.Records("category-log")...)...))
	assert.Equal(t, []protocol.ExtensionMessage(nil), b.published())
}

func TestAFunctionOfOneReadModelMakesThatOneOnly(t *testing.T) {
	t.Parallel()
	own := func(c *Config) {
		model := c.Definition.ReadModels["Home"]
		model.Own = true
		c.Definition.ReadModels["Home"] = model
		c.Definition.ToDos = map[string]definition.ToDo{"Shipping": {Table: "to-do", From: []definition.Source{{Tag: "productId"}}}}
	}
	for component, want := range map[string][]string{"": {"-", "p1", "p1"}, "Home": {"p1", "-", "-"}} {
		t.Run("component "+component, func(t *testing.T) {
			t.Parallel()
			b := newDCBBench(t, definition.FunctionProjections, folds(nil), mixed, own, func(c *Config) { c.Component = component })
			b.record("a", ev("ProductAdded", `{"productId":"p1"}`))
			assert.Empty(t, b.stream(t.Context(), b.db.Records("dcb")...))
			assert.Equal(t, want, []string{b.seen("products", "p1"), b.seen("mixed", "p1"), b.seen("to-do", "p1")})
		})
	}
	c := Config{Function: definition.FunctionProjections, Component: "Prices", Definition: testPlugin, Invoker: adds}
	_, err := New(c)
	assert.ErrorContains(t, err, `REVENTLESS_COMPONENT is "Prices"`)
}
