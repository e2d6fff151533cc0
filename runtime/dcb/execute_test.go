package dcb_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// cancelling is a store that cancels every transaction.
type cancelling struct {
	dcb.Store
	reasons []string
	appends int
}

func (c *cancelling) Append(context.Context, dcb.Transaction) error {
	c.appends++
	return &dcb.CancelledError{Reasons: c.reasons}
}

func TestReasonsThatDoNotPassAreNotRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reasons []string
		want    string
	}{
		"a request that is wrong": {[]string{"None", "ValidationError", "None"}, "reasons [None, ValidationError, None]"},
		"no reason":               {[]string{"None", "None"}, "reasons [None, None]"},
		"no reasons":              {nil, "reasons []"},
		"a guard that vanished":   {[]string{"None", dcb.ReasonConditionFailed}, `the guard "command/AddProduct/1" was there and is no longer`},
	} {
		store := &cancelling{Store: dcb.NewMemory(), reasons: c.reasons}
		_, err := dcb.New(store, shop).Execute(t.Context(), addProduct("1", `{"productId":"p"}`), emit(`{"productId":"p"}`))
		require.ErrorContains(t, err, c.want, name)
		assert.NotErrorIs(t, err, dcb.ErrConflict, name)
		assert.Equal(t, 1, store.appends, name)
	}
}

func TestAStreamThatMovedCountsMoreThanThrottling(t *testing.T) {
	t.Parallel()
	for _, reasons := range [][]string{
		{dcb.ReasonConditionFailed, dcb.ReasonThrottled}, {dcb.ReasonThrottled, dcb.ReasonConflict}, {dcb.ReasonConflict},
	} {
		store := &cancelling{Store: dcb.NewMemory(), reasons: reasons}
		log := dcb.New(store, shop, dcb.WithRetry(eventlog.Retry{Attempts: 4}))
		_, err := log.Execute(t.Context(), addProduct("1", `{"productId":"p"}`), emit(`{"productId":"p","categoryId":"c"}`))
		require.ErrorIs(t, err, dcb.ErrConflict)
		assert.Equal(t, 4, store.appends)
	}
}

func TestCommandsWithoutUsableTagValues(t *testing.T) {
	t.Parallel()
	_, err := dcb.New(dcb.NewMemory(), shop).Execute(t.Context(), addProduct("1", `{"productId":{},"categoryId":1.5}`), emit(`{}`))
	for _, want := range []string{"slice AddProduct: command AddProduct 1", `reads[0]: tag "productId"`, `reads[1]: tag "categoryId"`} {
		assert.ErrorContains(t, err, want)
	}
}

func TestNamesMustBeIdentifiers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a=b", "a#b", "a/b", ""} {
		model := definition.DCB{
			Tags: map[string]definition.Tag{name: {Fields: []string{"id"}}}, Events: map[string][]string{"Added": {name}},
			Slices: map[string]definition.Slice{"Add": {}, "Read": {Reads: []definition.Criterion{{Events: []string{"Added"}, Tags: []string{name}}}}},
		}
		for slice := range model.Slices {
			command := addProduct("1", `{"id":"1"}`)
			command.Slice = slice
			_, err := dcb.New(dcb.NewMemory(), model).Execute(t.Context(), command, func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
				return []turn.Event{{Type: "Added", Data: command.Data}}, nil, nil
			})
			assert.ErrorContains(t, err, "is no identifier", name)
		}
	}
}

func TestAPausedCommandHeedsTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		store := &cancelling{Store: dcb.NewMemory(), reasons: []string{dcb.ReasonConflict}}
		log := dcb.New(store, shop, dcb.WithRetry(eventlog.Retry{Attempts: 1000, Base: time.Millisecond, Cap: time.Hour}))
		_, err := log.Execute(ctx, addProduct("1", `{"productId":"p"}`), emit(`{"productId":"p"}`))
		require.ErrorIs(t, err, dcb.ErrConflict, "there is time left to say so")
		assert.NoError(t, ctx.Err())
	})
}
