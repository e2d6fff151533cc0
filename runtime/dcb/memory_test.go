package dcb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/dcb/dcbtest"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// commit is a commit of one event with a text of size bytes.
func commit(stream string, seq int64, size int) eventlog.Commit {
	return eventlog.Commit{ID: stream, Seq: seq, Position: 1, Origin: eventlog.Origin{CommandID: "1", Time: "t"},
		Events: []turn.Event{{Type: "A", Data: json.RawMessage(`"` + strings.Repeat("x", size) + `"`)}},
		Places: []eventlog.Place{{Tag: "a", ID: "b", Number: seq}}}
}

func TestMemoryRefusesWhatDynamoDBRefuses(t *testing.T) {
	t.Parallel()
	guard := dcb.Guard{Key: dcb.GuardKey("s", "1"), CommandID: "1", Time: "t"}
	var many, large []eventlog.Commit
	for i := range 100 {
		many = append(many, commit(fmt.Sprint("a=", i), 1, 0))
	}
	for i := range 12 {
		large = append(large, commit(fmt.Sprint("a=", i), 1, 380*1024))
	}
	for want, transaction := range map[string]dcb.Transaction{
		"there are 101 actions": {Puts: many, Guard: guard},
		"two actions are on":    {Puts: []eventlog.Commit{commit("a=1", 3, 0)}, Checks: []dcb.Check{{Stream: "a=1", Version: 2}}, Guard: guard},
		"the item of":           {Puts: []eventlog.Commit{commit("a=1", 1, 400*1024)}, Guard: guard},
		"the transaction has":   {Puts: large, Guard: guard},
		"2049 bytes":            {Puts: []eventlog.Commit{commit(strings.Repeat("k", 2049), 1, 0)}, Guard: guard},
		"the id is empty":       {Puts: []eventlog.Commit{commit("", 1, 0)}, Guard: guard},
	} {
		store := dcb.NewMemory()
		err := store.Append(t.Context(), transaction)
		require.ErrorContains(t, err, "ValidationException")
		assert.ErrorContains(t, err, want)
		_, ok, err := store.Guard(t.Context(), guard.Key)
		require.NoError(t, err)
		assert.False(t, ok, "nothing was written")
	}
}

func TestMemoryNamesTheReasonOfEachAction(t *testing.T) {
	t.Parallel()
	store := dcb.NewMemory()
	guard := dcb.Guard{Key: dcb.GuardKey("s", "1"), CommandID: "1"}
	require.NoError(t, store.Append(t.Context(), dcb.Transaction{Puts: []eventlog.Commit{commit("a=1", 1, 0), commit("a=2", 1, 0)}, Guard: guard}))
	err := store.Append(t.Context(), dcb.Transaction{
		Puts:   []eventlog.Commit{commit("a=1", 2, 0), commit("a=2", 1, 0)},
		Checks: []dcb.Check{{Stream: "a=3"}, {Stream: "a=1", Version: 0}}, Guard: guard,
	})
	var cancelled *dcb.CancelledError
	require.ErrorAs(t, err, &cancelled)
	const none, failed = dcb.ReasonNone, dcb.ReasonConditionFailed
	assert.Equal(t, []string{none, failed, none, failed, failed}, cancelled.Reasons)
	head, err := store.Last(t.Context(), "a=1")
	require.NoError(t, err)
	assert.Equal(t, dcb.Head{Version: 1, Position: 1}, head, "all or nothing")
}

func TestMemoryHeedsTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := dcb.NewMemory()
	_, _, readErr := store.Read(ctx, "a=1", 0, 0)
	_, lastErr := store.Last(ctx, "a=1")
	_, _, guardErr := store.Guard(ctx, "g")
	for _, err := range []error{readErr, lastErr, guardErr, store.Append(ctx, dcb.Transaction{})} {
		assert.ErrorIs(t, err, context.Canceled)
	}
}

// inFlight is a store in which a transaction takes its time, and cancels others that
// begin meanwhile and have an item in common with it, be it only checked. So does AWS
// (developer guide, "Transaction conflict handling").
type inFlight struct {
	dcb.Store
	mu        sync.Mutex
	items     map[dcb.Check]bool
	conflicts int
}

func (f *inFlight) Append(ctx context.Context, t dcb.Transaction) error {
	targets := append([]dcb.Check{}, t.Checks...)
	for _, c := range t.Puts {
		targets = append(targets, dcb.Check{Stream: c.ID, Version: c.Seq - 1})
	}
	if err := f.lock(targets); err != nil {
		return err
	}
	time.Sleep(10 * time.Millisecond)
	defer f.unlock(targets)
	return f.Store.Append(ctx, t)
}

func (f *inFlight) lock(targets []dcb.Check) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, target := range targets {
		if f.items[target] {
			f.conflicts++
			return &dcb.CancelledError{Reasons: []string{dcb.ReasonConflict}}
		}
	}
	for _, target := range targets {
		f.items[target] = true
	}
	return nil
}

func (f *inFlight) unlock(targets []dcb.Check) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, target := range targets {
		delete(f.items, target)
	}
}

// TestReadersOfAHotTagGetThrough uses the patience that production has.
func TestReadersOfAHotTagGetThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &inFlight{Store: dcb.NewMemory(), items: map[dcb.Check]bool{}}
		log := dcb.New(store, shop)
		start := time.Now()
		var asked atomic.Int32
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				data := fmt.Sprintf(`{"productId":"p%d","categoryId":"c"}`, i)
				_, err := log.Execute(t.Context(), addProduct(fmt.Sprint(i), data), func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
					asked.Add(1)
					return []turn.Event{{Type: "ProductAdded", Data: json.RawMessage(fmt.Sprintf(`{"productId":"p%d"}`, i))}}, nil, nil
				})
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.Equal(t, int32(50), asked.Load(), "a clash of transactions does not ask the handler again")
		t.Logf("50 commands took %v with %d clashes", time.Since(start), store.conflicts)
		assert.Less(t, time.Since(start), 30*time.Second)
	})
}

// BenchmarkExecute counts the requests of an accepted command of a slice that reads a
// product and its category and writes the product.
func BenchmarkExecute(b *testing.B) {
	for name, data := range map[string]string{
		"home tag only":         `{"productId":"p%d"}`,
		"read category":         `{"productId":"p%d","categoryId":"c"}`,
		"10 further categories": `{"productId":"p%d","categoryId":["1","2","3","4","5","6","7","8","9","10"]}`,
	} {
		b.Run(name, func(b *testing.B) {
			store := dcbtest.NewFaults(dcb.NewMemory())
			log := dcb.New(store, shop)
			n := 0
			for b.Loop() {
				n++
				data := fmt.Sprintf(data, n)
				_, err := log.Execute(b.Context(), addProduct(fmt.Sprint(n), data), emit(data))
				require.NoError(b, err)
			}
			requests := store.Requests()
			b.ReportMetric(float64(requests[dcbtest.Read]+requests[dcbtest.Last])/float64(n), "queries/command")
			b.ReportMetric(float64(requests[dcbtest.Append])/float64(n), "transactions/command")
			b.ReportMetric(float64(requests[dcbtest.Guard])/float64(n), "gets/command")
		})
	}
}
