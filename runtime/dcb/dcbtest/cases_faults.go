package dcbtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

var (
	addToCategory = map[string]definition.Slice{
		"Add":   reads(on([]string{"categoryId"}, "CategoryOpened", "ProductAdded")),
		"Other": reads(on([]string{"categoryId"}, "CategoryOpened")),
	}
	product     = event("ProductAdded", `{"productId":"p","categoryId":"c","name":"n"}`)
	inCategory  = `{"categoryId":"c"}`
	errLost     = errors.New("connection reset")
	errHandler  = errors.New("the handler failed")
	transientOf = map[string]func(operation string) error{
		"conflict":  func(string) error { return &dcb.CancelledError{Reasons: []string{dcb.ReasonConflict, "None", "None"}} },
		"throttled": func(string) error { return &dcb.CancelledError{Reasons: []string{"None", dcb.ReasonThrottled, "None"}} },
		"refused":   func(operation string) error { return fmt.Errorf("%s: %w", operation, dcb.ErrThrottled) },
	}
)

func repeated(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, addToCategory)
	add(t, store, "open", event("CategoryOpened", inCategory))
	first, err := log.Execute(t.Context(), command("Other", "a", inCategory), new(asked).always(product, event("PriceChanged", `{"productId":"q"}`), event("PriceChanged", `{"productId":"p"}`)))
	require.NoError(t, err)
	require.False(t, first.Repeated)
	assert.Equal(t, []string{"p", "q", "p"}, ids(first.Events), "in the order of the answer")
	assert.Equal(t, []int64{1, 1, 2}, []int64{first.Events[0].Number, first.Events[1].Number, first.Events[2].Number})
	assert.Equal(t, []any{"categoryId", "c", int64(1)}, []any{first.Tag, first.ID, first.Version})
	first.Repeated = true
	for name, decide := range map[string]dcb.Decide{
		"same": new(asked).always(product), "nothing": new(asked).always(), "rejects": rejects, "other": new(asked).always(event("PriceChanged", `{"productId":"z"}`)),
		"fails": func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
			return nil, nil, errHandler
		},
		"invalid": new(asked).always(event("Unknown", `{}`)),
	} {
		add(t, store, "later "+name, event("CategoryOpened", inCategory))
		again := command("Other", "a", inCategory)
		again.Origin.CorrelationID = "another"
		result, err := log.Execute(t.Context(), again, decide)
		require.NoError(t, err, name)
		assert.Equal(t, first, result, name)
	}
	other, err := log.Execute(t.Context(), command("Add", "a", inCategory), new(asked).always(event("PriceChanged", `{"productId":"p"}`)))
	require.NoError(t, err)
	assert.False(t, other.Repeated, "another slice may have a command of the same id")
	assert.Len(t, events(t, store, "productId", "p"), 3)
	assert.Empty(t, events(t, store, "productId", "z"))
}

// rejects rejects every command.
func rejects(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
	return nil, &turn.Reject{Code: "No"}, nil
}

func lostAnswer(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, addToCategory)
	lost := false
	store.After = func(operation, _ string) error {
		if operation == Append && !lost {
			lost = true
			return errLost
		}
		return nil
	}
	_, err := log.Execute(t.Context(), command("Add", "a", inCategory), new(asked).always(product))
	require.ErrorIs(t, err, errLost)
	assert.NotErrorIs(t, err, dcb.ErrConflict)
	result, err := log.Execute(t.Context(), command("Add", "a", inCategory), new(asked).once(product))
	require.NoError(t, err)
	assert.True(t, result.Repeated)
	assert.Equal(t, "k-a", result.Origin.CorrelationID)
	assert.Len(t, events(t, store, "productId", "p"), 1)

	repeating := &repeatingStore{Faults: store}
	result, err = newLog(repeating, addToCategory, dcb.WithRetry(eventlog.Retry{Attempts: 1})).
		Execute(t.Context(), command("Add", "b", inCategory), new(asked).always(product))
	require.NoError(t, err, "a client that repeats a request by itself is refused because of its own first effect")
	assert.Equal(t, int64(2), result.Events[0].Number)
	assert.Len(t, events(t, store, "productId", "p"), 2)
}

// repeatingStore loses the answer to each append and sends it again.
type repeatingStore struct{ *Faults }

func (r *repeatingStore) Append(ctx context.Context, t dcb.Transaction) error {
	if err := r.Faults.Append(ctx, t); err != nil {
		return err
	}
	return r.Faults.Append(ctx, t)
}

