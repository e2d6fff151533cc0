package dcbtest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing/synctest"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// start is the operation with which a client begins.
const start = "Start"

// fault is what happens to one request.
type fault int

const (
	noFault fault = iota
	// refused has no effect, and the store says so.
	refused
	// clashed is an append that is cancelled because of another transaction.
	clashed
	// lostBefore has no effect and lostAfter has; in neither case there is an answer.
	lostBefore
	lostAfter
)

// scheduler is a store that decides when each request has its effect and which ones
// fail, all from one seed. Requests wait until every client waits; then one of them is
// drawn. It works inside of a bubble of synctest only. Without bubble (free) requests are
// handed on at once, and only the failures are drawn.
type scheduler struct {
	store dcb.Store
	// every is how many requests there are to one that fails; 0 means none.
	every int
	free  bool

	mu      sync.Mutex
	random  *rand.Rand
	waiting []*request
	wake    chan struct{}
	counts  map[fault]int
	// cancelled counts the appends that the store cancelled.
	cancelled int
}

// request is a request that waits.
type request struct {
	client             int
	operation, subject string
	fault              fault
	granted            chan struct{}
}

// clientKey is the key of the client's number in a context.
type clientKey struct{}

// newScheduler returns a scheduler before a store.
func newScheduler(store dcb.Store, random *rand.Rand, every int, free bool) *scheduler {
	return &scheduler{store: store, random: random, every: every, free: free, wake: make(chan struct{}, 1), counts: map[fault]int{}}
}

// draw draws what happens to a request.
func (s *scheduler) draw(operation string) fault {
	if operation == start || s.every == 0 || s.random.IntN(s.every) > 0 {
		return noFault
	}
	f := fault(1 + s.random.IntN(4))
	if f == clashed && operation != Append {
		f = refused
	}
	s.counts[f]++
	return f
}

// enter returns when the request's time has come, and says what happens to it.
func (s *scheduler) enter(ctx context.Context, operation, subject string) fault {
	if s.free {
		runtime.Gosched()
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.draw(operation)
	}
	client, _ := ctx.Value(clientKey{}).(int)
	r := &request{client: client, operation: operation, subject: subject, granted: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, r)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	<-r.granted
	return r.fault
}

// run grants requests until done is closed.
func (s *scheduler) run(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-s.wake:
		}
		for synctest.Wait(); s.grant(); synctest.Wait() {
		}
	}
}

// grant lets one of the waiting requests go on; false when there is none.
func (s *scheduler) grant() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		return false
	}
	slices.SortFunc(s.waiting, func(a, b *request) int {
		return cmp.Or(cmp.Compare(a.client, b.client), cmp.Compare(a.operation, b.operation), cmp.Compare(a.subject, b.subject))
	})
	at := s.random.IntN(len(s.waiting))
	r := s.waiting[at]
	s.waiting = slices.Delete(s.waiting, at, at+1)
	r.fault = s.draw(r.operation)
	close(r.granted)
	return true
}

// request sends a request through the scheduler.
func (s *scheduler) request(ctx context.Context, operation, subject string, effect func() error) error {
	switch s.enter(ctx, operation, subject) {
	case refused:
		return fmt.Errorf("injected: %w", dcb.ErrThrottled)
	case clashed:
		return &dcb.CancelledError{Reasons: []string{dcb.ReasonConflict}}
	case lostBefore:
		return errLost
	case lostAfter:
		if err := effect(); err != nil {
			return err
		}
		return errLost
	}
	return effect()
}

// Read implements [dcb.Store].
func (s *scheduler) Read(ctx context.Context, stream string, after int64, limit int32) (commits []eventlog.Commit, more bool, err error) {
	err = s.request(ctx, Read, stream, func() error {
		commits, more, err = s.store.Read(ctx, stream, after, limit)
		return err
	})
	return commits, more, err
}

// Last implements [dcb.Store].
func (s *scheduler) Last(ctx context.Context, stream string) (head dcb.Head, err error) {
	err = s.request(ctx, Last, stream, func() error {
		head, err = s.store.Last(ctx, stream)
		return err
	})
	return head, err
}

// Append implements [dcb.Store].
func (s *scheduler) Append(ctx context.Context, t dcb.Transaction) error {
	return s.request(ctx, Append, t.Guard.Key, func() error {
		err := s.store.Append(ctx, t)
		if err != nil {
			s.mu.Lock()
			s.cancelled++
			s.mu.Unlock()
		}
		return err
	})
}

// Guard implements [dcb.Store].
func (s *scheduler) Guard(ctx context.Context, key string) (guard dcb.Guard, ok bool, err error) {
	err = s.request(ctx, Guard, key, func() error {
		guard, ok, err = s.store.Guard(ctx, key)
		return err
	})
	return guard, ok, err
}
