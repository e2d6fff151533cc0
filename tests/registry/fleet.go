package registry

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// fieldsOfMember are how many root fields a plugin of a fleet has.
const fieldsOfMember = 6

// Fleet deploys many plugins at the same time, deploys them all again with other fields,
// again without a change, and destroys them while others are deployed. Without faults the
// pushes of each wave are bounded.
func Fleet(o Options, clock func() time.Time) error {
	return run(o, clock, func(c *cloud) {
		stacks := make([]*stack, o.Plugins)
		for i := range stacks {
			stacks[i] = newStack(c, fmt.Sprintf("plugin-%d", i), fmt.Sprintf("o/plugin-%d/main", i))
		}
		bound := 1 + (o.Plugins+batchSize-1)/batchSize
		c.wave(o, clock, "connect", bound, false, stacks, func(i int, s *stack) error { return s.up(member(i, 0), true, false) })
		c.wave(o, clock, "update", bound, true, stacks, func(i int, s *stack) error { return s.up(member(i, 1+c.number(3)), true, false) })
		c.wave(o, clock, "no change", 0, false, stacks, func(_ int, s *stack) error { return s.up(c.revision(s.input.Hash), true, false) })
		// The half that goes leaves in batches with the half that changes.
		c.wave(o, clock, "half goes", bound, true, stacks, func(i int, s *stack) error {
			if i%2 == 0 {
				return s.destroy()
			}
			return s.up(member(i, 5), true, false)
		})
		c.wave(o, clock, "all go", bound, false, stacks, func(_ int, s *stack) error { return s.destroy() })
	})
}

// member is a revision of a plugin of a fleet.
func member(i, number int) *revision {
	r := &revision{version: fmt.Sprintf("1.%d.0", number), money: 1}
	for field := range fieldsOfMember {
		// One field goes and one comes with each revision.
		r.fields = append(r.fields, fmt.Sprintf("%s.p%d_%d", []string{"Mutation", "Query"}[(field+number)%2], i, field+number))
	}
	return r
}

// wave lets all stacks do something at the same time, waits until nothing is on its way,
// and checks. drops says that fields go whose resolvers are still there: sweeps take such
// fields away later.
func (c *cloud) wave(o Options, clock func() time.Time, name string, bound int, drops bool, stacks []*stack, act func(int, *stack) error) {
	began, simulated, pushes, figures := clock(), time.Now(), c.pushes(), c.figures
	var work sync.WaitGroup
	for i, s := range stacks {
		work.Go(func() {
			for attempt := 0; ; attempt++ {
				err := act(i, s)
				if err == nil {
					return
				}
				// Faults may cost a deployment its answer; the next run makes it good.
				if attempt == 5 || errors.Is(err, errRefused) || o.Faults == (Faults{}) {
					c.fail(fmt.Sprintf("wave %q: stack %s: %v", name, s.id, err))
					return
				}
			}
		})
	}
	work.Wait()
	answered := time.Since(simulated)
	c.idle(quiet)
	time.Sleep(2 * time.Minute) // the sweeps of kept fields have their time
	c.idle(quiet)
	c.check()
	sweeps := 0
	if drops {
		sweeps = 2 + int(answered/(10*time.Second)) // as often as the first sweep may come
	}
	if made := c.pushes() - pushes; o.Faults == (Faults{}) && made > bound+sweeps {
		c.fail(fmt.Sprintf("wave %q took %d pushes, not at most %d", name, made, bound))
	}
	fmt.Fprintf(o.Output, "  %-10s %4d deploys, %3d pushes, %3d batches, %3d retries; answered within %6s of AppSync's time; %.1f s\n", name,
		len(stacks), c.pushes()-pushes, c.figures.batches-figures.batches, c.figures.repeated-figures.repeated, answered.Round(time.Second), clock().Sub(began).Seconds())
}
