package dcbtest

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// cases are the named cases, by what must hold.
var cases = map[string]func(t *testing.T, open func() *Faults){
	"two creates at once: exactly one wins":                        twoCreates,
	"what is checked is what was read":                             sameScope,
	"an entity with many event types does not block itself":        manyTypes,
	"criteria of which nothing is written are checked":             readOnly,
	"composite criteria match events with more tags":               composite,
	"several values of a tag match any of them":                    severalValues,
	"empty tag values make no stream and match nothing":            emptyValues,
	"100 actions pass and 101 are refused before writing":          actionLimits,
	"99 streams are read and 100 are refused before the handler":   readLimits,
	"too many bytes are refused before writing":                    sizeLimits,
	"effects sort after causes within one microsecond":             sameMicrosecond,
	"a repeated command gets its first answer":                     repeated,
	"commands that only read a hot tag do not conflict":            hotTag,
	"events that do not match do not ask the handler again":        notMatching,
	"streams of further tags are numbered and hold one type":       secondaryStreams,
	"histories of more than one page are read":                     largeHistory,
	"a lost answer converges":                                      lostAnswer,
	"clashes and throttling are waited for":                        transient,
	"attempts are bounded":                                         bounded,
	"a rejection is for a state in which all streams were at once": consistentRejection,
	"answers that the model does not allow are refused":            invalidAnswers,
	"models that contradict themselves are refused":                invalidModels,
}

// patience is that of all cases; clashes of many clients need many attempts.
var patience = eventlog.Retry{Attempts: 200, Base: time.Millisecond, Cap: 50 * time.Millisecond}

// shop is the model of the named cases, without slices.
func shop(slices map[string]definition.Slice) definition.DCB {
	return definition.DCB{
		Tags: map[string]definition.Tag{
			"productId": {Fields: []string{"productId", "items.productId"}}, "categoryId": {}, "name": {}, "orderId": {}, "customerId": {}, "region": {},
		},
		Events: map[string][]string{
			"ProductAdded": {"productId", "categoryId", "name"}, "ProductRenamed": {"productId", "name"}, "PriceChanged": {"productId"},
			"CategoryOpened": {"categoryId"}, "CategoryClosed": {"categoryId"},
			"OrderPlaced": {"orderId", "productId", "customerId", "region"},
		},
		Slices: slices,
	}
}

// reads is a slice with criteria; each is a list of event types and a list of tags.
func reads(criteria ...definition.Criterion) definition.Slice {
	return definition.Slice{Reads: criteria}
}

// on is a criterion of event types by tags.
func on(tags []string, events ...string) definition.Criterion {
	return definition.Criterion{Events: events, Tags: tags}
}

// event is an event with JSON data.
func event(eventType, data string) turn.Event {
	return turn.Event{Type: eventType, Data: json.RawMessage(data)}
}

// asked counts how often a handler was asked, and keeps what it saw last.
type asked struct {
	mu      sync.Mutex
	times   int
	history []turn.RecordedEvent
}

// note counts.
func (a *asked) note(history []turn.RecordedEvent) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times, a.history = a.times+1, history
	return a.times
}

// always answers with events, whatever the history.
func (a *asked) always(events ...turn.Event) dcb.Decide {
	return func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		a.note(history)
		return events, nil, nil
	}
}

// once answers with events when the history is empty, and else rejects.
func (a *asked) once(events ...turn.Event) dcb.Decide {
	return func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		a.note(history)
		if len(history) > 0 {
			return nil, &turn.Reject{Code: "Exists"}, nil
		}
		return events, nil, nil
	}
}

// first runs something when the handler is asked for the first time.
func (a *asked) first(run func(), then dcb.Decide) dcb.Decide {
	var once sync.Once
	return func(ctx context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		once.Do(run)
		return then(ctx, history)
	}
}

// command is a command with JSON data.
func command(slice, id, data string) dcb.Command {
	return dcb.Command{Slice: slice, Type: slice, Data: json.RawMessage(data), Origin: eventlog.Origin{CommandID: id, CorrelationID: "k-" + id}}
}

// add records events with a slice that reads nothing.
func add(t *testing.T, store dcb.Store, id string, events ...turn.Event) dcb.Result {
	log := dcb.New(store, shop(map[string]definition.Slice{"Add": {}}), dcb.WithRetry(patience))
	result, err := log.Execute(t.Context(), command("Add", id, `{}`), new(asked).always(events...))
	require.NoError(t, err)
	require.Nil(t, result.Reject)
	return result
}

// newLog is a log of the shop with slices.
func newLog(store dcb.Store, slices map[string]definition.Slice, options ...dcb.Option) *dcb.Log {
	return dcb.New(store, shop(slices), append([]dcb.Option{dcb.WithRetry(patience)}, options...)...)
}

// events reads all events of a stream.
func events(t *testing.T, store dcb.Store, family, value string) []turn.RecordedEvent {
	var all []turn.RecordedEvent
	version := int64(0)
	for more := true; more; {
		var page []eventlog.Commit
		var err error
		page, more, err = store.Read(t.Context(), dcb.StreamKey(family, value), version, 0)
		require.NoError(t, err)
		for _, c := range page {
			require.Equal(t, version+1, c.Seq, "no gaps in %s", c.ID)
			version = c.Version()
			all = append(all, c.Recorded("")...)
		}
	}
	return all
}
