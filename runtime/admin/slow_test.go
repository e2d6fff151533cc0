package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// deliverFor delivers a batch to a function that has only so much time.
func (w *world) deliverFor(limit time.Duration) {
	w.t.Helper()
	w.clock.End = w.clock.Now().Add(limit)
	w.deliver(10)
	w.clock.End = time.Time{}
}

// TestVerdictsOutlastTheFunction has pushes that together take longer than the function
// has: of a whole batch, and of each request to find those that AppSync refuses.
func TestVerdictsOutlastTheFunction(t *testing.T) {
	t.Parallel()
	for name, atOnce := range map[string]bool{"later": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.api.Creation, w.api.RefuseAtOnce = 100*time.Second, atOnce
			w.api.Refuse = func(sdl string) string {
				if strings.Contains(sdl, "poison") {
					return "refused"
				}
				return ""
			}
			want := map[string]bool{}
			for i := range 6 {
				id, field := fmt.Sprint("p", i), fmt.Sprint("f", i)
				if want[id] = i%2 == 0; !want[id] {
					field = "poison" + field
				}
				w.send(w.connect(id, id, query(field)))
			}
			w.receives = 5
			for range 5 {
				w.deliverFor(290 * time.Second)
				w.restart()
			}
			assert.Empty(t, w.fifo)
			assert.Empty(t, w.dead)
			for id, ok := range want {
				assert.Equal(t, ok, w.outcome(id, id).OK, id)
			}
			assert.Equal(t, []string{"Query.f0", "Query.f2", "Query.f4"}, w.live())
		})
	}
}

// TestNewcomersWaitForAPushThatWasBegun has a push that takes longer than the function
// has, and requests that join the batch meanwhile.
func TestNewcomersWaitForAPushThatWasBegun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.Creation = 200 * time.Second
	for i := range 5 {
		id := fmt.Sprint("p", i)
		w.send(w.connect(id, id, query(id)))
		w.deliverFor(150 * time.Second)
		w.restart()
	}
	w.deliverFor(150 * time.Second)
	w.deliverFor(150 * time.Second)
	assert.Empty(t, w.fifo)
	assert.Empty(t, w.dead)
	assert.Len(t, w.live(), 5)
	for i := range 5 {
		id := fmt.Sprint("p", i)
		assert.True(t, w.outcome(id, id).OK)
	}
	assert.LessOrEqual(t, w.pushes(), 5)
}

// TestFinishedRequestsAreNotHandedBack has a batch of which a part is done when the time
// is over.
func TestFinishedRequestsAreNotHandedBack(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.api.Creation = 100 * time.Second
	w.send(w.connect("billing", "b1", query("invoice")), operation("deactivate", "catalog", "d1"), w.connect("late", "l1", query("late")))
	w.deliverFor(150 * time.Second)
	assert.True(t, w.outcome("billing", "b1").OK)
	assert.Len(t, w.fifo, 2)
	for range 3 {
		w.deliverFor(150 * time.Second)
	}
	assert.Empty(t, w.fifo)
	assert.Equal(t, []string{"Query.invoice", "Query.late", "Query.order", "Query.platform"}, w.live())
}

func TestVerdictsOfALostBatchPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refuse := true
	w.api.Refuse = func(string) string {
		if refuse {
			return "not now"
		}
		return ""
	}
	w.send(w.connect("catalog", "c1", query("a")))
	w.deliver(10)
	assert.Equal(t, protocol.CodeSchemaRefused, w.outcome("catalog", "c1").Problems[0].Code)
	refuse = false
	again := w.connect("catalog", "c1", query("a"))
	again.ID = "c1 again"
	w.send(again)
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "c1 again").OK, "the same composition is tried again")
}
