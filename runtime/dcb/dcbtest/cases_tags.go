package dcbtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// fixedClock stands still.
func fixedClock() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }

// seen is what a slice with criteria sees for a command.
func seen(t *testing.T, store dcb.Store, data string, criteria ...definition.Criterion) []turn.RecordedEvent {
	var handler asked
	log := newLog(store, map[string]definition.Slice{"Look": reads(criteria...)})
	_, err := log.Execute(t.Context(), command("Look", "look", data), handler.always())
	require.NoError(t, err)
	require.NotNil(t, handler.history)
	return handler.history
}

// ids are the ids of events.
func ids(events []turn.RecordedEvent) []string {
	all := []string{}
	for _, e := range events {
		all = append(all, e.ID)
	}
	return all
}

func composite(t *testing.T, open func() *Faults) {
	store := open()
	add(t, store, "1", event("OrderPlaced", `{"orderId":"1","productId":"p","customerId":"x","region":"eu"}`))
	add(t, store, "2", event("OrderPlaced", `{"orderId":"2","productId":"p","customerId":"y","region":"eu"}`))
	add(t, store, "3", event("OrderPlaced", `{"orderId":"3","productId":"q","customerId":"x"}`))
	add(t, store, "4", event("OrderPlaced", `{"orderId":"4","productId":"p"}`))
	for _, tags := range [][]string{{"productId", "customerId"}, {"customerId", "productId"}} {
		assert.Equal(t, []string{"1"}, ids(seen(t, store, `{"productId":"p","customerId":"x"}`, on(tags, "OrderPlaced"))))
	}
	assert.Equal(t, []string{"1", "2", "4"}, ids(seen(t, store, `{"productId":"p"}`, on([]string{"productId"}, "OrderPlaced"))))
	assert.Empty(t, seen(t, store, `{"productId":"p"}`, on([]string{"productId", "customerId"}, "OrderPlaced")), "a tag without value matches nothing")
	both := seen(t, store, `{"productId":"p","customerId":"x"}`, on([]string{"productId"}, "OrderPlaced"), on([]string{"customerId"}, "OrderPlaced"))
	assert.Equal(t, []string{"1", "2", "3", "4"}, ids(both), "an event that two criteria match is there once")
}

func severalValues(t *testing.T, open func() *Faults) {
	store := open()
	add(t, store, "1", event("OrderPlaced", `{"orderId":"1","items":[{"productId":"p"},{"productId":"q"},{"productId":"p"}],"customerId":"x"}`))
	add(t, store, "2", event("OrderPlaced", `{"orderId":"2","productId":"r","customerId":"y"}`))
	add(t, store, "3", event("OrderPlaced", `{"orderId":"3","productId":7,"customerId":["x","z"]}`))
	product := on([]string{"productId"}, "OrderPlaced")
	assert.Equal(t, []string{"1"}, ids(seen(t, store, `{"productId":"q"}`, product)))
	assert.Equal(t, []string{"1", "2"}, ids(seen(t, store, `{"productId":["p","q"],"items":[{"productId":"r"}]}`, product)))
	assert.Equal(t, []string{"3"}, ids(seen(t, store, `{"productId":"7"}`, product)), "integers are taken as written")
	pair := on([]string{"productId", "customerId"}, "OrderPlaced")
	assert.Equal(t, []string{"1", "3"}, ids(seen(t, store, `{"productId":["p","7"],"customerId":["x","w"]}`, pair)), "any combination")
	first := events(t, store, "orderId", "1")
	assert.Equal(t, map[string][]string{"orderId": {"1"}, "productId": {"p", "q"}, "customerId": {"x"}}, first[0].Tags)
}

func emptyValues(t *testing.T, open func() *Faults) {
	store := open()
	result := add(t, store, "1",
		event("ProductAdded", `{"productId":"p","categoryId":"","name":null}`), event("ProductAdded", `{"productId":"q"}`), event("ProductAdded", `{"productId":"r","categoryId":[null,"","c"]}`))
	assert.Len(t, result.Events, 3)
	assert.Equal(t, map[string][]string{"productId": {"p"}}, result.Events[0].Tags)
	assert.Equal(t, []string{"r"}, ids(events(t, store, "categoryId#ProductAdded", "c")))
	assert.Empty(t, seen(t, store, `{"categoryId":"","productId":null}`, on([]string{"categoryId"}, "ProductAdded"), on([]string{"productId"}, "ProductAdded")))
	for _, data := range []string{`{}`, `{"productId":""}`, `{"productId":null,"items":[]}`, `{"productId":"p","items":[{"productId":"q"}]}`, `{"productId":1.5}`, `{"productId":true}`, `{"productId":{}}`, `{"items":"x"}`} {
		_, err := newLog(store, map[string]definition.Slice{"Add": {}}).Execute(t.Context(), command("Add", "bad", `{}`),
			new(asked).always(event("ProductAdded", `{"productId":"fine"}`), event("ProductAdded", data)))
		var failed *turn.HandlerError
		require.ErrorAs(t, err, &failed, data)
		assert.Equal(t, turn.InvalidAnswer, failed.Kind)
		assert.ErrorContains(t, err, "$.events[1] (ProductAdded)")
		assert.ErrorContains(t, err, `"productId"`)
	}
	assert.Empty(t, events(t, store, "productId", "fine"))
	assert.Equal(t, 1, store.Requests()[Append])
}

