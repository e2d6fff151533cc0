package admin_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// sent gives a request the present time, as the connect function does.
func (w *world) sent(r registry.Request) registry.Request {
	r.Time = eventlog.FormatTime(w.clock.Now())
	return r
}

// A request that is redriven from the dead-letter queue comes after those that were sent
// later. It must not undo them, however young it is.
func TestOvertakenRequestsAreRefused(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]func(*world) registry.Request{
		"connect":    func(w *world) registry.Request { return w.connect("catalog", "late", query("late")) },
		"disconnect": func(*world) registry.Request { return disconnect("catalog", "late", "c2") },
		"deactivate": func(*world) registry.Request { return operation(registry.TypeDeactivate, "catalog", "late") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			redriven := w.sent(late(w))
			w.clock.Advance(10 * time.Second)
			w.send(w.sent(w.connect("catalog", "c2", query("a"))))
			w.deliver(10)
			w.send(redriven)
			w.deliver(10)
			refused := w.outcome("catalog", "late")
			require.False(t, refused.OK)
			assert.Equal(t, protocol.CodeExpired, refused.Problems[0].Code)
			assert.Contains(t, refused.Problems[0].Message, "comes too late")
			assert.Equal(t, []string{"Query.a"}, w.live())
			assert.Equal(t, int64(1), w.states()["catalog"].LogVersion)
		})
	}
}

func TestSimultaneousRequestsMayChangePlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operator := w.sent(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.clock.Advance(500 * time.Millisecond)
	w.send(w.sent(w.connect("Platform", "p1", query("platform"))), w.sent(w.connect("catalog", "c1", query("a"))), operator)
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "d1").OK)
}

// SQS drops copies for five minutes only. One that is in a batch with the original and with
// what came after it must not bring back the older revision.
func TestCopyInOneBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")), w.connect("catalog", "c2", query("b")))
	w.fifo = append(w.fifo, w.fifo[0])
	w.fifo[2].id = "copy"
	w.deliver(10)
	assert.Equal(t, "hash-c2", w.states()["catalog"].Hash)
	assert.Equal(t, int64(2), w.states()["catalog"].LogVersion)
	assert.Equal(t, []string{"Query.b"}, w.live())
}

// A stack whose update was refused, or interrupted, has another revision in its state than
// the registry. When it is destroyed, its plugin must go all the same.
func TestDestroyedStackTakesItsPluginAway(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(w.connect("catalog", "c2", query("order")))
	w.deliver(10)
	require.False(t, w.outcome("catalog", "c2").OK)

	w.send(disconnect("catalog", "stale", "c2"))
	w.deliver(10)
	assert.Equal(t, allFields, w.live(), "it has resolvers, so this is a connection that was replaced")
	assert.True(t, w.outcome("catalog", "stale").OK)

	w.api.Detach("Query.product")
	w.api.Detach("Query.products")
	stranger := disconnect("catalog", "stranger", "c2")
	stranger.Disconnect.Stack = "o/stranger/alpha"
	w.send(stranger)
	w.deliver(10)
	assert.Equal(t, allFields, w.live())
	w.send(disconnect("catalog", "gone", "c2"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "gone").OK)
	assert.Equal(t, withoutCatalog, w.live())
	assert.Equal(t, registry.StatusRetired, w.row("catalog").Status)
}

// The update that was interrupted may still wait in the queue, in one batch with the
// disconnect.
func TestInterruptedUpdateAndDestroyInOneBatch(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.api.Detach("Query.product")
	w.api.Detach("Query.products")
	w.send(w.connect("catalog", "c2", query("product")), disconnect("catalog", "gone", "c1"))
	w.deliver(10)
	assert.Equal(t, withoutCatalog, w.live())
	assert.Equal(t, registry.StatusRetired, w.row("catalog").Status)
}

// watched runs the watch, and what it asks for.
func (w *world) watched() {
	w.t.Helper()
	w.watch()
	w.deliverAll()
}

