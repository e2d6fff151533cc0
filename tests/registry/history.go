package registry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// quiet is how long everything may take until nothing is on its way any more.
const quiet = 6 * time.Hour

// history is a random run.
type history struct {
	*cloud
	stacks []*stack
	// current are the revisions that stacks want to have.
	revisions map[*stack][]*revision
	mu        sync.Mutex
}

// RandomHistory lets stacks and operators do things at random, and compares with the
// model whenever nothing is on its way.
func RandomHistory(o Options, clock func() time.Time) error {
	return run(o, clock, func(c *cloud) {
		h := &history{cloud: c, revisions: map[*stack][]*revision{}}
		for i := range 6 {
			h.stacks = append(h.stacks, newStack(c, fmt.Sprint("p", i), fmt.Sprintf("o/p%d/main", i)))
		}
		h.stacks = append(h.stacks, newStack(c, "p0", "o/p0/rival"), newStack(c, "p1", "o/p1/rival"))
		for round := range o.Rounds {
			h.round(o.Actions, round)
		}
	})
}

// round does things at the same time, waits and checks.
func (h *history) round(actions, round int) {
	if h.faults.Hard {
		h.api.Creation = []time.Duration{time.Second, 5 * time.Second, 40 * time.Second, 150 * time.Second}[h.number(4)]
	}
	var work sync.WaitGroup
	for range actions {
		wait, act := time.Duration(h.number(90_000))*time.Millisecond, h.draw()
		work.Go(func() {
			time.Sleep(wait)
			act()
		})
	}
	work.Wait()
	h.settle()
	h.check()
	if len(h.wrong) > 0 {
		h.fail(fmt.Sprintf("(found after round %d)", round))
		return
	}
	pushes := h.pushes()
	h.look()
	h.idle(quiet)
	if h.pushes() != pushes {
		h.fail(fmt.Sprintf("after round %d nothing had changed, but %d pushes were made", round, h.pushes()-pushes))
	}
	if h.number(3) == 0 {
		h.redrive()
	}
}

// settle waits until nothing is on its way, and until the schema was looked after.
func (h *history) settle() {
	h.idle(quiet)
	for range 3 {
		time.Sleep(time.Minute)
		h.watch()
		h.idle(quiet)
	}
	h.look()
	h.idle(quiet)
}

// look is a request about nothing.
func (h *history) look() {
	h.must(registry.Send(context.Background(), queueClient{h.fifo}, registryURL, registry.Request{
		ID: uuid.NewString(), Type: registry.TypeSweep, Time: eventlog.FormatTime(time.Now()), Sweep: &registry.Sweep{},
	}))
}

func (h *history) redrive() {
	n := h.fifo.redrive()
	h.count(func(f *figures) { f.dead += n })
}

// draw draws what to do.
func (h *history) draw() func() {
	s := h.stacks[h.number(len(h.stacks))]
	operation := []string{"Platform_deactivatePlugin", "Platform_activatePlugin", "Platform_activatePlugin", "Platform_retirePlugin"}[h.number(4)]
	look, killed, again := h.number(3) > 0, h.number(8) == 0, h.number(4) == 0
	switch n := h.number(40); {
	case n < 22:
		r := h.revisionOf(s, again)
		return func() { _ = s.up(r, look, killed) }
	case n < 27:
		return func() { _ = s.destroy() }
	case n < 33:
		return func() { h.operate(operation, s.plugin) }
	case n < 35:
		return s.refresh
	case n < 37:
		return h.clobber
	case n < 38:
		return func() { h.fifo.copies(3) }
	case n < 39:
		return h.redrive
	default:
		return h.stray
	}
}

// revisionOf makes a revision of a stack, or takes one that it had before.
func (h *history) revisionOf(s *stack, again bool) *revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	if earlier := h.revisions[s]; again && len(earlier) > 0 {
		return earlier[h.number(len(earlier))]
	}
	r := &revision{version: fmt.Sprintf("1.%d.0", len(h.revisions[s])), money: h.number(8), closed: h.number(4) == 0}
	if r.money > 2 {
		r.money = h.number(2)
	}
	for i := range 5 {
		if h.number(2) == 0 {
			r.fields = append(r.fields, fmt.Sprintf("%s.%s_%d", []string{"Query", "Mutation"}[i%2], s.plugin, i))
		}
	}
	if h.number(4) == 0 {
		r.fields = append(r.fields, fmt.Sprint("Query.shared", h.number(3)))
	}
	if h.number(12) == 0 {
		r.fields = append(r.fields, "Query."+poison+s.plugin)
	}
	slices.Sort(r.fields)
	h.revisions[s] = append(h.revisions[s], r)
	return r
}

// clobber replaces the live schema behind the platform's back.
func (h *history) clobber() {
	h.count(func(f *figures) { f.clobbers++ })
	h.api.SetSDL([]string{"type Query {\n  strange: Int\n}\n", "type Query {\n  p0_0: Int\n}\n"}[h.number(2)])
}

// stray makes a resolver on a live field that has none.
func (h *history) stray() {
	for field := range h.revisionsFields() {
		if h.api.Resolvers()[field] == "" {
			return
		}
	}
}

func (h *history) revisionsFields() map[string]bool { return nil }
