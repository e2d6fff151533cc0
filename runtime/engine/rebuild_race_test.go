package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// shop is a plugin that is written to while one of its read models is rebuilt.
type shop struct {
	*bench
	// live is another instance of the projections function.
	live *bench
	// want are the rows that a sequential fold leads to, by table and id.
	want map[string][]string
	// done is how many records of the two logs were delivered.
	done [2]int
}

// newShop makes a shop whose rows were made by an old version of the handler.
func newShop(t *testing.T) *shop {
	version := "old"
	s := &shop{bench: newRebuildBench(t, marks(&version)), want: map[string][]string{}}
	s.live = newRebuildBench(t, marks(&version))
	s.live.db, s.live.engine.DynamoDB = s.db, s.db
	s.live.engine.logs, s.live.engine.families = s.engine.logs, s.engine.families
	for range 100 {
		s.write()
	}
	s.deliverAll()
	require.NotEmpty(t, s.db.Items("products"))
	version = "new"
	return s
}

// write records an event of a random id and notes what becomes of its rows.
func (s *shop) write() {
	id := fmt.Sprint("id", rand.N(40))
	eventType := []string{"Added", "Priced", "Priced", "Removed"}[rand.N(4)]
	if rand.N(3) == 0 {
		s.append("Category", id, ev("Added", `{}`))
		s.want["prices/"+id] = append(s.want["prices/"+id], "n"+s.length("category-log", id))
		return
	}
	s.append("Product", id, ev(eventType, `{}`))
	event := "n" + s.length("product-log", id)
	switch s.want["products/"+id] = append(s.want["products/"+id], event); eventType {
	case "Removed":
		s.want["products/"+id] = []string{}
	case "Priced":
		s.want["prices/"+id] = append(s.want["prices/"+id], event)
	}
}

// length is how many events an id has.
func (s *shop) length(table, id string) string {
	count := 0
	for _, item := range s.db.Items(table) {
		if item["id"].(*types.AttributeValueMemberS).Value == id {
			count++
		}
	}
	return fmt.Sprint(count)
}

// deliver gives the live instance what it did not have yet, and now and then a record again
// or before others. What is done does not come again.
func (s *shop) deliver() {
	for i, table := range []string{"product-log", "category-log"} {
		all := s.db.Records(table)
		if len(all) > 0 && rand.N(2) == 0 {
			s.live.stream(s.t.Context(), all[rand.N(len(all))])
		}
		batch := all[s.done[i]:min(len(all), s.done[i]+4)]
		if len(batch) > 0 && len(s.live.stream(s.t.Context(), batch...)) == 0 {
			s.done[i] += len(batch)
		}
	}
}

// deliverAll delivers all that there is.
func (s *shop) deliverAll() {
	for s.done[0] < len(s.db.Records("product-log")) || s.done[1] < len(s.db.Records("category-log")) {
		s.deliver()
	}
}

// keys are the keys of the rows in some tables, each once.
func (s *shop) keys(tables ...string) (ids []string) {
	for _, table := range tables {
		for _, item := range s.db.Items(table) {
			ids = append(ids, item["id"].(*types.AttributeValueMemberS).Value)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// rebuildModel folds and switches all rows, in small requests of which two run at once.
func (s *shop) rebuildModel(model, table string) {
	step := func(step protocol.RebuildStep, ids []string) {
		var both sync.WaitGroup
		for _, b := range []*bench{s.bench, s.live} {
			both.Go(func() {
				for batch := range slices.Chunk(ids, 3) {
					for _, row := range b.rebuild(s.t.Context(), step, model, batch...).Rows {
						assert.Equal(s.t, protocol.RebuildDone, row.Outcome, row)
					}
				}
			})
		}
		both.Wait()
	}
	step(protocol.RebuildFold, s.keys("product-log", "category-log"))
	step(protocol.RebuildSwitch, s.keys(table+"-rebuild", table))
}

// TestARebuildWhileLiveEventsCome writes and delivers events while all rows are folded and
// switched. Whatever the interleaving, each row is in the end what a sequential fold of all
// its events by the new version of the handler leads to.
func TestARebuildWhileLiveEventsCome(t *testing.T) {
	t.Parallel()
	for round := range 8 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.db.Before = func(operation, table string) error {
				longest := 300 * time.Microsecond
				if operation == "PutItem" && !strings.HasSuffix(table, "-log") {
					longest = 3 * time.Millisecond // in which much may happen to a row
				}
				time.Sleep(rand.N(longest))
				return nil
			}
			rebuilt := make(chan struct{})
			var others sync.WaitGroup
			for _, work := range []func(){s.write, s.deliver} {
				others.Go(func() {
					for {
						select {
						case <-rebuilt:
							return
						default:
							work()
						}
					}
				})
			}
			s.rebuildModel("Products", "products")
			s.rebuildModel("Prices", "prices")
			close(rebuilt)
			others.Wait()
			s.deliverAll()
			s.check()
		})
	}
}

// check compares all rows with those of a sequential fold.
func (s *shop) check() {
	for key, want := range s.want {
		table, id, _ := strings.Cut(key, "/")
		got := s.seen(table, id)
		switch {
		case len(want) == 0:
			assert.Equal(s.t, "deleted", got, key)
		case table == "products":
			assert.Equal(s.t, strings.Join(want, " "), got, key)
		default:
			assert.ElementsMatch(s.t, want, strings.Fields(got), key)
		}
	}
}

// TestRequestsOfARebuildThatFail lets each request fail, before or after its effect, and
// repeats the whole.
func TestRequestsOfARebuildThatFail(t *testing.T) {
	t.Parallel()
	version := "old"
	for at := int64(0); ; at++ {
		for _, after := range []bool{false, true} {
			version = "old"
			b := newRebuildBench(t, marks(&version))
			for _, id := range []string{"a", "b"} {
				b.append("Product", id, ev("Added", `{}`))
				b.append("Product", id, ev("Added", `{}`))
			}
			assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
			version = "new"
			live := b.db.Items("products")
			var count, failed atomic.Int64
			fail := func(string, string) error {
				if count.Add(1)-1 == at {
					failed.Add(1)
					return errors.New("throttled")
				}
				return nil
			}
			b.db.Before = fail
			if after {
				b.db.Before, b.db.After = nil, fail
			}
			fold := b.rebuild(t.Context(), protocol.RebuildFold, "Products", "a", "b")
			if failed.Load() > 0 {
				assert.Contains(t, fold.Rows[0].Error+fold.Rows[1].Error, "throttled")
				assert.Equal(t, live, b.db.Items("products"))
			}
			b.rebuild(t.Context(), protocol.RebuildSwitch, "Products", "a", "b")
			b.db.Before, b.db.After = nil, nil
			b.rows(protocol.RebuildFold, "Products", "a", "b")
			b.rows(protocol.RebuildSwitch, "Products", "a", "b")
			assert.Equal(t, "n1 n2", b.seen("products", "a"))
			assert.Equal(t, "n1 n2", b.seen("products", "b"))
			if failed.Load() == 0 {
				require.Greater(t, at, int64(10))
				return
			}
		}
	}
}
