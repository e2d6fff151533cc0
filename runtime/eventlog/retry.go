package eventlog

import (
	"context"
	"math/rand/v2"
	"time"
)

// Retry says how often to try and how long to wait between two attempts: a random
// time between zero and a bound that doubles from Base to Cap ("full jitter"), so
// that writers who collided once do not collide again.
type Retry struct {
	// Attempts is how often to try in all, at least 1.
	Attempts int
	// Base bounds the first wait, Cap every later one.
	Base, Cap time.Duration
}

// DefaultRetry lets hundreds of writers of one id through within the 30 s that
// AppSync gives a request.
var DefaultRetry = Retry{Attempts: 20, Base: 20 * time.Millisecond, Cap: 2 * time.Second}

// Wait sleeps before attempt number attempt; 1 is the first retry. It returns at once
// with an error when the context is done, or when its deadline would pass meanwhile.
func (r Retry) Wait(ctx context.Context, attempt int) error {
	delay := r.delay(attempt)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// delay draws the time to wait before a retry.
func (r Retry) delay(attempt int) time.Duration {
	bound := r.Cap
	if shift := attempt - 1; shift < 30 && r.Base<<shift < r.Cap {
		bound = r.Base << shift
	}
	if bound <= 0 {
		return 0
	}
	return rand.N(bound)
}
