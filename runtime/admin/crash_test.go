package admin_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// deleteRow deletes a row behind everybody's back.
func (w *world) deleteRow(item eventlogtest.Item) {
	table := "plugins"
	_, err := w.db.DeleteItem(w.t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: map[string]types.AttributeValue{"id": item["id"]}})
	require.NoError(w.t, err)
}

// everything is a world in which one batch that does everything waits.
func everything(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.api.Propagation = 1
	w.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, "poison") {
			return "refused"
		}
		return ""
	}
	w.send(w.connect("Platform", "p1", query("platform")), w.connect("catalog", "c1", query("a", "old")), w.connect("ordering", "o1", query("b")))
	w.deliver(10)
	w.send(w.connect("calm", "m1", query("calm")))
	w.deliver(10)
	w.api.Attach("Query.old")
	w.send(
		w.connect("catalog", "c2", query("a", "new")), // drops old, which has a resolver
		disconnect("ordering", "o2", "o1"),
		w.connect("bad", "x1", query("poison")),
		w.connect("billing", "i1", query("b")), // takes over what ordering gave up
		w.connect("rival", "r1", query("a")),
		w.connect("twice", "t1", query("t1")),
		w.connect("twice", "t2", query("t2")),
	)
	w.crash.calls = 0
	return w
}

// atEveryRequest ends the function at each of its requests to AWS in each way.
func atEveryRequest(t *testing.T, check func(t *testing.T, w *world)) {
	t.Helper()
	w := everything(t)
	w.deliver(10)
	calls := w.crash.calls
	for _, mode := range crashModes {
		// How often AppSync is polled is random, so a few more.
		for at := 1; at <= calls+10; at++ {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				w := everything(t)
				w.crash.at, w.crash.mode = at, mode
				w.deliver(10)
				w.crash.at = 0
				check(t, w)
			})
		}
	}
}

// TestCrashAtEveryRequest delivers the batch again after the crash.
func TestCrashAtEveryRequest(t *testing.T) {
	t.Parallel()
	outcomes := map[[2]string]bool{
		{"catalog", "c2"}: true, {"ordering", "o2"}: true, {"bad", "x1"}: false, {"billing", "i1"}: true, {"rival", "r1"}: false,
		{"twice", "t1"}: true, {"twice", "t2"}: true,
	}
	versions := map[string]int64{"catalog": 2, "ordering": 2, "bad": 0, "billing": 1, "rival": 0, "twice": 2}
	atEveryRequest(t, func(t *testing.T, w *world) {
		pushes := w.pushes()
		w.deliverAll()
		assert.Equal(t, []string{"Query.a", "Query.b", "Query.calm", "Query.new", "Query.old", "Query.platform", "Query.t2"}, w.live())
		for request, ok := range outcomes {
			assert.Equal(t, ok, w.outcome(request[0], request[1]).OK, request)
		}
		for name, version := range versions {
			assert.Equal(t, version, w.states()[name].LogVersion, "%s: no event twice", name)
		}
		assert.LessOrEqual(t, w.pushes()-pushes, 8, "at most one push for each request, and one")
		w.api.Detach("Query.old")
		w.deliverSweeps()
		assert.Equal(t, []string{"Query.a", "Query.b", "Query.calm", "Query.new", "Query.platform", "Query.t2"}, w.live())
		assert.Empty(t, w.api.Resolvers(), "no trial is left over")
	})
}

// TestBatchIsLostAfterACrash loses the batch to the dead-letter queue. What the log
// says then holds, and the next request of another plugin brings the API to it.
func TestBatchIsLostAfterACrash(t *testing.T) {
	t.Parallel()
	fields := map[string][]string{
		"hash-p1": {"platform"}, "hash-c1": {"a", "old"}, "hash-o1": {"b"}, "hash-m1": {"calm"}, "hash-c2": {"a", "new"},
		"hash-i1": {"b"}, "hash-t1": {"t1"}, "hash-t2": {"t2"}, "hash-n1": {"next"},
	}
	atEveryRequest(t, func(t *testing.T, w *world) {
		w.fifo = nil
		w.send(w.connect("next", "n1", query("next")))
		w.deliver(10)
		assert.True(t, w.outcome("next", "n1").OK)
		w.api.Detach("Query.old")
		w.send(registry.Request{ID: "sweep", Type: registry.TypeSweep, Sweep: &registry.Sweep{}})
		w.deliver(10)
		var want []string
		for _, state := range w.states() {
			if state.Served() {
				for _, field := range fields[state.Hash] {
					want = append(want, "Query."+field)
				}
			}
		}
		slices.Sort(want)
		assert.Equal(t, want, w.live())
		assert.Empty(t, w.api.Resolvers())
	})
}

