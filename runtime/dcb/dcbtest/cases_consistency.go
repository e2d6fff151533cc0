package dcbtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

var createProduct = map[string]definition.Slice{"Create": reads(on([]string{"productId"}, "ProductAdded"))}

func twoCreates(t *testing.T, open func() *Faults) {
	log := newLog(open(), createProduct)
	var handler, other asked
	second, err := log.Execute(t.Context(), command("Create", "second", `{"productId":"p"}`), handler.first(func() {
		first, err := log.Execute(t.Context(), command("Create", "first", `{"productId":"p"}`), other.once(event("ProductAdded", `{"productId":"p"}`)))
		require.NoError(t, err)
		require.Nil(t, first.Reject)
	}, handler.once(event("ProductAdded", `{"productId":"p"}`))))
	require.NoError(t, err)
	require.NotNil(t, second.Reject)
	assert.Equal(t, 2, handler.times)
	assert.Equal(t, int64(1), second.Version)

	var accepted atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			result, err := log.Execute(t.Context(), command("Create", fmt.Sprint("c", i), `{"productId":"q"}`), new(asked).once(event("ProductAdded", `{"productId":"q"}`)))
			assert.NoError(t, err)
			if result.Reject == nil {
				accepted.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), accepted.Load())
}

func sameScope(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Place": reads(on([]string{"productId"}, "OrderPlaced", "ProductAdded"))})
	add(t, store, "p", event("ProductAdded", `{"productId":"p"}`))
	var handler asked
	for i := range 5 {
		result, err := log.Execute(t.Context(), command("Place", fmt.Sprint("c", i), `{"productId":"p"}`),
			handler.always(event("OrderPlaced", fmt.Sprintf(`{"orderId":"o%d","items":[{"productId":"p"}]}`, i))))
		require.NoError(t, err)
		assert.Len(t, handler.history, i+1)
		assert.Equal(t, int64(1), result.Events[0].Number)
	}
	assert.Equal(t, 5, handler.times)
	assert.Zero(t, store.Requests()[Cancelled], "nobody else was there")
}

func manyTypes(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{
		"Add":    reads(on([]string{"productId"}, "ProductAdded")),
		"Rename": reads(on([]string{"productId"}, "ProductRenamed")),
		"Price":  reads(on([]string{"productId"}, "PriceChanged")),
	})
	types := map[string]string{"Add": "ProductAdded", "Rename": "ProductRenamed", "Price": "PriceChanged"}
	for i, slice := range []string{"Add", "Rename", "Price", "Rename", "Rename", "Price"} {
		var handler asked
		result, err := log.Execute(t.Context(), command(slice, fmt.Sprint("c", i), `{"productId":"p"}`), handler.always(event(types[slice], `{"productId":"p","name":"n"}`)))
		require.NoError(t, err)
		assert.Equal(t, int64(i+1), result.Version)
		assert.Equal(t, 1, handler.times)
	}
	assert.Equal(t, 6, store.Requests()[Append])
	assert.Zero(t, store.Requests()[Cancelled])
}

func readOnly(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Add": reads(on([]string{"productId"}, "ProductAdded"), on([]string{"categoryId"}, "CategoryOpened", "CategoryClosed"))})
	add(t, store, "open", event("CategoryOpened", `{"categoryId":"c"}`))
	var handler asked
	result, err := log.Execute(t.Context(), command("Add", "a", `{"productId":"p","categoryId":"c"}`), handler.first(func() {
		add(t, store, "close", event("CategoryClosed", `{"categoryId":"c"}`))
	}, func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		if handler.note(history); len(history) == 2 {
			return nil, &turn.Reject{Code: "Closed"}, nil
		}
		return []turn.Event{event("ProductAdded", `{"productId":"p","categoryId":"c"}`)}, nil, nil
	}))
	require.NoError(t, err)
	require.NotNil(t, result.Reject, "the category was closed before the product was there")
	assert.Equal(t, 2, handler.times)
	assert.Empty(t, events(t, store, "productId", "p"))
}

