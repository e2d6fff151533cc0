package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

// operation is an operator's request.
func operation(kind, plugin, id string) registry.Request {
	r, o := registry.Request{ID: id, Type: kind}, &registry.Operation{Plugin: plugin, Reason: "why " + id}
	switch kind {
	case registry.TypeDeactivate:
		r.Deactivate = o
	case registry.TypeActivate:
		r.Activate = o
	default:
		r.Retire = o
	}
	return r
}

// row is a plugin's row.
func (w *world) row(plugin string) registry.Row {
	w.t.Helper()
	row, err := w.store.Row(context.Background(), plugin)
	require.NoError(w.t, err)
	return row
}

// watch is the schedule of one minute.
func (w *world) watch() {
	w.t.Helper()
	w.clock.Advance(time.Minute)
	_, err := w.admin.Handle(context.Background(), json.RawMessage(`{"reventless":"watch"}`))
	require.NoError(w.t, err)
}

// shop is a world with two plugins whose fields have resolvers.
func shop(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.api.Propagation = 1
	w.send(w.connect("Platform", "p1", query("platform")), w.connect("catalog", "c1", query("product", "products")), w.connect("ordering", "o1", query("order")))
	w.deliver(10)
	for _, field := range []string{"Query.platform", "Query.product", "Query.products", "Query.order"} {
		w.api.Attach(field)
	}
	return w
}

var (
	allFields      = []string{"Query.order", "Query.platform", "Query.product", "Query.products"}
	withoutCatalog = []string{"Query.order", "Query.platform"}
)

// restored checks that a resolver is the one that shop attached.
func restored(t *testing.T, w *world, fields ...string) {
	t.Helper()
	for _, field := range fields {
		resolver := w.api.Resolver(field)
		require.NotNil(t, resolver.Code, field)
		assert.Equal(t, "// "+field, *resolver.Code)
		assert.Equal(t, schemapushtest.PluginDataSource, *resolver.DataSourceName)
		assert.Equal(t, "UNIT", string(resolver.Kind))
		assert.NotNil(t, resolver.Runtime)
	}
}

func TestDeactivateAndActivate(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "d1").OK)
	assert.Equal(t, withoutCatalog, w.live())
	assert.Len(t, w.api.Resolvers(), 2, "those of the others stay")
	row := w.row("catalog")
	assert.Equal(t, registry.StatusInactive, row.Status)
	assert.Equal(t, "why d1", row.Reason)
	assert.Empty(t, row.Fields)
	assert.NotEmpty(t, row.StatusChangedAt)

	w.send(operation(registry.TypeDeactivate, "catalog", "d2"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "d2").OK, "it is what it should be")
	assert.Equal(t, int64(2), w.states()["catalog"].LogVersion)

	w.restart()
	w.send(operation(registry.TypeActivate, "catalog", "a1"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "a1").OK)
	assert.Equal(t, allFields, w.live())
	restored(t, w, allFields...)
	row = w.row("catalog")
	assert.Equal(t, registry.StatusConnected, row.Status)
	assert.Empty(t, row.Reason)
	assert.Equal(t, []string{"Query.product", "Query.products"}, row.Fields)
	assert.Empty(t, w.states()["catalog"].Detached)
}

func TestRedeployWhileInactive(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	pushes := w.pushes()
	w.send(w.connect("catalog", "c2", query("product", "new")), w.connect("broken", "b1", query("order")))
	w.deliver(10)
	outcome := w.outcome("catalog", "c2")
	assert.True(t, outcome.OK)
	require.Len(t, outcome.Notices, 1)
	assert.Contains(t, outcome.Notices[0], "why d1")
	assert.Contains(t, outcome.Notices[0], "Platform_activatePlugin")
	assert.Equal(t, pushes, w.pushes())
	assert.Equal(t, registry.StatusInactive, w.row("catalog").Status)
	assert.Equal(t, "hash-c2", w.row("catalog").Hash)
	w.send(w.connect("catalog", "c3", "type Query {"))
	w.deliver(10)
	assert.Equal(t, protocol.CodeInvalidSchema, w.outcome("catalog", "c3").Problems[0].Code)

	w.send(operation(registry.TypeActivate, "catalog", "a1"))
	w.deliver(10)
	assert.Equal(t, []string{"Query.new", "Query.order", "Query.platform", "Query.product"}, w.live(), "the latest fragment")
	restored(t, w, "Query.product")
	assert.NotContains(t, w.api.Resolvers(), "Query.products")
}