// TestRandomHistories lets plugins come, change and go at random, with crashes and
// faults of AppSync, and compares with a simple model of who owns which field.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			newHistory(t, seed).run()
		})
	}
}

// history is one random run.
type history struct {
	*world
	random *rand.Rand
	// fields are those of each revision by hash, owners the model.
	fields map[string][]string
	owners map[string]string
	// current is the hash that the model has connected for a plugin.
	current map[string]string
	want    map[string]bool
	plugin  map[string]string
	n       int
	busy    map[string]bool
	// inactive are the plugins that an operator deactivated, with their hashes.
	inactive map[string]string
	// poisoned are plugins with a waiting request that AppSync will refuse. They wait
	// for it: in one batch with a better revision it would never be pushed.
	poisoned map[string]bool
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{
		world: newWorld(t), random: rand.New(rand.NewPCG(seed, 1)), fields: map[string][]string{}, owners: map[string]string{},
		current: map[string]string{}, want: map[string]bool{}, plugin: map[string]string{}, busy: map[string]bool{},
		poisoned: map[string]bool{}, inactive: map[string]string{},
	}
	h.receives = 1000
	h.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, "poison") {
			return "refused"
		}
		return ""
	}
	h.api.Propagation = h.random.IntN(4)
	h.api.FalseFailures = h.random.IntN(2)
	h.api.ConflictsAfter = time.Duration(h.random.IntN(3)) * time.Second
	h.api.Applied = h.applied
	h.send(h.connect("Platform", "platform", query("platform")))
	h.model("Platform", "platform", []string{"platform"})
	h.deliverAll()
	return h
}

// applied checks a schema that takes effect: no field of a plugin may be missing which
// is connected according to the log and which no waiting request is about.
func (h *history) applied(sdl string) {
	live, err := schema.ParseLive(sdl)
	require.NoError(h.t, err)
	for name, state := range h.states() {
		if !state.Served() || h.busy[name] {
			continue
		}
		for _, field := range h.fields[state.Hash] {
			assert.True(h.t, live.RootFields()["Query."+field], "field %s of %s was lost", field, name)
		}
	}
}

// model decides on a connect request as the registry should.
func (h *history) model(plugin, id string, fields []string) {
	hash := "hash-" + id
	h.fields[hash], h.plugin[id] = fields, plugin
	if h.inactive[plugin] != "" {
		h.inactive[plugin], h.want[id] = hash, true
		return
	}
	h.want[id] = h.take(plugin, hash)
}

// take gives a plugin the fields of a revision, if nobody else has them.
func (h *history) take(plugin, hash string) bool {
	for _, field := range h.fields[hash] {
		if owner := h.owners[field]; field == "poison" || (owner != "" && owner != plugin) {
			return false
		}
	}
	h.release(plugin)
	for _, field := range h.fields[hash] {
		h.owners[field] = plugin
	}
	h.current[plugin] = hash
	return true
}

// operate sends an operator's request.
func (h *history) operate(plugin, id string) {
	kind := registry.TypeDeactivate
	if h.random.IntN(2) == 0 {
		kind = registry.TypeActivate
	}
	h.send(operation(kind, plugin, id))
	h.plugin[id], h.busy[plugin] = plugin, true
	current, inactive := h.current[plugin], h.inactive[plugin]
	h.want[id] = current != "" || inactive != ""
	switch {
	case kind == registry.TypeDeactivate && current != "":
		h.release(plugin)
		h.inactive[plugin] = current
	case kind == registry.TypeActivate && inactive != "":
		if h.want[id] = h.take(plugin, inactive); h.want[id] {
			delete(h.inactive, plugin)
		}
	}
}

func (h *history) release(plugin string) {
	maps.DeleteFunc(h.owners, func(_, owner string) bool { return owner == plugin })
	delete(h.current, plugin)
}

