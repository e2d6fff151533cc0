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
	// revisions are those that stacks had.
	revisions map[*stack][]*revision
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
		for round := 0; round < o.Rounds && len(c.wrong) == 0; round++ {
			h.round(o.Actions, round)
		}
	})
}

// round does things at the same time, waits and checks.
func (h *history) round(actions, round int) {
	if h.faults.Hard {
		h.api.Creation = []time.Duration{time.Second, 5 * time.Second, 40 * time.Second, 150 * time.Second}[h.number(4)]
	}
	within := []int{100, 5_000, 90_000, 1_200_000}[h.number(4)]
	var work sync.WaitGroup
	for range actions {
		wait, act := time.Duration(h.number(within))*time.Millisecond, h.draw()
		work.Go(func() {
			time.Sleep(wait)
			act()
		})
	}
	work.Wait()
	h.settle()
	h.checkStacks(h.check())
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
	time.Sleep(7 * time.Minute) // The watch asks for the same but once in five minutes.
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
		return h.outage
	}
}

// revisionOf makes a revision of a stack, or takes one that it had before.
func (h *history) revisionOf(s *stack, again bool) *revision {
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

// outage lets every batch of some minutes fail, so that requests end among the dead letters.
func (h *history) outage() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outageEnd = time.Now().Add(3 * time.Minute)
}

// checkStacks makes sure that nothing is left of a stack that was destroyed.
func (h *history) checkStacks(m *model) {
	states, _ := h.logged()
	for _, s := range h.stacks {
		state := states[s.plugin]
		if s.gone && state.Registered() && state.Stack == s.id && !m.plugin(s.plugin).stranded && !h.forgotten(state) {
			h.fail(fmt.Sprintf("stack %s was destroyed, but plugin %s is still %s with %q; %v\n%s", s.id, s.plugin, state.Status, state.Hash, h.api.Resolvers(), h.trace(s.plugin)))
		}
	}
}

// forgotten says that a plugin's stack cannot take everything away: an operator has its
// resolvers taken away, or a resolver is left that the stack does not know. It forgets those
// that a refresh, or a deletion while the live schema was clobbered, did not find.
func (h *history) forgotten(state registry.State) bool {
	resolvers := h.api.Resolvers()
	return !state.Served() || slices.ContainsFunc(h.revision(state.Hash).fields, func(field string) bool { return resolvers[field] != "" })
}