func TestWatchRepairsTheSchema(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(sdl string) string{
		"fields missing":     func(string) string { return query("platform") },
		"replaced":           func(string) string { return query("strange") },
		"directives missing": func(sdl string) string { return strings.ReplaceAll(sdl, " @aws_api_key", "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(w.connect("Platform", "p1", query("platform")), w.connect("catalog", "c1", "type Query { a: Int @aws_api_key }"))
			w.deliver(10)
			good, pushes := w.api.SDL(), w.pushes()
			w.watched()
			assert.Equal(t, pushes, w.pushes(), "nothing is wrong")
			w.api.SetSDL(change(good))
			w.watched()
			assert.Equal(t, good, w.api.SDL())
			assert.Equal(t, pushes+1, w.pushes())
			w.watched()
			assert.Empty(t, w.fifo)
			assert.Equal(t, pushes+1, w.pushes())
		})
	}
}

// AppSync may write the same schema in another way one day. It is looked at once.
func TestWatchTakesNoteOfAnotherNotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	w.api.SetSDL("# another notation\n" + w.api.SDL())
	w.watched()
	ids := w.ids
	w.watched()
	assert.Equal(t, 1, w.pushes())
	assert.Equal(t, ids, w.ids, "nothing is asked for again")
}

// A batch that ends among the dead letters leaves the schema, or the rows, behind the log.
func TestWatchEndsWhatALostBatchBegan(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.receives = 1
	w.api.Before = func(operation string) error {
		if operation == "StartSchemaCreation" {
			return errCrash
		}
		return nil
	}
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	require.Len(t, w.dead, 1)
	assert.Equal(t, allFields, w.live())
	w.api.Before = nil
	w.watched()
	assert.Equal(t, withoutCatalog, w.live())
	assert.Equal(t, registry.StatusInactive, w.row("catalog").Status)
}

// A lost sweep is asked for again, so that kept fields do not stay for ever.
func TestWatchMissesASweep(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(w.connect("catalog", "c2", query("product")))
	w.deliver(10)
	require.Len(t, w.sweeps, 1)
	w.sweeps = nil
	w.api.Detach("Query.products")
	w.watched()
	assert.Equal(t, allFields, w.live(), "it may still come")
	w.clock.Advance(10 * time.Minute)
	w.watched()
	assert.Equal(t, []string{"Query.order", "Query.platform", "Query.product"}, w.live())
}

// A push of directives alone that outlasts the function shows in the text only.
func TestDirectivesOutlastTheFunction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", "type Query { a: T } type T { x: Int }"))
	w.deliver(10)
	w.api.Creation = 200 * time.Second
	w.send(w.connect("catalog", "c2", "type Query { a: T } type T { x: Int @aws_api_key }"))
	pushes := w.pushes()
	for range 3 {
		w.deliverFor(150 * time.Second)
		w.restart()
	}
	assert.Empty(t, w.fifo)
	assert.True(t, w.outcome("catalog", "c2").OK)
	assert.Equal(t, pushes+1, w.pushes())
}

// A refusal that outlasts the function is one of the push that was begun, not begun again.
func TestRefusalOutlastsTheFunction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	w.api.Creation = 200 * time.Second
	w.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, "poison") {
			return "no"
		}
		return ""
	}
	pushes := w.pushes()
	w.send(w.connect("catalog", "c2", query("poison")))
	for range 4 {
		w.deliverFor(150 * time.Second)
		w.restart()
	}
	assert.Empty(t, w.fifo)
	assert.Empty(t, w.dead)
	assert.Equal(t, protocol.CodeSchemaRefused, w.outcome("catalog", "c2").Problems[0].Code)
	assert.LessOrEqual(t, w.pushes()-pushes, 2, "the refused one, and the one before again")
	assert.Equal(t, []string{"Query.a"}, w.live())
}

// A verdict on an earlier push is not taken for one on a push that never began.
func TestEarlierRefusalIsNotOfThePushThatNeverBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	w.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, "poison") {
			return "no"
		}
		return ""
	}
	w.send(w.connect("catalog", "c2", query("poison")))
	w.deliver(10)
	require.False(t, w.outcome("catalog", "c2").OK)
	down := true
	w.api.Before = func(operation string) error {
		if operation == "StartSchemaCreation" && down {
			return errCrash
		}
		return nil
	}
	w.send(w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	down = false
	w.deliverAll()
	assert.True(t, w.outcome("ordering", "o1").OK)
}

func TestWatchSaysNothingDuringAPush(t *testing.T) {
	t.Parallel()
	w := shop(t)
	_, err := w.admin.Handle(context.Background(), json.RawMessage(`{"reventless":"watch"}`))
	require.NoError(t, err)
	assert.Empty(t, w.fifo)
}