func transient(t *testing.T, open func() *Faults) {
	for name, failure := range transientOf {
		store := open()
		log := newLog(store, addToCategory)
		var mu sync.Mutex
		failures := map[string]int{}
		store.Before = func(operation, _ string) error {
			mu.Lock()
			defer mu.Unlock()
			if failures[operation] < 3 && (operation == Append || name == "refused") {
				failures[operation]++
				return failure(operation)
			}
			return nil
		}
		var handler asked
		_, err := log.Execute(t.Context(), command("Add", "a", inCategory), handler.always(product))
		require.NoError(t, err, name)
		assert.Equal(t, 1, handler.times, name)
		assert.Equal(t, 3, failures[Append], name)
		result, err := log.Execute(t.Context(), command("Add", "b", inCategory), rejects)
		require.NoError(t, err, name)
		assert.NotNil(t, result.Reject, name)
		assert.Len(t, events(t, store, "productId", "p"), 1, name)
	}
}

func bounded(t *testing.T, open func() *Faults) {
	few := dcb.WithRetry(eventlog.Retry{Attempts: 3})
	for name, want := range map[string]error{"conflict": dcb.ErrConflict, "throttled": dcb.ErrThrottled, "refused": dcb.ErrThrottled} {
		store := open()
		tries := 0
		store.Before = func(operation, _ string) error {
			if operation == Append {
				tries++
				return transientOf[name](operation)
			}
			return nil
		}
		result, err := newLog(store, addToCategory, few).Execute(t.Context(), command("Add", "a", inCategory), new(asked).always(product))
		require.ErrorIs(t, err, want, name)
		assert.Equal(t, 3, tries, name)
		assert.Equal(t, "a", result.Origin.CommandID, name)
		assert.Empty(t, events(t, store, "productId", "p"), name)
	}
	store := open()
	var handler asked
	_, err := newLog(store, addToCategory, few).Execute(t.Context(), command("Add", "a", inCategory), func(ctx context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		add(t, store, fmt.Sprint("open", handler.note(history)), event("CategoryOpened", inCategory))
		return []turn.Event{product}, nil, nil
	})
	require.ErrorIs(t, err, dcb.ErrConflict)
	assert.Equal(t, 3, handler.times)
	store.Before = func(operation, _ string) error {
		if operation == Append || operation == Guard {
			return dcb.ErrThrottled
		}
		return nil
	}
	_, err = newLog(store, addToCategory, few).Execute(t.Context(), command("Add", "b", inCategory), new(asked).always(product))
	assert.ErrorContains(t, err, "unknown whether command b was recorded")
}

func invalidAnswers(t *testing.T, open func() *Faults) {
	store := open()
	slice := reads(on([]string{"categoryId"}, "CategoryOpened"))
	slice.Emits = []string{"ProductAdded"}
	log := newLog(store, map[string]definition.Slice{"Add": slice})
	_, err := log.Execute(t.Context(), command("Add", "a", inCategory), new(asked).always(
		product, event("PriceChanged", `{"productId":"p"}`), event("Unknown", `{}`), event("ProductAdded", `[]`), event("ProductAdded", `{"productId":"p","categoryId":1.5,"name":false}`)))
	var failed *turn.HandlerError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, turn.InvalidAnswer, failed.Kind)
	for _, want := range []string{"$.events[1] (PriceChanged): the slice declares that it emits only ProductAdded", "$.events[2] (Unknown): the DCB log declares no event type", "$.events[3] (ProductAdded): the data is no JSON object", `$.events[4] (ProductAdded): tag "categoryId" at "categoryId": 1.5 is no integer`, `tag "name"`} {
		assert.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), "$.events[0]")
	assert.Zero(t, store.Requests()[Append])
}

func invalidModels(t *testing.T, open func() *Faults) {
	store := open()
	log := newLog(store, map[string]definition.Slice{
		"NoTag": reads(on(nil, "ProductAdded")), "NoEvent": reads(on([]string{"productId"})),
		"NotCarried": reads(on([]string{"categoryId", "productId"}, "CategoryOpened", "Nobody")), "Fine": {},
	})
	for slice, want := range map[string]string{
		"NoTag": "reads[0]: it names no tag", "NoEvent": "it names no event type", "Nobody": `no slice of the name "Nobody"`,
		"NotCarried": `events of type "CategoryOpened" do not carry the tag "productId"`,
	} {
		_, err := log.Execute(t.Context(), command(slice, "a", inCategory), new(asked).always(product))
		assert.ErrorContains(t, err, want)
	}
	_, err := log.Execute(t.Context(), command("Fine", "", `{}`), new(asked).always(product))
	assert.ErrorContains(t, err, "has no id")
	_, err = log.Execute(t.Context(), command("Fine", "a", `[]`), new(asked).always(product))
	assert.ErrorContains(t, err, "no JSON object")
	model := shop(map[string]definition.Slice{"Fine": {}})
	delete(model.Tags, "name")
	_, err = dcb.New(store, model).Execute(t.Context(), command("Fine", "a", `{}`), new(asked).always(product))
	assert.ErrorContains(t, err, `the tag "name" is not declared`)
	assert.Empty(t, store.Requests()[Append])
}
