package admin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDroppedFieldStaysForItsResolver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("old", "same")), w.connect("ordering", "o1", query("order")))
	w.deliver(10)
	w.api.Attach("Query.old")
	w.api.Attach("Query.same")
	w.send(w.connect("catalog", "c2", query("same", "new")))
	w.deliver(10)
	assert.Equal(t, []string{"Query.new", "Query.old", "Query.order", "Query.same"}, w.live())
	assert.Contains(t, w.api.SDL(), "deprecated")
	assert.Equal(t, []int32{10}, w.delays)

	pushes := w.pushes()
	w.deliverSweeps()
	assert.Equal(t, pushes, w.pushes(), "the resolver is still there")
	assert.Equal(t, []int32{10, 20}, w.delays)
	w.send(w.connect("ordering", "o2", query("order", "orders")))
	w.deliver(10)
	assert.Equal(t, []int32{10, 20}, w.delays, "one sweep on its way is enough")

	w.api.Detach("Query.old")
	w.deliverSweeps()
	assert.Equal(t, []string{"Query.new", "Query.order", "Query.orders", "Query.same"}, w.live())
	assert.Empty(t, w.sweeps)
	assert.Equal(t, pushes+2, w.pushes())
}

func TestSweepsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", query("a", "b")))
	w.deliver(10)
	w.api.Attach("Query.b")
	w.send(w.connect("catalog", "c2", query("a")))
	w.deliver(10)
	for range 50 {
		w.deliverSweeps()
	}
	assert.Len(t, w.delays, 20)
	assert.Equal(t, int32(900), w.delays[19])
	assert.Equal(t, 2, w.pushes())
	w.send(w.connect("catalog", "c3", query("a")))
	w.deliver(10)
	assert.Len(t, w.delays, 21, "a request looks again")
}

func TestKeptFieldThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(w.connect("catalog", "c1", "type Query { product: Product items: [Product] }\ntype Product { name: String }"))
	w.deliver(10)
	w.api.Attach("Query.items")
	w.send(w.connect("catalog", "c2", "type Query { product: Product }\nenum Product { A B }"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c2").OK, "what the plugin wants goes first")
	assert.Contains(t, w.live(), "Query.product")
	assert.Contains(t, w.api.SDL(), "enum Product")
}
