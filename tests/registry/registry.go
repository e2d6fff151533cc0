// Package registry proves that the plugin registry and the API's schema end as they
// should, whatever happens on the way.
//
//  1. cloud.go, queue.go, process.go and function.go are the AWS around the real admin
//     and connect functions: tables, the API, the FIFO queue and its reader. Processes of
//     the admin function die at any of their requests, batches are delivered again,
//     requests end among the dead letters and are redriven.
//  2. stack.go is what Pulumi does for a plugin's stack: it checks, connects, makes and
//     deletes resolvers, is killed, refreshed and destroyed.
//  3. history.go lets many stacks and operators do so at random and at the same time,
//     and replaces the live schema behind the platform's back.
//  4. model.go replays the requests in the order in which the queue had them, and says
//     which outcomes are possible and what the registry should be after them.
//  5. check.go compares log, rows, resolvers and the text of the live schema with the
//     model whenever nothing is on its way.
//  6. fleet.go deploys, updates and destroys hundreds of plugins and counts the pushes.
//
// Everything runs in a bubble of testing/synctest, so hours take seconds. `go test
// ./tests/registry` makes short runs, `make registry` long ones. The seed draws the same
// actions and faults; how goroutines interleave is not drawn.
package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Options are what a run is made of.
type Options struct {
	// Seed is that of everything random.
	Seed uint64
	// Rounds is how often a random history waits until nothing is on its way, Actions how
	// much happens in between.
	Rounds, Actions int
	// Plugins is how many a fleet has.
	Plugins int
	Faults  Faults
	// Sabotage changes the cloud before the run.
	Sabotage func(*cloud)
	// Output gets the figures.
	Output io.Writer
}

// run makes a run in the bubble of a test. clock is the time outside of it.
func run(o Options, clock func() time.Time, what func(*cloud)) error {
	began, simulated := clock(), time.Now()
	c := newCloud(o.Seed, o.Faults)
	if o.Sabotage != nil {
		o.Sabotage(c)
	}
	go c.read()
	go c.tick()
	what(c)
	c.fifo.close()
	time.Sleep(connectTime) // those whose stacks were killed end, and the schedule
	c.print(o, clock().Sub(began), time.Since(simulated))
	if len(c.wrong) > 0 {
		return errors.New(strings.Join(c.wrong, "\n"))
	}
	return nil
}

// print prints the figures.
func (c *cloud) print(o Options, took, simulated time.Duration) {
	f := c.figures
	fmt.Fprintf(o.Output, "%d deploys (%d refused, %d without an answer in time) by %d requests in %d batches: %d pushes, %d retries, %d kills, %d dead letters redriven, %d clobbered schemas; wrong or lost = %d; %.1f s, %s simulated; seed %d\n",
		f.deploys, f.refused, f.unanswered, len(c.fifo.history), f.batches, c.pushes(), f.repeated, f.kills, f.dead, f.clobbers, len(c.wrong),
		took.Seconds(), simulated.Round(time.Second), o.Seed)
}

func (c *cloud) context() context.Context { return context.Background() }
