package proxy

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// work is one turn on its way through the language runtime.
type work struct {
	id       string
	header   http.Header
	payload  []byte
	started  time.Time
	deadline time.Time // zero: none
	outcome  chan outcome

	taken, answered bool // guarded by the exchange's mutex
}

// outcome is what came of a turn: an answer or a failure.
type outcome struct {
	answer  []byte
	failure error
}

// newWork makes a turn whose time ends a margin before the context's deadline.
func newWork(ctx context.Context, payload []byte, number uint64, margin time.Duration) *work {
	w := &work{payload: payload, started: time.Now(), outcome: make(chan outcome, 1)}
	if deadline, ok := ctx.Deadline(); ok {
		w.deadline = deadline.Add(-margin)
	}
	w.id, w.header = turnHeader(ctx, number, w.deadline)
	return w
}

// expired says whether the turn's time is over.
func (w *work) expired() bool {
	return !w.deadline.IsZero() && !time.Now().Before(w.deadline)
}

// timer fires at the turn's deadline, never when it has none.
func (w *work) timer() (fires <-chan time.Time, stop func()) {
	if w.deadline.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(time.Until(w.deadline))
	return timer.C, func() { timer.Stop() }
}

// exchange is where the engine lays down a turn and the language runtime fetches
// it. There is one for each language runtime.
type exchange struct {
	ready  chan struct{} // closed at the first request for an invocation
	failed chan struct{} // closed when initialisation was reported as failed

	mu      sync.Mutex
	current *work
	changed chan struct{} // closed and replaced when current is set
	isReady bool
	failure *reportedError
}

func newExchange() *exchange {
	return &exchange{
		ready:   make(chan struct{}),
		failed:  make(chan struct{}),
		changed: make(chan struct{}),
	}
}

// offer lays a turn down.
func (x *exchange) offer(w *work) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.current = w
	close(x.changed)
	x.changed = make(chan struct{})
}

// withdraw takes the turn away again and says whether the runtime has seen it.
func (x *exchange) withdraw(w *work) (taken bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !w.answered {
		x.current = nil
	}
	return w.taken
}

// next waits for a turn; nil when the context ends, that is when the runtime has
// closed the connection. A turn that was fetched but
// not answered is given again, as Lambda does: the connection may have broken.
func (x *exchange) next(ctx context.Context) *work {
	for {
		w, changed := x.take()
		if w != nil {
			return w
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (x *exchange) take() (*work, <-chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.isReady {
		x.isReady = true
		close(x.ready)
	}
	if x.current == nil || x.current.answered {
		return nil, x.changed
	}
	x.current.taken = true
	return x.current, nil
}

// asked says whether the runtime has ever asked for an invocation.
func (x *exchange) asked() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.isReady
}

// verdict says what the exchange thinks of an answer.
type verdict int

const (
	accepted  verdict = iota
	unknownID         // not the turn that is worked on: an old one, or none
	repeated          // the turn has been answered already
)

// check says whether an answer with this id would be accepted now.
func (x *exchange) check(id string) verdict {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.judge(id)
}

func (x *exchange) judge(id string) verdict {
	switch {
	case x.current == nil || x.current.id != id || !x.current.taken:
		return unknownID
	case x.current.answered:
		return repeated
	}
	return accepted
}

// answer gives the outcome to the engine, once.
func (x *exchange) answer(id string, o outcome) verdict {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := x.judge(id)
	if v == accepted {
		x.current.answered = true
		x.current.outcome <- o
	}
	return v
}

// fail records that initialisation failed, before the first request for an
// invocation and only once.
func (x *exchange) fail(e *reportedError) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.isReady || x.failure != nil {
		return false
	}
	x.failure = e
	return true
}

// initFailure is what the runtime reported of its initialisation, nil if nothing.
func (x *exchange) initFailure() *reportedError {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.failure
}
