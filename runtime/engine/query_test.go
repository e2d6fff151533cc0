package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// withQueries gives the plugin query fields.
func withQueries(c *Config) {
	c.Definition.Queries = map[string]definition.Query{
		"comparison": {Loads: map[string]definition.Load{
			"products": {ReadModel: "Products", Table: "products", Argument: "ids"},
			"price":    {ReadModel: "Prices", Table: "prices", Argument: "price"},
		}},
		"plain": {},
	}
}

// echoRows answers a query with what it was given.
var echoRows = script{turn.AnswerQuery: func(_ context.Context, t turn.Turn) (any, error) {
	return map[string]any{"data": map[string]any{"rows": t.Rows, "arguments": t.Arguments, "meta": t.Meta, "component": t.Component}}, nil
}}

// putRow writes a row as a projection does.
func (b *bench) putRow(table, id, data string) {
	b.t.Helper()
	batch, cancel := b.engine.newBatch(b.t.Context())
	defer cancel()
	require.NoError(b.t, batch.saveRow(definition.ReadModel{Table: table}, &row{id: id, data: json.RawMessage(data), positions: map[string]int64{"Product": 1}}))
}

func TestAQueryGetsItsRows(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionQueries, echoRows, withQueries)
	b.putRow("products", "p1", `{"id":"p1","price":1.50}`)
	b.putRow("products", "p2", `null`)
	b.putRow("prices", "7", `{"id":"7","of":"seven"}`)
	long := strings.Repeat("x", 3000)
	for name, c := range map[string]struct{ arguments, rows string }{
		"rows":              {`{"ids":["p1","p2","p1","nobody"],"price":7}`, `{"products":[{"id":"p1","price":1.50},null,{"id":"p1","price":1.50},null],"price":{"id":"7","of":"seven"}}`},
		"no arguments":      {`null`, `{"products":null,"price":null}`},
		"null and no lists": {`{"ids":[],"price":null}`, `{"products":[],"price":null}`},
		"keys of no row":    {`{"ids":["",null,"` + long + `"],"price":""}`, `{"products":[null,null,null],"price":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got struct {
				Rows      json.RawMessage
				Component string
				Meta      turn.Meta
			}
			require.NoError(t, b.handle(t.Context(), field("comparison", c.arguments, `{"sub":"u"}`), &got))
			assert.JSONEq(t, c.rows, string(got.Rows))
			assert.Equal(t, "comparison", got.Component)
			assert.Equal(t, turn.Meta{Actor: json.RawMessage(`{"sub":"u"}`), Time: "2026-03-01T10:00:00.000Z"}, got.Meta)
		})
	}
}

func TestAQueryWithoutLoadsReadsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionQueries, script{turn.AnswerQuery: func(context.Context, turn.Turn) (any, error) { return `{"data":17}`, nil }}, withQueries)
	var got int
	require.NoError(t, b.handle(t.Context(), field("plain", `{}`, `null`), &got))
	assert.Equal(t, 17, got)
	assert.Empty(t, b.db.Requests())
}

func TestFailuresOfAQueryHaveTheirType(t *testing.T) {
	t.Parallel()
	throttled := func(c *Config) {
		c.DynamoDB.(*eventlogtest.DynamoDB).Before = func(string, string) error { return errors.New("throttled") }
	}
	for name, c := range map[string]struct {
		field, arguments string
		answer           any
		change           func(*Config)
		kind, want       string
	}{
		"unknown field":   {"other", `{}`, nil, nil, ErrorInvalidQuery, `no query field "other"`},
		"no object":       {"plain", `[]`, nil, nil, ErrorInvalidQuery, ""},
		"no key":          {"comparison", `{"ids":[{}]}`, nil, nil, ErrorInvalidQuery, `"ids" names rows of Products`},
		"too many":        {"comparison", `{"ids":[` + strings.Repeat(`"a",`, 1000) + `"a"]}`, nil, nil, ErrorInvalidQuery, "at most 1000"},
		"invalid answer":  {"plain", `{}`, `{"rows":[]}`, nil, string(turn.InvalidAnswer), ""},
		"handler throws":  {"plain", `{}`, nil, nil, string(turn.Threw), "TypeError: no"},
		"database broken": {"comparison", `{"ids":["a"]}`, nil, throttled, ErrorInternal, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*Config){withQueries}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			b := newBench(t, definition.FunctionQueries, script{turn.AnswerQuery: func(context.Context, turn.Turn) (any, error) {
				if c.answer == nil {
					return nil, &turn.HandlerError{Kind: turn.Threw, Type: "TypeError", Message: "no"}
				}
				return c.answer, nil
			}}, changes...)
			payload := any(field(c.field, c.arguments, `null`))
			if c.arguments == `[]` {
				payload = json.RawMessage(`{"field":"comparison","arguments":[]}`)
			}
			var got protocol.FieldFailure
			require.NoError(t, b.handle(t.Context(), payload, &got))
			if name != "no object" {
				assert.Equal(t, c.kind, got.Error.Type)
				assert.Contains(t, got.Error.Message, c.want)
			}
		})
	}
}

// stingy leaves most keys of each request unprocessed.
type stingy struct {
	*eventlogtest.DynamoDB
	most int
	asks int
}

func (s *stingy) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	s.asks++
	if s.most == 0 {
		return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
	}
	now, rest := map[string]types.KeysAndAttributes{}, map[string]types.KeysAndAttributes{}
	for table, keys := range in.RequestItems {
		count := min(s.most, len(keys.Keys))
		now[table] = types.KeysAndAttributes{Keys: keys.Keys[:count]}
		if count < len(keys.Keys) {
			rest[table] = types.KeysAndAttributes{Keys: keys.Keys[count:]}
		}
	}
	out, err := s.DynamoDB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: now}, options...)
	if err == nil {
		out.UnprocessedKeys = rest
	}
	return out, err
}

func TestManyRowsAreReadInBatches(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"all at once": 100, "some left each time": 30} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := &stingy{most: most}
			b := newBench(t, definition.FunctionQueries, echoRows, withQueries, func(c *Config) {
				db.DynamoDB = c.DynamoDB.(*eventlogtest.DynamoDB)
				c.DynamoDB = db
			})
			var ids, want []string
			for i := range 1000 {
				id := fmt.Sprint("p", i)
				b.putRow("products", id, fmt.Sprintf(`{"n":%d}`, i))
				ids, want = append(ids, id), append(want, fmt.Sprintf(`{"n":%d,"id":%q}`, i, id))
			}
			arguments, err := json.Marshal(map[string]any{"ids": ids})
			require.NoError(t, err)
			var got struct{ Rows map[string]json.RawMessage }
			require.NoError(t, b.handle(t.Context(), field("comparison", string(arguments), ``), &got))
			assert.JSONEq(t, "["+strings.Join(want, ",")+"]", string(got.Rows["products"]))
			assert.Equal(t, (1000+most-1)/most, db.asks)
		})
	}
}

func TestAQueryGivesUpOnRowsThatStayUnprocessed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &stingy{}
		b := newBench(t, definition.FunctionQueries, echoRows, withQueries, func(c *Config) {
			c.DynamoDB, c.Retry = db, eventlog.Retry{Attempts: 5, Base: time.Millisecond, Cap: time.Second}
		})
		var got protocol.FieldFailure
		require.NoError(t, b.handle(t.Context(), field("comparison", `{"ids":["a"]}`, ``), &got))
		assert.Equal(t, ErrorInternal, got.Error.Type)
		assert.Equal(t, 5, db.asks)
		assert.Contains(t, b.log.String(), "left 1 rows unread after 5 attempts")
	})
}
