package schemapushtest

import (
	"context"
	"sync"
	"time"
)

// Clock is a clock that moves only when somebody sleeps, so that tests do not wait.
// It is safe for concurrent use.
type Clock struct {
	// End is when Sleep begins to fail, as it does at the deadline of a context. Zero
	// is never.
	End time.Time

	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a fixed time.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

// Now is the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sleep moves the clock, unless the context is done or the end would pass.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.End.IsZero() && c.Now().Add(d).After(c.End) {
		return context.DeadlineExceeded
	}
	c.Advance(d)
	return nil
}