func TestDisconnectWhileInactive(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	w.send(disconnect("catalog", "c2", "c1"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c2").OK)
	assert.Equal(t, registry.StatusRetired, w.row("catalog").Status)
	w.send(w.connect("catalog", "c3", query("product")))
	w.deliver(10)
	assert.Equal(t, registry.StatusConnected, w.row("catalog").Status)
	assert.NotContains(t, w.api.Resolvers(), "Query.product", "a new stack attaches its own resolvers")
}

func TestActivationThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	w.send(w.connect("rival", "r1", query("product")))
	w.deliver(10)
	assert.True(t, w.outcome("rival", "r1").OK)
	w.api.Attach("Query.product")
	w.send(operation(registry.TypeActivate, "catalog", "a1"))
	w.deliver(10)
	refused := w.outcome("catalog", "a1")
	assert.Equal(t, protocol.CodeFieldConflict, refused.Problems[0].Code)
	assert.Equal(t, registry.StatusInactive, w.row("catalog").Status)
	assert.Contains(t, w.api.Resolvers(), "Query.product", "the rival's resolver stays")
	w.api.Detach("Query.product")
	w.send(disconnect("rival", "r2", "r1"), operation(registry.TypeActivate, "catalog", "a2"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "a2").OK)
	restored(t, w, allFields...)
}

func TestActivationWithoutItsDataSource(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"))
	w.deliver(10)
	w.api.RemoveDataSource()
	w.send(operation(registry.TypeActivate, "catalog", "a1"))
	w.deliver(10)
	outcome := w.outcome("catalog", "a1")
	assert.True(t, outcome.OK)
	require.Len(t, outcome.Notices, 2)
	assert.Contains(t, outcome.Notices[0], "Query.product")
	assert.Contains(t, w.row("catalog").Message, "pulumi refresh")
	assert.Equal(t, allFields, w.live())
}

func TestRefusedOperations(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeRetire, "catalog", "r1"), operation(registry.TypeDeactivate, "nobody", "n1"), operation(registry.TypeDeactivate, "Platform", "p2"))
	w.deliver(10)
	for plugin, want := range map[[2]string]string{
		{"catalog", "r1"}: protocol.CodeWrongStatus, {"nobody", "n1"}: protocol.CodeUnknownPlugin, {"Platform", "p2"}: protocol.CodeWrongStatus,
	} {
		assert.Equal(t, want, w.outcome(plugin[0], plugin[1]).Problems[0].Code)
	}
	assert.True(t, w.row("nobody").Deleted)
	assert.Equal(t, allFields, w.live())
}

func TestOperationsAmongOthers(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(
		w.connect("billing", "b1", query("invoice")), operation(registry.TypeDeactivate, "billing", "d1"),
		operation(registry.TypeActivate, "billing", "a1"), operation(registry.TypeDeactivate, "ordering", "d2"), w.connect("rival", "r1", query("order")),
	)
	w.deliver(10)
	for _, request := range [][2]string{{"billing", "b1"}, {"billing", "d1"}, {"billing", "a1"}, {"ordering", "d2"}, {"rival", "r1"}} {
		assert.True(t, w.outcome(request[0], request[1]).OK, request)
	}
	assert.Equal(t, []string{"Query.invoice", "Query.order", "Query.platform", "Query.product", "Query.products"}, w.live())
	assert.NotContains(t, w.api.Resolvers(), "Query.order")
}