func hotTag(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Add": reads(on([]string{"productId"}, "ProductAdded"), on([]string{"categoryId"}, "CategoryOpened"))})
	add(t, store, "open", event("CategoryOpened", `{"categoryId":"c"}`))
	var handler asked
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			data := fmt.Sprintf(`{"productId":"p%d","categoryId":"c"}`, i)
			result, err := log.Execute(t.Context(), command("Add", fmt.Sprint("c", i), data), handler.always(event("PriceChanged", data)))
			assert.NoError(t, err)
			assert.Equal(t, int64(1), result.Version)
		})
	}
	all.Wait()
	assert.Equal(t, 50, handler.times, "each handler once")
	t.Logf("50 commands: %v", store.Requests())
}

func notMatching(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Rename": reads(on([]string{"productId"}, "ProductAdded", "ProductRenamed"))})
	add(t, store, "a", event("ProductAdded", `{"productId":"p"}`))
	var handler asked
	result, err := log.Execute(t.Context(), command("Rename", "r", `{"productId":"p"}`), handler.first(func() {
		add(t, store, "price", event("PriceChanged", `{"productId":"p"}`), event("PriceChanged", `{"productId":"p"}`))
	}, handler.always(event("ProductRenamed", `{"productId":"p","name":"n"}`))))
	require.NoError(t, err)
	assert.Equal(t, 1, handler.times)
	assert.Equal(t, int64(4), result.Version)
	assert.Equal(t, 1, store.Requests()[Cancelled])
	stream := events(t, store, "productId", "p")
	assert.Greater(t, result.Events[0].Position, stream[2].Position)
}

func consistentRejection(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Look": reads(on([]string{"productId"}, "ProductAdded"), on([]string{"categoryId"}, "CategoryOpened"))})
	var reading sync.Mutex
	var once sync.Once
	quiet := &Faults{store: store.store, counts: map[string]int{}}
	store.Before = func(string, string) error { reading.Lock(); return nil }
	store.After = func(operation, _ string) error {
		defer reading.Unlock()
		once.Do(func() {
			add(t, quiet, "both", event("ProductAdded", `{"productId":"p"}`), event("CategoryOpened", `{"categoryId":"c"}`))
		})
		return nil
	}
	var handler asked
	result, err := log.Execute(t.Context(), command("Look", "l", `{"productId":"p","categoryId":"c"}`), func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		handler.note(history)
		return nil, &turn.Reject{Code: "No"}, nil
	})
	require.NoError(t, err)
	require.NotNil(t, result.Reject)
	assert.Len(t, handler.history, 2, "one without the other has never been")
	assert.Equal(t, 2, handler.times)
}

func sameMicrosecond(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{
		"Open": {}, "Add": reads(on([]string{"categoryId"}, "CategoryOpened")),
		"Order": reads(on([]string{"productId"}, "ProductAdded")),
		"Look":  reads(on([]string{"categoryId"}, "CategoryOpened", "ProductAdded"), on([]string{"orderId"}, "OrderPlaced"), on([]string{"productId"}, "PriceChanged")),
	}, dcb.WithClock(fixedClock))
	var handler asked
	for _, step := range []struct{ slice, id, data, eventType string }{
		{"Open", "z", `{"categoryId":"c"}`, "CategoryOpened"},
		{"Add", "y", `{"categoryId":"c","productId":"p","name":"n"}`, "ProductAdded"},
		{"Order", "x", `{"orderId":"o","productId":"p"}`, "OrderPlaced"},
	} {
		_, err := log.Execute(t.Context(), command(step.slice, step.id, step.data), handler.always(event(step.eventType, step.data)))
		require.NoError(t, err)
	}
	price := event("PriceChanged", `{"productId":"p"}`)
	_, err := log.Execute(t.Context(), command("Open", "w", `{}`), handler.always(price, price))
	require.NoError(t, err)
	_, err = log.Execute(t.Context(), command("Look", "v", `{"categoryId":"c","orderId":"o","productId":"p"}`), handler.always())
	require.NoError(t, err)
	var types []string
	for _, e := range handler.history {
		types = append(types, e.Type)
	}
	assert.Equal(t, []string{"CategoryOpened", "ProductAdded", "PriceChanged", "PriceChanged", "OrderPlaced"}, types, "by cause, not by command id; by command id where there is no cause")
	assert.Equal(t, []int64{2, 3}, []int64{handler.history[2].Number, handler.history[3].Number})
}
