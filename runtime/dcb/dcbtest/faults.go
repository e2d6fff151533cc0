package dcbtest

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// The operations of a store, and what is counted beside them.
const (
	Read   = "Read"
	Last   = "Last"
	Append = "Append"
	Guard  = "Guard"
	// Cancelled counts the appends that were cancelled.
	Cancelled = "Cancelled"
)

// Faults is a store that counts requests and makes them fail. Set the fields before the
// first request.
type Faults struct {
	// Before is called at the start of each request with the stream or the guard's key;
	// its error is the request's.
	Before func(operation, subject string) error
	// After is called when a request has had its effect; its error is the request's, as
	// if the answer had been lost.
	After func(operation, subject string) error

	store  dcb.Store
	mu     sync.Mutex
	counts map[string]int
}

// NewFaults returns a store that hands everything on to another one.
func NewFaults(store dcb.Store) *Faults { return &Faults{store: store, counts: map[string]int{}} }

// Requests counts the requests so far, by operation.
func (f *Faults) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// request does what every request begins with and ends with.
func (f *Faults) request(operation, subject string, effect func() error) error {
	if f.Before != nil {
		if err := f.Before(operation, subject); err != nil {
			return err
		}
	}
	f.count(operation)
	err := effect()
	if err == nil && f.After != nil {
		err = f.After(operation, subject)
	}
	return err
}

// count counts one request.
func (f *Faults) count(operation string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[operation]++
}

// Read implements [dcb.Store].
func (f *Faults) Read(ctx context.Context, stream string, after int64, limit int32) (commits []eventlog.Commit, more bool, err error) {
	err = f.request(Read, stream, func() error {
		commits, more, err = f.store.Read(ctx, stream, after, limit)
		return err
	})
	return commits, more, err
}

// Last implements [dcb.Store].
func (f *Faults) Last(ctx context.Context, stream string) (head dcb.Head, err error) {
	err = f.request(Last, stream, func() error {
		head, err = f.store.Last(ctx, stream)
		return err
	})
	return head, err
}

// Append implements [dcb.Store].
func (f *Faults) Append(ctx context.Context, t dcb.Transaction) error {
	return f.request(Append, t.Guard.Key, func() error {
		err := f.store.Append(ctx, t)
		var cancelled *dcb.CancelledError
		if errors.As(err, &cancelled) {
			f.count(Cancelled)
		}
		return err
	})
}

// Guard implements [dcb.Store].
func (f *Faults) Guard(ctx context.Context, key string) (guard dcb.Guard, ok bool, err error) {
	err = f.request(Guard, key, func() error {
		guard, ok, err = f.store.Guard(ctx, key)
		return err
	})
	return guard, ok, err
}
