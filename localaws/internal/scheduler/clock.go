package scheduler

import (
	"context"
	"sync"
	"time"
)

// longestSleep bounds one sleep, after which the time is looked at again.
const longestSleep = time.Hour

// clock is the computer's time plus an offset that grows.
type clock struct {
	mutex  sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed when the offset grows
}

func newClock() *clock { return &clock{moved: make(chan struct{})} }

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.offset += by
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *clock) changed() <-chan struct{} {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.moved
}

// wait waits until a moment; false says that the context ended.
func (c *clock) wait(ctx context.Context, until time.Time) bool {
	for ctx.Err() == nil {
		moved := c.changed()
		left := until.Sub(c.now())
		if left <= 0 {
			return true
		}
		c.sleep(ctx, left, moved, nil)
	}
	return false
}

// sleep sleeps until the time is over, the clock moved, it is woken, or the context
// ended.
func (c *clock) sleep(ctx context.Context, pause time.Duration, moved, woken <-chan struct{}) {
	timer := time.NewTimer(min(pause, longestSleep))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-moved:
	case <-woken:
	case <-ctx.Done():
	}
}
