package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// folds is a handler for project turns that keeps all events of a row in it, so that
// a repeated, missing or misplaced one shows. It also does what the event's type says.
func folds(asked *[]string) script {
	var mu sync.Mutex
	return script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		if asked != nil {
			*asked = append(*asked, fmt.Sprintf("%s/%s/%d", t.Component, t.ID, t.Event.Number))
		}
		switch t.Event.Type {
		case "Removed":
			return `{"row":null}`, nil
		case "Poison":
			return nil, &turn.HandlerError{Kind: turn.Threw, Type: "Error", Message: "cannot"}
		case "Exit":
			return nil, &turn.HandlerError{Kind: turn.Exited, Message: "exit status 1"}
		case "Nonsense":
			return `{"row":[]}`, nil
		}
		var row struct {
			Seen []string        `json:"seen"`
			Last json.RawMessage `json:"last"`
		}
		if err := json.Unmarshal(t.Row, &row); err != nil {
			return nil, err
		}
		row.Seen = append(row.Seen, fmt.Sprintf("%s%d", t.Event.Component[:1], t.Event.Number))
		row.Last = t.Event.Data
		return map[string]any{"row": row}, nil
	}}
}

// seen is what the handler of folds kept in a row, "-" without an item and "deleted"
// for a tombstone.
func (b *bench) seen(table, id string) string {
	for _, item := range b.db.Items(table) {
		if item["id"].(*types.AttributeValueMemberS).Value != id {
			continue
		}
		if item["_deleted"] != nil {
			return "deleted"
		}
		object, err := fromItem("$", map[string]types.AttributeValue{"seen": item["seen"]})
		require.NoError(b.t, err)
		return strings.Trim(fmt.Sprint(object["seen"]), "[]")
	}
	return "-"
}

func TestProjectTurnsHaveRowAndOrigin(t *testing.T) {
	t.Parallel()
	var turns []turn.Turn
	b := newBench(t, definition.FunctionProjections, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		turns = append(turns, t)
		return fmt.Sprintf(`{"row":{"n":%d,"big":12345678901234567890,"text":"<ä>","none":null,"list":[1.5,{"a":true}]}}`, t.Event.Number), nil
	}})
	b.append("Product", "p1", ev("Added", `{}`))
	b.append("Product", "p1", ev("Renamed", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	require.Len(t, turns, 2)
	assert.JSONEq(t, `null`, string(turns[0].Row))
	assert.JSONEq(t, `{"id":"p1","n":1,"big":12345678901234567890,"text":"<ä>","none":null,"list":[1.5,{"a":true}]}`, string(turns[1].Row))
	assert.Contains(t, string(turns[1].Row), "12345678901234567890")
	assert.Equal(t, "Products", turns[0].Component)
	assert.Equal(t, "p1", turns[0].ID)
	assert.Equal(t, "correlation", turns[0].Meta.CorrelationID)
	assert.Equal(t, "command-p1-0", turns[0].Meta.CausationID)
	assert.Equal(t, turns[0].Event.Time, turns[0].Meta.Time)
	assert.Equal(t, 1, b.db.Requests()["GetItem"], "one read and")
	assert.Equal(t, 3, b.db.Requests()["PutItem"], "one write for two commits, beside the two of the test")

	b.append("Product", "p1", ev("Renamed", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")[2]))
	assert.JSONEq(t, `{"id":"p1","n":2,"big":12345678901234567890,"text":"<ä>","none":null,"list":[1.5,{"a":true}]}`, string(turns[2].Row), "read back from the table")
}

func TestDeliveryDoesNotMatter(t *testing.T) {
	t.Parallel()
	for name, deliver := range map[string]func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord{
		"in order": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{r}
		},
		"one by one": func(r []events.DynamoDBEventRecord) (batches [][]events.DynamoDBEventRecord) {
			for i := range r {
				batches = append(batches, r[i:i+1])
			}
			return batches
		},
		"twice": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{r, r}
		},
		"twice in one batch": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{append(r, r...)}
		},
		"reversed": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{{r[3], r[2], r[1], r[0]}}
		},
		"reversed one by one": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{r[3:4], r[2:3], r[1:2], r[0:1]}
		},
		"the first lost": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{r[1:]}
		},
		"the middle lost": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{{r[0], r[3]}}
		},
		"all but the last": func(r []events.DynamoDBEventRecord) [][]events.DynamoDBEventRecord {
			return [][]events.DynamoDBEventRecord{r[3:]}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionProjections, folds(nil))
			b.append("Product", "p1", ev("Added", `{}`), ev("Priced", `{"price":1}`))
			b.append("Product", "p1", ev("Renamed", `{}`))
			b.append("Product", "p1", ev("Renamed", `{}`))
			b.append("Product", "p1", ev("Priced", `{"price":2}`))
			for _, batch := range deliver(b.db.Records("product-log")) {
				assert.Empty(t, b.stream(t.Context(), batch...))
			}
			assert.Equal(t, "P1 P2 P3 P4 P5", b.seen("products", "p1"))
			assert.Equal(t, "P2 P5", b.seen("prices", "p1"), "only the selected types")
		})
	}
}

func TestUnselectedEventsCostNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil), func(c *Config) {
		c.Definition.ReadModels = map[string]definition.ReadModel{"Prices": testPlugin.ReadModels["Prices"]}
	})
	b.append("Product", "p1", ev("Added", `{}`))
	before := b.db.Requests()
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	assert.Equal(t, before, b.db.Requests())
}

func TestARowOfTwoAggregates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionProjections, folds(nil))
		b.db.Latency = time.Millisecond
		for range 5 {
			b.append("Product", "x", ev("Priced", `{}`))
			b.append("Category", "x", ev("Added", `{}`))
		}
		var both sync.WaitGroup
		for _, table := range []string{"product-log", "category-log"} {
			for _, record := range b.db.Records(table) {
				both.Go(func() { assert.Empty(t, b.stream(t.Context(), record)) })
			}
		}
		both.Wait()
		seen := strings.Fields(b.seen("prices", "x"))
		assert.ElementsMatch(t, strings.Fields("P1 P2 P3 P4 P5 C1 C2 C3 C4 C5"), seen, "nobody's change is lost, none is there twice")
	})
}

func TestADeletedRowStaysDeletedAndKnowsItsPosition(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil))
	b.append("Product", "p1", ev("Added", `{}`))
	b.append("Product", "p1", ev("Removed", `{}`))
	b.append("Product", "never", ev("Removed", `{}`))
	records := b.db.Records("product-log")
	assert.Empty(t, b.stream(t.Context(), records...))
	assert.Equal(t, "deleted", b.seen("products", "p1"))
	assert.Equal(t, "deleted", b.seen("products", "never"))
	require.Len(t, b.db.Items("products")[1], 3, "id, _position and _deleted")
	assert.Empty(t, b.stream(t.Context(), records[0]))
	assert.Equal(t, "deleted", b.seen("products", "p1"), "an old event does not bring it back")
	b.append("Product", "p1", ev("Added", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")[3]))
	assert.Equal(t, "P3", b.seen("products", "p1"), "a new one does, from nothing")
}

func TestPoisonBlocksItsIDOnly(t *testing.T) {
	t.Parallel()
	for eventType, reason := range map[string]string{"Poison": "HandlerError: Error: cannot", "Nonsense": "$.row: expected"} {
		t.Run(eventType, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionProjections, folds(nil))
			b.append("Product", "a", ev("Added", `{}`))
			b.append("Product", "a", ev("Priced", `{}`), ev(eventType, `{"secret":"s3cr3t"}`))
			b.append("Product", "b", ev("Added", `{}`))
			b.append("Product", "a", ev("Priced", `{}`))
			b.append("Product", "b", ev("Priced", `{}`))
			r := b.db.Records("product-log")
			assert.Equal(t, []string{sequence(r[1]), sequence(r[3])}, b.stream(t.Context(), r...))
			assert.Equal(t, "P1", b.seen("products", "a"), "what came before is done, the commit that failed is not done by half")
			assert.Equal(t, "P1 P2", b.seen("products", "b"))
			assert.Equal(t, "P2 P4", b.seen("prices", "a"), "the other read model does not take the poison")
			assert.Contains(t, b.log.String(), reason)
			assert.NotContains(t, b.log.String(), "s3cr3t")
			assert.Equal(t, 1, strings.Count(b.log.String(), "\n"), "one line per failure")

			assert.Equal(t, []string{sequence(r[3])}, b.stream(t.Context(), r[3]), "later events of the id do not pass by")
			assert.Equal(t, "P1", b.seen("products", "a"))
		})
	}
}