func TestRetiredPluginComesBack(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.lapse("catalog")
	assert.Equal(t, registry.StatusDisconnected, w.row("catalog").Status)
	assert.Equal(t, allFields, w.live(), "a missed heartbeat takes no field away")
	w.send(operation(registry.TypeRetire, "catalog", "r1"))
	w.deliver(10)
	assert.Equal(t, registry.StatusRetired, w.row("catalog").Status)
	assert.Equal(t, withoutCatalog, w.live())
	w.send(w.connect("catalog", "c2", query("product")))
	w.deliver(10)
	assert.Equal(t, []string{"Query.order", "Query.platform", "Query.product"}, w.live())
	restored(t, w, "Query.product")
}

// lapse makes the registry believe that a plugin missed its heartbeats.
func (w *world) lapse(plugin string) {
	w.t.Helper()
	version := w.states()[plugin].LogVersion
	w.send(registry.Request{ID: fmt.Sprint("lapse ", plugin, version), Type: registry.TypeLapse, Lapse: &registry.Beats{Plugin: plugin, LogVersion: version, Minutes: 5}})
	w.deliver(10)
}

// TestOperationsCrashAtEveryRequest ends the function at each of its requests to AWS
// while it deactivates, activates, retires or connects a plugin, and delivers again; or
// loses the message, and then things are as the log says.
func TestOperationsCrashAtEveryRequest(t *testing.T) {
	t.Parallel()
	inactive := func(t *testing.T) *world {
		w := shop(t)
		w.send(operation(registry.TypeDeactivate, "catalog", "d0"))
		w.deliver(10)
		return w
	}
	lapsed := func(t *testing.T) *world {
		w := shop(t)
		w.lapse("catalog")
		return w
	}
	retired := func(t *testing.T) *world {
		w := lapsed(t)
		w.send(operation(registry.TypeRetire, "catalog", "r0"))
		w.deliver(10)
		return w
	}
	cases := map[string]struct {
		begin   func(t *testing.T) *world
		request func(w *world) registry.Request
		status  string
		fields  []string
	}{
		"deactivate": {shop, func(*world) registry.Request { return operation(registry.TypeDeactivate, "catalog", "x") }, registry.StatusInactive, withoutCatalog},
		"activate":   {inactive, func(*world) registry.Request { return operation(registry.TypeActivate, "catalog", "x") }, registry.StatusConnected, allFields},
		"retire":     {lapsed, func(*world) registry.Request { return operation(registry.TypeRetire, "catalog", "x") }, registry.StatusRetired, withoutCatalog},
		"connect again": {retired, func(w *world) registry.Request {
			return w.connect("catalog", "x", query("product", "products"))
		}, registry.StatusConnected, allFields},
	}
	for name, c := range cases {
		start := func(t *testing.T) *world {
			w := c.begin(t)
			w.send(c.request(w))
			w.crash.calls = 0
			return w
		}
		w := start(t)
		versions := w.states()["catalog"].LogVersion
		w.deliver(10)
		require.Equal(t, c.status, w.row("catalog").Status)
		after := w.states()["catalog"].LogVersion
		require.Greater(t, after, versions)
		for _, mode := range crashModes {
			for at := 1; at <= w.crash.calls+5; at++ {
				t.Run(fmt.Sprint(name, " ", mode, " ", at), func(t *testing.T) {
					t.Parallel()
					w := start(t)
					w.crash.at, w.crash.mode = at, mode
					w.deliver(10)
					w.crash.at = 0
					w.deliverAll()
					assert.True(t, w.outcome("catalog", "x").OK)
					assert.Equal(t, c.status, w.row("catalog").Status)
					assert.Equal(t, after, w.states()["catalog"].LogVersion, "no event twice")
					assert.Equal(t, c.fields, w.live())
					assert.Len(t, w.api.Resolvers(), len(c.fields))
					restored(t, w, c.fields...)
				})
				t.Run(fmt.Sprint(name, " lost ", mode, " ", at), func(t *testing.T) {
					t.Parallel()
					w := start(t)
					w.crash.at, w.crash.mode = at, mode
					w.deliver(10)
					w.crash.at, w.fifo = 0, nil
					w.send(w.connect("other", "other", query("other")))
					w.deliver(10)
					fields := withoutCatalog
					if w.states()["catalog"].Served() {
						fields = allFields
					}
					assert.Equal(t, append([]string{"Query.order", "Query.other"}, fields[1:]...), w.live())
					restored(t, w, fields...)
					assert.Len(t, w.api.Resolvers(), len(fields))
				})
			}
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newWorld(t)
	beating := w.connect("catalog", "c1", query("a"))
	beating.Connect.HeartbeatMinutes = 5
	w.send(beating, w.connect("quiet", "q1", query("b")), w.connect("Platform", "p1", query("platform")))
	w.deliver(10)
	beat := func() {
		require.NoError(t, w.store.Beat(ctx, registry.Beat{
			Plugin: "catalog", LastSeen: eventlog.FormatTime(w.clock.Now()), Minutes: 5, Version: "1.0.0", Stack: "o/catalog/alpha",
		}))
	}
	for range 6 {
		w.watch()
	}
	assert.Empty(t, w.fifo, "within the grace")
	w.watch()
	w.watch()
	require.Len(t, w.fifo, 1, "what is seen twice is one request")
	w.deliver(10)
	assert.Equal(t, registry.StatusDisconnected, w.row("catalog").Status)
	assert.Equal(t, []string{"Query.a"}, w.row("catalog").Fields)
	assert.Equal(t, []string{"Query.a", "Query.b", "Query.platform"}, w.live())
	assert.Equal(t, 1, w.pushes())
	w.watch()
	assert.Empty(t, w.fifo, "transitions only")

	beat()
	w.watch()
	require.Len(t, w.fifo, 1)
	w.deliver(10)
	assert.Equal(t, registry.StatusConnected, w.row("catalog").Status)
	assert.Equal(t, registry.StatusConnected, w.row("quiet").Status, "it never said that it beats")

	for range 9 {
		w.watch()
	}
	require.Len(t, w.fifo, 1)
	again := w.connect("catalog", "c2", query("a", "c"))
	again.Connect.HeartbeatMinutes = 5
	lapse := w.fifo
	w.fifo = nil
	w.send(again)
	w.deliver(10)
	w.fifo = lapse
	w.deliver(10)
	assert.Equal(t, registry.StatusConnected, w.row("catalog").Status, "a lapse that was seen before a connect is none")
	var kinds []string
	past, _, err := w.store.History(ctx, "catalog", 0, 10)
	require.NoError(t, err)
	for _, e := range past {
		kinds = append(kinds, e.Type)
	}
	assert.Equal(t, []string{"PluginConnected", "PluginHeartbeatResumed", "PluginHeartbeatMissed", "PluginConnected"}, kinds)
}

func TestRequestsThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.connect("catalog", "c1", query("old"))
	old.Time = eventlog.FormatTime(w.clock.Now())
	fresh := w.connect("catalog", "c2", query("new"))
	fresh.Time = eventlog.FormatTime(w.clock.Now().Add(time.Hour))
	w.send(fresh)
	w.deliver(10)
	w.clock.Advance(time.Hour)
	gone := disconnect("catalog", "c3", "c2")
	gone.Time = old.Time
	w.send(old, gone)
	w.deliver(10)
	for _, id := range []string{"c1", "c3"} {
		refused := w.outcome("catalog", id)
		require.False(t, refused.OK)
		assert.Equal(t, protocol.CodeExpired, refused.Problems[0].Code)
	}
	assert.Equal(t, []string{"Query.new"}, w.live())
	assert.Equal(t, "hash-c2", w.row("catalog").Hash)
}
