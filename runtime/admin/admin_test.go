package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

func query(fields ...string) string {
	if len(fields) == 0 {
		return ""
	}
	return "type Query {\n  " + strings.Join(fields, ": Int\n  ") + ": Int\n}\n"
}

func TestBatchIsOnePush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		name := fmt.Sprint("p", i)
		w.send(w.connect(name, name, query(name)))
	}
	w.deliver(10)
	assert.Equal(t, 1, w.pushes())
	for i := range 10 {
		name := fmt.Sprint("p", i)
		assert.True(t, w.outcome(name, name).OK)
		row, err := w.store.Row(context.Background(), name)
		require.NoError(t, err)
		assert.Equal(t, registry.StatusConnected, row.Status)
		assert.Equal(t, []string{"Query." + name}, row.Fields)
	}
	assert.Len(t, w.live(), 10)
	assert.Empty(t, w.api.Resolvers(), "the trial of a resolver leaves nothing")
	assert.Equal(t, 1, w.api.Counts()["DeleteResolver"])
}

func TestNothingChangedIsNoPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	before := w.db.Requests()["PutItem"]
	again := w.connect("catalog", "c1", query("a"))
	again.ID = "c1 again"
	w.send(again)
	w.restart()
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c1 again").OK)
	assert.Equal(t, 1, w.pushes())
	assert.Equal(t, int64(1), w.states()["catalog"].LogVersion, "no event")
	assert.Equal(t, 1, w.db.Requests()["PutItem"]-before, "the row with the outcome")

	renewed := w.connect("catalog", "c1", query("a"))
	renewed.ID, renewed.Connect.Nonce = "c2", "2"
	w.send(renewed)
	w.deliver(10)
	assert.Equal(t, "2", w.states()["catalog"].Nonce, "a new nonce is recorded")
	assert.Equal(t, 1, w.pushes())
}

func TestRefusedRequestLeavesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(
		w.connect("catalog", "c1", query("product")),
		w.connect("ordering", "o1", query("order", "product")),
		w.connect("broken", "b1", "type Query {"),
		w.connect("billing", "i1", query("invoice")),
	)
	w.deliver(10)
	assert.Equal(t, []string{"Query.invoice", "Query.product"}, w.live())
	assert.Equal(t, 1, w.pushes())
	refused := w.outcome("ordering", "o1")
	assert.False(t, refused.OK)
	assert.Equal(t, protocol.CodeFieldConflict, refused.Problems[0].Code)
	assert.Contains(t, refused.Problems[0].Message, "catalog")
	assert.Equal(t, protocol.CodeInvalidSchema, w.outcome("broken", "b1").Problems[0].Code)

	row, err := w.store.Row(context.Background(), "ordering")
	require.NoError(t, err)
	assert.Equal(t, registry.StatusRefused, row.Status)
	assert.Contains(t, row.Message, "product")
	w.send(disconnect("ordering", "o2", "o1"))
	w.deliver(10)
	assert.True(t, w.outcome("ordering", "o2").OK)
	row, err = w.store.Row(context.Background(), "ordering")
	require.NoError(t, err)
	assert.True(t, row.Deleted, "what was refused and destroyed is hidden")
}

func TestRefusedRevisionKeepsTheOneBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("product")), w.connect("ordering", "o1", query("order")))
	w.deliver(10)
	w.send(w.connect("ordering", "o2", query("product")))
	w.deliver(10)
	row, err := w.store.Row(context.Background(), "ordering")
	require.NoError(t, err)
	assert.Equal(t, registry.StatusConnected, row.Status)
	assert.Equal(t, "hash-o1", row.Hash)
	assert.Equal(t, []string{"Query.order"}, row.Fields)
	assert.NotEmpty(t, row.Message)
	assert.Equal(t, []string{"Query.order", "Query.product"}, w.live())
}

func TestFieldMovesWithinABatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a", "b")))
	w.deliver(10)
	w.send(w.connect("catalog", "c2", query("a")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	assert.True(t, w.outcome("ordering", "o1").OK)
	assert.Equal(t, []string{"Query.a", "Query.b"}, w.live())
}

func TestAppSyncRefuses(t *testing.T) {
	t.Parallel()
	for name, atOnce := range map[string]bool{"later": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.api.RefuseAtOnce = atOnce
			w.api.Refuse = func(sdl string) string {
				if strings.Contains(sdl, "poison") {
					return "Failed to parse schema document"
				}
				return ""
			}
			w.send(w.connect("catalog", "c1", query("product")))
			w.deliver(10)
			w.send(w.connect("a", "a1", query("a")), w.connect("b", "b1", query("poison")), w.connect("c", "c3", query("c")))
			w.deliver(10)
			assert.Equal(t, []string{"Query.a", "Query.c", "Query.product"}, w.live())
			for _, id := range []string{"a1", "c3"} {
				assert.True(t, w.outcome(id[:1], id).OK, id)
			}
			refused := w.outcome("b", "b1")
			assert.Equal(t, protocol.CodeSchemaRefused, refused.Problems[0].Code)
			assert.Contains(t, refused.Problems[0].Message, "Failed to parse schema document")
			assert.Zero(t, w.states()["b"].LogVersion, "nothing was appended")

			pushes := w.pushes()
			w.send(disconnect("b", "b2", "b1"))
			w.deliver(10)
			assert.Equal(t, pushes, w.pushes(), "what is good is not pushed again")
			w.send(w.connect("a", "a2", query("a", "poison")))
			w.deliver(10)
			assert.Equal(t, []string{"Query.a", "Query.c", "Query.product"}, w.live(), "the revision before stays")
			assert.Equal(t, "hash-a1", w.states()["a"].Hash)
		})
	}
}

func TestConflictsThrottlingAndFalseReports(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *world){
		"409 after the push":           func(w *world) { w.api.ConflictsAfter = 30 * time.Second },
		"429 at every second request":  func(w *world) { w.api.ThrottleEvery = 2 },
		"FAILED while being processed": func(w *world) { w.api.FalseFailures = 5 },
		"slow resolver store":          func(w *world) { w.api.Propagation = 7 },
		"stale state and schema":       func(w *world) { w.api.StaleReads = 3 },
		"all of it": func(w *world) {
			w.api.ConflictsAfter, w.api.ThrottleEvery, w.api.FalseFailures, w.api.Propagation = 10*time.Second, 3, 2, 3
		},
	}
	for name, fault := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			fault(w)
			w.send(w.connect("catalog", "c1", query("a")))
			w.deliver(10)
			assert.True(t, w.outcome("catalog", "c1").OK)
			w.send(w.connect("ordering", "o1", query("b")), disconnect("catalog", "c2", "c1"))
			w.deliver(10)
			assert.True(t, w.outcome("ordering", "o1").OK)
			assert.Equal(t, []string{"Query.b"}, w.live())
			assert.Equal(t, 2, w.pushes())
			assert.Empty(t, w.api.Resolvers())
			assert.Zero(t, w.handedBack)
		})
	}
}

func TestTimeRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.Propagation = 40
	w.clock.End = w.clock.Now().Add(20 * time.Second)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	assert.Len(t, w.fifo, 1, "the message is handed back")
	assert.Equal(t, 1, w.handedBack)
	assert.Empty(t, w.states(), "no event before others can use the field")
	w.clock.End = time.Time{}
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c1").OK)
	assert.Equal(t, 1, w.pushes(), "a push that has arrived is not repeated")
}

func TestLiveSchemaIsRestored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a", "b")))
	w.deliver(10)
	w.api.SetSDL(query("a"))
	w.send(registry.Request{ID: "s", Type: registry.TypeSweep, Sweep: &registry.Sweep{}})
	w.deliver(10)
	assert.Equal(t, []string{"Query.a", "Query.b"}, w.live())
}

func TestDirectivesAlonePush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	w.send(w.connect("catalog", "c2", "type Query { a: Int @deprecated(reason: \"old\") }"))
	w.deliver(10)
	assert.Equal(t, 2, w.pushes())
	assert.Contains(t, w.api.SDL(), "deprecated")
}

func TestLastPluginGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	w.send(disconnect("catalog", "c2", "c1"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c2").OK)
	assert.False(t, w.states()["catalog"].Served())
	row, err := w.store.Row(context.Background(), "catalog")
	require.NoError(t, err)
	assert.Equal(t, registry.StatusRetired, row.Status)
	assert.Empty(t, row.Fields)
}

func TestUnreadableMessageFailsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.fifo = append(w.fifo, message{id: "x", body: "nonsense"})
	w.send(w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c1").OK)
	assert.True(t, w.outcome("ordering", "o1").OK)
	assert.Len(t, w.fifo, 1)
	w.deliverAll()
	require.Len(t, w.dead, 1)
	assert.Equal(t, "x", w.dead[0].id)
}

func TestRowsAreRebuiltFromTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	w.db.Before, w.db.After = nil, nil
	for _, item := range w.db.Items("plugins") {
		w.deleteRow(item)
	}
	w.restart()
	w.send(w.connect("billing", "i1", query("c")))
	w.deliver(10)
	assert.Equal(t, []string{"Query.a", "Query.b", "Query.c"}, w.live())
	row, err := w.store.Row(context.Background(), "ordering")
	require.NoError(t, err)
	assert.Equal(t, []string{"Query.b"}, row.Fields)
}

func TestBrokenConnectedPluginBlocksUntilItIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	// As if an older release had accepted what this one does not.
	request := w.connect("catalog", "c2", "type Query {")
	decided, _, err := registry.Rules{}.Decide(w.states()["catalog"], request)
	require.NoError(t, err)
	_, err = w.store.Append(context.Background(), w.states()["catalog"], request, "2026-01-01T00:00:00.000Z", decided...)
	require.NoError(t, err)
	w.restart()

	w.send(w.connect("ordering", "o2", query("b", "c")), w.connect("catalog", "c3", "type Query {"))
	w.deliver(10)
	assert.Contains(t, w.outcome("ordering", "o2").Problems[0].Message, `deploy plugin "catalog" again`)
	assert.Equal(t, protocol.CodeInvalidSchema, w.outcome("catalog", "c3").Problems[0].Code)
	assert.Equal(t, []string{"Query.a", "Query.b"}, w.live(), "nothing was pushed")
	w.send(w.connect("catalog", "c4", query("e")))
	w.deliver(10)
	assert.Equal(t, []string{"Query.b", "Query.e"}, w.live())
}

func TestHandleRefusesOtherInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, payload := range []string{`{}`, `[]`, `nonsense`} {
		_, err := w.admin.Handle(context.Background(), json.RawMessage(payload))
		assert.ErrorContains(t, err, "SQS")
	}
}

func TestGuardNeverDropsAField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	row, err := w.store.Row(context.Background(), "catalog")
	require.NoError(t, err)
	row.Fields = append(row.Fields, "Query.b") // the row knows a field that the log's fragment lacks
	require.NoError(t, w.store.Save(context.Background(), &row))
	w.send(w.connect("Platform", "p0", query("platform")))
	w.deliver(1)
	assert.Equal(t, 1, w.pushes(), "nothing is pushed")
	assert.Empty(t, w.fifo, "to try again would change nothing")
	refused := w.outcome("Platform", "p0")
	assert.Equal(t, protocol.CodeWouldDrop, refused.Problems[0].Code)
	assert.Contains(t, refused.Problems[0].Message, "catalog Query.b")
	w.send(w.connect("catalog", "c2", query("a", "b")), w.connect("Platform", "p1", query("platform")))
	w.deliver(10)
	assert.True(t, w.outcome("Platform", "p1").OK, "a new revision says what it wants")
	assert.Equal(t, []string{"Query.a", "Query.b", "Query.platform"}, w.live())
}

func TestAppSyncRefusesEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	w.api.SetSDL(query("a")) // somebody damages the schema, and then it cannot be repaired
	w.api.Refuse = func(string) string { return "no" }
	w.send(w.connect("catalog", "c2", query("a", "c")), disconnect("ordering", "o2", "o1"))
	w.deliver(10)
	assert.Empty(t, w.fifo)
	assert.Equal(t, protocol.CodeSchemaRefused, w.outcome("catalog", "c2").Problems[0].Code)
	assert.False(t, w.outcome("ordering", "o2").OK)
	row, err := w.store.Row(context.Background(), "catalog")
	require.NoError(t, err)
	assert.Equal(t, []string{"Query.a"}, row.Fields)
	w.api.Refuse = nil
	w.send(w.connect("catalog", "c3", query("a", "c")))
	w.deliver(10)
	assert.Equal(t, []string{"Query.a", "Query.b", "Query.c"}, w.live())
}