// act sends one random request.
func (h *history) act() {
	h.n++
	plugin, id := fmt.Sprint("p", h.random.IntN(5)), fmt.Sprint("r", h.n)
	if h.poisoned[plugin] {
		return
	}
	if h.random.IntN(5) == 0 {
		h.operate(plugin, id)
		return
	}
	if h.random.IntN(4) == 0 {
		h.busy[plugin] = true
		hash := h.current[plugin] + h.inactive[plugin] // one of them is empty
		if hash == "" || h.random.IntN(3) == 0 {
			hash = "hash-stale"
		}
		stale := disconnect(plugin, id, strings.TrimPrefix(hash, "hash-"))
		if hash == "hash-stale" {
			stale.Disconnect.Stack = "o/stranger/alpha" // the plugin's own stack would mean it
		}
		h.send(stale)
		h.want[id], h.plugin[id] = true, plugin
		if hash == h.current[plugin] {
			h.release(plugin)
		}
		if hash == h.inactive[plugin] {
			delete(h.inactive, plugin)
		}
		return
	}
	var fields []string
	for i := range 8 {
		if h.random.IntN(3) == 0 {
			fields = append(fields, fmt.Sprintf("%s_%d", plugin, i))
		}
	}
	if h.random.IntN(3) == 0 {
		fields = append(fields, fmt.Sprint("shared", h.random.IntN(3)))
	}
	if h.random.IntN(10) == 0 && !h.busy[plugin] && h.inactive[plugin] == "" {
		fields, h.poisoned[plugin] = append(fields, "poison"), true
	}
	h.busy[plugin] = true
	h.send(h.connect(plugin, id, query(fields...)))
	h.model(plugin, id, fields)
}

// work delivers a batch, with a crash now and then, and checks what must hold after
// every batch that succeeded.
func (h *history) work() {
	if h.random.IntN(2) == 0 {
		h.crash.calls, h.crash.at, h.crash.mode = 0, 1+h.random.IntN(40), crashModes[h.random.IntN(4)]
	}
	h.deliver(1 + h.random.IntN(10))
	h.crash.at = 0
	if len(h.fifo) == 0 {
		clear(h.busy)
		clear(h.poisoned)
	}
}

// resolvers lets Pulumi's resolvers come and go, some of them late.
func (h *history) resolvers() {
	for field := range h.api.Resolvers() {
		if h.owners[strings.TrimPrefix(field, "Query.")] == "" && h.random.IntN(2) == 0 {
			h.api.Detach(field)
		}
	}
	for _, field := range h.live() {
		if h.owners[strings.TrimPrefix(field, "Query.")] != "" && h.random.IntN(2) == 0 && len(h.fifo) == 0 {
			h.api.Attach(field)
		}
	}
}

func (h *history) run() {
	for range 40 {
		if h.random.IntN(3) > 0 && len(h.fifo) < 12 {
			h.act()
		} else {
			h.work()
		}
		h.resolvers()
	}
	h.deliverAll()
	h.check()
	for field := range h.api.Resolvers() {
		if h.owners[strings.TrimPrefix(field, "Query.")] == "" {
			h.api.Detach(field)
		}
	}
	h.send(registry.Request{ID: "last", Type: registry.TypeSweep, Sweep: &registry.Sweep{}})
	h.deliverAll()
	var want []string
	for field := range h.owners {
		want = append(want, "Query."+field)
	}
	slices.Sort(want)
	require.Equal(h.t, want, h.live())
	pushes := h.pushes()
	h.send(registry.Request{ID: "no change", Type: registry.TypeSweep, Sweep: &registry.Sweep{}})
	h.deliverAll()
	require.Equal(h.t, pushes, h.pushes())
}

// check compares with the model.
func (h *history) check() {
	require.Empty(h.t, h.dead)
	for name, state := range h.states() {
		hash := ""
		if state.Served() {
			hash = state.Hash
		}
		assert.Equal(h.t, h.current[name], hash, name)
		row, err := h.store.Row(h.t.Context(), name)
		require.NoError(h.t, err)
		assert.Equal(h.t, state.LogVersion, row.Position[registry.Aggregate], name)
		for _, field := range state.Detached {
			if h.owners[strings.TrimPrefix(field, "Query.")] == "" {
				assert.NotContains(h.t, h.live(), field)
				assert.NotContains(h.t, h.api.Resolvers(), field)
			}
		}
		assert.Equal(h.t, h.inactive[name] != "", row.Status == registry.StatusInactive, name)
		assert.Equal(h.t, state.Served(), row.Status == registry.StatusConnected, name)
	}
	for id, ok := range h.want {
		assert.Equal(h.t, ok, h.outcome(h.plugin[id], id).OK, "request %s of %s with %v", id, h.plugin[id], h.fields["hash-"+id])
	}
}