func secondaryStreams(t *testing.T, open func() *Faults) {
	store := open()
	add(t, store, "0", event("CategoryOpened", `{"categoryId":"c"}`), event("PriceChanged", `{"productId":"p1"}`))
	for i := 1; i <= 3; i++ {
		data := fmt.Sprintf(`{"productId":"p%d","categoryId":"c","name":"n"}`, i)
		add(t, store, fmt.Sprint(i), event("ProductAdded", data), event("PriceChanged", data), event("ProductRenamed", data))
	}
	assert.Equal(t, []string{"c"}, ids(events(t, store, "categoryId", "c")), "the home stream holds no foreign events")
	byCategory := events(t, store, "categoryId#ProductAdded", "c")
	assert.Equal(t, []string{"p1", "p2", "p3"}, ids(byCategory))
	assert.Equal(t, []int64{2, 1, 1}, []int64{byCategory[0].Number, byCategory[1].Number, byCategory[2].Number}, "the numbers of the home streams")
	assert.Equal(t, "productId", byCategory[0].Component)
	assert.Equal(t, events(t, store, "productId", "p2")[0], byCategory[1], "the same event wherever it is read")
	assert.Len(t, events(t, store, "name#ProductRenamed", "n"), 3)
	assert.Len(t, events(t, store, "productId", "p1"), 4)
	head, err := store.Last(t.Context(), dcb.StreamKey("categoryId#ProductAdded", "c"))
	require.NoError(t, err)
	assert.Equal(t, dcb.Head{Version: 3, Position: byCategory[2].Position}, head)
	head, err = store.Last(t.Context(), "categoryId=none")
	require.NoError(t, err)
	assert.Zero(t, head)
}

func actionLimits(t *testing.T, open func() *Faults) {
	for n, pass := range map[int]bool{98: true, 99: false} {
		store := open()
		log := newLog(store, map[string]definition.Slice{"Order": {}})
		order := event("OrderPlaced", fmt.Sprintf(`{"orderId":"o","productId":[%s]}`, numbers(n)))
		result, err := log.Execute(t.Context(), command("Order", "o", `{}`), new(asked).always(order))
		if pass {
			require.NoError(t, err)
			assert.Equal(t, int64(1), result.Version)
			continue
		}
		var limit *dcb.LimitError
		require.ErrorAs(t, err, &limit)
		assert.Equal(t, 101, limit.Count)
		assert.ErrorContains(t, err, "100 streams written, 0 streams only read, 1 guard")
		assert.Zero(t, store.Requests()[Append])
	}
}

func readLimits(t *testing.T, open func() *Faults) {
	for n, pass := range map[int]bool{99: true, 100: false} {
		var handler asked
		store := open()
		log := newLog(store, createProduct)
		_, err := log.Execute(t.Context(), command("Create", "o", fmt.Sprintf(`{"productId":[%s]}`, numbers(n))), handler.always(event("PriceChanged", `{"productId":5}`)))
		if pass {
			require.NoError(t, err)
			continue
		}
		var limit *dcb.LimitError
		require.ErrorAs(t, err, &limit)
		assert.Equal(t, []int{100, 99}, []int{limit.Count, limit.Max})
		assert.Zero(t, handler.times)
		assert.Empty(t, store.Requests())
	}
}

// numbers are the numbers from 1 to n with commas between.
func numbers(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i+1))
	}
	return strings.Join(all, ",")
}

func sizeLimits(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{"Add": {}, "Create": createProduct["Create"]})
	big := strings.Repeat("x", 300*1024)
	var tooLarge *eventlog.SizeError
	data := fmt.Sprintf(`{"productId":"p","text":%q}`, big)
	_, err := log.Execute(t.Context(), command("Add", "1", `{}`), new(asked).always(event("PriceChanged", data), event("PriceChanged", data)))
	require.ErrorAs(t, err, &tooLarge)
	var limit *dcb.LimitError
	data = fmt.Sprintf(`{"orderId":"o","productId":[%s],"text":%q}`, numbers(14), big)
	_, err = log.Execute(t.Context(), command("Add", "2", `{}`), new(asked).always(event("OrderPlaced", data)))
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, "bytes", limit.What)
	long := strings.Repeat("x", 2048-len("productId="))
	_, err = log.Execute(t.Context(), command("Add", "3", `{}`), new(asked).always(event("PriceChanged", fmt.Sprintf(`{"productId":%q}`, long+"x"))))
	assert.ErrorContains(t, err, "at most 2048")
	_, err = log.Execute(t.Context(), command("Create", "4", fmt.Sprintf(`{"productId":%q}`, long+"x")), new(asked).always())
	assert.ErrorContains(t, err, "at most 2048")
	_, err = log.Execute(t.Context(), command("Add", strings.Repeat("c", 2048), `{}`), new(asked).always())
	assert.ErrorContains(t, err, "shorter command id")
	assert.Zero(t, store.Requests()[Append])
	add(t, store, "5", event("PriceChanged", fmt.Sprintf(`{"productId":%q}`, long)))
}

func largeHistory(t *testing.T, open func() *Faults) {
	store := open()
	for i := range 5 {
		add(t, store, fmt.Sprint(i), event("PriceChanged", fmt.Sprintf(`{"productId":"p","n":%d,"text":%q}`, i, strings.Repeat("x", 350*1024))))
	}
	before := store.Requests()[Read]
	history := seen(t, store, `{"productId":"p"}`, on([]string{"productId"}, "PriceChanged"))
	require.Len(t, history, 5)
	for i, e := range history {
		assert.Equal(t, int64(i+1), e.Number)
		assert.Contains(t, string(e.Data), fmt.Sprintf(`"n":%d,`, i))
	}
	assert.Greater(t, store.Requests()[Read]-before, 1, "more than one page")
}