func TestALostHandlerCostsItsIDOnly(t *testing.T) {
	t.Parallel()
	var asked []string
	b := newBench(t, definition.FunctionProjections, folds(&asked), func(c *Config) {
		c.Definition.ReadModels = map[string]definition.ReadModel{"Products": testPlugin.ReadModels["Products"]}
	})
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "a", ev("Exit", `{}`))
	b.append("Product", "a", ev("Added", `{}`))
	r := b.db.Records("product-log")
	require.Equal(t, []string{sequence(r[1]), sequence(r[2])}, b.stream(t.Context(), r...))
	assert.Equal(t, "P1", b.seen("products", "a"), "what was done stays done")
	assert.Len(t, asked, 2)

	for i := range 10 {
		b.append("Product", fmt.Sprint("bad", i), ev("Exit", `{}`))
		b.append("Product", fmt.Sprint("good", i), ev("Added", `{}`))
	}
	assert.Len(t, b.stream(t.Context(), b.db.Records("product-log")[3:]...), 10)
	for i := range 10 {
		assert.Equal(t, "P1", b.seen("products", fmt.Sprint("good", i)))
		assert.Equal(t, "-", b.seen("products", fmt.Sprint("bad", i)))
	}
}

func TestASlowTurnLeavesTimeForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionProjections, script{turn.Project: func(ctx context.Context, t turn.Turn) (any, error) {
			if strings.HasPrefix(t.ID, "slow") {
				<-ctx.Done()
				return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: "late"}
			}
			return `{"row":{}}`, nil
		}}, func(c *Config) {
			c.Definition.ReadModels = map[string]definition.ReadModel{"Products": testPlugin.ReadModels["Products"]}
		})
		for _, id := range []string{"slow1", "slow2", "slow3", "a", "b"} {
			b.append("Product", id, ev("Added", `{}`))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		r := b.db.Records("product-log")
		assert.Equal(t, []string{sequence(r[0]), sequence(r[1]), sequence(r[2])}, b.stream(ctx, r...))
		assert.Len(t, b.db.Items("products"), 2)
	})
}

func TestARowFarBehindCatchesUpPageByPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const commits, turnTime = 60, 100 * time.Millisecond
		rows := 0
		b := newBench(t, definition.FunctionProjections, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
			time.Sleep(turnTime)
			return fmt.Sprintf(`{"row":{"n":%d}}`, t.Event.Number), nil
		}}, func(c *Config) {
			c.Definition.ReadModels = map[string]definition.ReadModel{"Products": testPlugin.ReadModels["Products"]}
		})
		for range commits {
			b.append("Product", "a", ev("Added", `{}`))
		}
		b.db.PageSize = 4
		pages := 0
		b.db.After = func(operation, _ string) error {
			switch operation {
			case "Query":
				pages++
			case "PutItem":
				rows++
			}
			assert.LessOrEqual(t, pages, rows+1, "no more than one page is in memory")
			return nil
		}
		last := b.db.Records("product-log")[commits-1]
		deliveries := 0
		for failed := []string{"?"}; len(failed) > 0; deliveries++ {
			require.Less(t, deliveries, 10, "each delivery gets further")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			failed = b.stream(ctx, last)
			cancel()
		}
		assert.Greater(t, deliveries, 2)
		assert.Equal(t, &types.AttributeValueMemberN{Value: fmt.Sprint(commits)}, b.db.Items("products")[0]["n"])
	})
}

func TestNoNewTurnsNearTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler := script{turn.Project: func(context.Context, turn.Turn) (any, error) {
			time.Sleep(3 * time.Second)
			return `{"row":{}}`, nil
		}}
		b := newBench(t, definition.FunctionProjections, handler, func(c *Config) {
			c.Definition.ReadModels = map[string]definition.ReadModel{"Products": testPlugin.ReadModels["Products"]}
		})
		for range 5 {
			b.append("Product", "a", ev("Added", `{}`))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r := b.db.Records("product-log")
		assert.Equal(t, []string{sequence(r[3]), sequence(r[4])}, b.stream(ctx, r...))
		assert.Empty(t, b.stream(t.Context(), r[3:]...), "the next delivery does the rest")
	})
}

func TestUnreadableRecordsFailAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil))
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "b", ev("Added", `{}`))
	b.append("Product", "c", ev("Added", `{}`))
	b.append("Product", "d", ev("Added", `{}`))
	r := b.db.Records("product-log")
	r[0].Change.NewImage = nil
	r[1].EventSourceArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/other/stream/x"
	r[3].EventName = "REMOVE"
	assert.Equal(t, []string{sequence(r[0]), sequence(r[1])}, b.stream(t.Context(), r...))
	assert.Equal(t, "P1", b.seen("products", "c"))
	assert.Equal(t, "-", b.seen("products", "d"), "a removed commit is no event")
	assert.Contains(t, b.log.String(), `is of table \"other\"`)
}

func TestFailuresOfDynamoDBAreNotSwallowed(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"GetItem", "PutItem", "Query"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionProjections, folds(nil))
			b.append("Product", "a", ev("Added", `{}`))
			b.append("Product", "a", ev("Added", `{}`))
			r := b.db.Records("product-log")
			var broken bool
			b.db.Before = func(o, _ string) error {
				if broken && o == operation {
					return errors.New("throttled")
				}
				return nil
			}
			broken = true
			assert.Equal(t, []string{sequence(r[1])}, b.stream(t.Context(), r[1]), "this one needs the log too")
			broken = false
			assert.Empty(t, b.stream(t.Context(), r...))
			assert.Equal(t, "P1 P2", b.seen("products", "a"))
		})
	}
}

func TestALostWriteOfARowIsDoneAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil))
	b.append("Product", "a", ev("Added", `{}`))
	var once sync.Once
	b.db.After = func(operation, table string) (err error) {
		if operation == "PutItem" && table == "products" {
			once.Do(func() { err = errors.New("connection reset") })
		}
		return err
	}
	r := b.db.Records("product-log")
	assert.Len(t, b.stream(t.Context(), r...), 1)
	assert.Empty(t, b.stream(t.Context(), r...))
	assert.Equal(t, "P1", b.seen("products", "a"))
}

func TestRacingWritersOfOneRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionProjections, folds(nil))
		for range 10 {
			b.append("Product", "a", ev("Added", `{}`))
		}
		b.db.Latency = 2 * time.Millisecond
		var all sync.WaitGroup
		for _, r := range b.db.Records("product-log") {
			all.Go(func() { assert.Empty(t, b.stream(t.Context(), r)) })
		}
		all.Wait()
		assert.Equal(t, "P1 P2 P3 P4 P5 P6 P7 P8 P9 P10", b.seen("products", "a"))
	})
}
