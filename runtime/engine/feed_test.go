package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// mutations records the mutations that an engine runs.
type mutations struct {
	mu   sync.Mutex
	ran  []string
	rows []string
	fail func(mutation, row string) error
}

func (m *mutations) Mutate(_ context.Context, mutation string, variables map[string]any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := variables["row"].(string)
	if m.fail != nil {
		if err := m.fail(mutation, text); err != nil {
			return err
		}
	}
	m.ran, m.rows = append(m.ran, mutation), append(m.rows, text)
	return nil
}

// newFeedBench builds an engine that feeds one subscription with products and two with
// prices, and records of changed rows.
func newFeedBench(t *testing.T, api *mutations) *bench {
	return newBench(t, definition.FunctionFeeds, nil, func(c *Config) {
		c.GraphQL = api
		products, prices := c.Definition.ReadModels["Products"], c.Definition.ReadModels["Prices"]
		products.Feeds = []definition.Feed{{Subscription: "productChanged", Mutation: "productFeed", Selection: "{ id name }"}}
		prices.Feeds = []definition.Feed{
			{Subscription: "priceChanged", Mutation: "priceFeed", Selection: "{ id }"},
			{Subscription: "anyPrice", Mutation: "anyPriceFeed", Selection: "{ id price }"},
		}
		c.Definition.ReadModels = map[string]definition.ReadModel{"Products": products, "Prices": prices}
	})
}

func TestChangedRowsAreFed(t *testing.T) {
	t.Parallel()
	api := &mutations{}
	b := newFeedBench(t, api)
	b.putRow("products", "p1", `{"name":"tea","price":1.50,"tags":["a",null]}`)
	b.putRow("products", "p2", `null`)
	b.putRow("prices", "p1", `{"price":2}`)
	assert.Empty(t, b.stream(t.Context(), append(b.db.Records("products"), b.db.Records("prices")...)...))
	assert.ElementsMatch(t, []string{
		"mutation($row: AWSJSON!) { productFeed(row: $row) { id name } }",
		"mutation($row: AWSJSON!) { priceFeed(row: $row) { id } }",
		"mutation($row: AWSJSON!) { anyPriceFeed(row: $row) { id price } }",
	}, api.ran)
	assert.Contains(t, api.rows, `{"id":"p1","name":"tea","price":1.50,"tags":["a",null]}`)
	assert.Contains(t, api.rows, `{"id":"p1","price":2}`)
}

func TestAFailingRowBlocksItsLaterChangesOnly(t *testing.T) {
	t.Parallel()
	api := &mutations{fail: func(_, row string) error {
		if strings.Contains(row, `"n":2,`) || strings.Contains(row, `"n":2}`) {
			return errors.New("down")
		}
		return nil
	}}
	b := newFeedBench(t, api)
	b.putRow("products", "bad", `{"n":1}`)
	b.putRow("products", "good", `{"n":1}`)
	records := b.db.Records("products")
	for i, n := range []string{"2", "3", "4"} {
		next := records[0]
		next.Change.SequenceNumber = "9" + n
		next.Change.NewImage = map[string]events.DynamoDBAttributeValue{"id": events.NewStringAttribute("bad"), "n": events.NewNumberAttribute(n)}
		records = append(records, next)
		other := next
		other.Change.SequenceNumber = "8" + n
		other.Change.NewImage = map[string]events.DynamoDBAttributeValue{"id": events.NewStringAttribute("good"), "n": events.NewNumberAttribute([]string{"5", "6", "7"}[i])}
		records = append(records, other)
	}
	assert.Equal(t, []string{"92", "93", "94"}, b.stream(t.Context(), records...))
	var good []string
	for _, row := range api.rows {
		if strings.Contains(row, "good") {
			good = append(good, row)
		}
	}
	assert.Equal(t, []string{`{"id":"good","n":1}`, `{"id":"good","n":5}`, `{"id":"good","n":6}`, `{"id":"good","n":7}`}, good)
	assert.Contains(t, b.log.String(), "publish to the subscription productChanged: down")
}

func TestRowsThatAreTooLargeAreNotFed(t *testing.T) {
	t.Parallel()
	api := &mutations{}
	b := newFeedBench(t, api)
	b.putRow("products", "p1", `{"text":"`+strings.Repeat("x", maxFeedSize)+`"}`)
	assert.Empty(t, b.stream(t.Context(), b.db.Records("products")...))
	assert.Empty(t, api.ran)
	assert.Contains(t, b.log.String(), "too large to be published")
}

func TestRecordsThatAreNoRows(t *testing.T) {
	t.Parallel()
	b := newFeedBench(t, &mutations{})
	b.putRow("products", "p1", `{}`)
	foreign, keyless, removed := b.db.Records("products")[0], b.db.Records("products")[0], b.db.Records("products")[0]
	foreign.EventSourceArn, foreign.Change.SequenceNumber = strings.ReplaceAll(foreign.EventSourceArn, "products", "other"), "1"
	keyless.Change.NewImage, keyless.Change.SequenceNumber = nil, "2"
	removed.EventName, removed.Change.NewImage = "REMOVE", nil
	assert.Equal(t, []string{"1", "2"}, b.stream(t.Context(), foreign, keyless, removed))
	assert.Error(t, b.handle(t.Context(), json.RawMessage(`{"Records":[{"eventSource":"aws:dynamodb","dynamodb":1}]}`), nil))
	_, err := New(Config{Function: definition.FunctionFeeds, Definition: testPlugin})
	require.ErrorContains(t, err, definition.EnvGraphQLURL)
}
