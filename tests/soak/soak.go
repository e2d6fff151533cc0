// Package soak proves that nothing is lost and nothing happens twice when many events go
// from log to read models and on to another plugin, while requests fail, functions die and
// deliveries are repeated.
//
//  1. wiring.go puts the plugins of package shop, with the real engine, into an account of
//     package cloud, as the provider wires them.
//  2. clients.go sends commands, some of them several times, until the event logs have as
//     many events as asked for, and keeps the answers.
//  3. [Run] waits until nothing is in flight, and redrives what was given up.
//  4. check.go reads the tables and compares: the logs of sales with the answers, its read
//     models with a fold of the logs, the logs of shipping with those of sales, and so on.
//     It knows the format of the items, and uses no code of the engine.
//
// `go test ./tests/soak` makes a small run, and small runs with sabotage that the checks
// must find. `make soak` makes a run of 1,000,000 events.
package soak

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/tests/soak/cloud"
	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// Options are what a run is made of.
type Options struct {
	// Events is how many events of clients' commands there shall be at least.
	Events int
	// Seed is that of everything random.
	Seed uint64
	// Faults are the rates of faults.
	Faults cloud.Faults
	// Handler answers the turns of both plugins; by default [shop.Handler] does.
	Handler turn.Invoker
	// Sabotage changes the cloud before the run, Spoil its tables before they are checked.
	Sabotage func(*cloud.Cloud)
	Spoil    func(*cloud.Cloud) error
	// Output gets the figures, and a line now and then.
	Output io.Writer
}

// settleTime bounds how long the deliveries may go on after the last command, and
// redrives is how often what was given up is redriven.
const (
	settleTime = 12 * time.Hour
	redrives   = 3
)

// Run makes a run in the bubble of a test and returns everything that is wrong. clock is
// the time outside of the bubble, for the figures.
func Run(o Options, clock func() time.Time) error {
	if o.Handler == nil {
		o.Handler = shop.Handler{}
	}
	began := clock()
	w := newWorld(o)
	defer w.cloud.Close()
	w.sendCommands(clock)
	unsettled := w.settle()
	ran := clock().Sub(began)
	if o.Spoil != nil {
		if err := o.Spoil(w.cloud); err != nil {
			return err
		}
	}
	checked, err := w.check()
	w.print(checked, ran, clock().Sub(began)-ran)
	return errors.Join(unsettled, err)
}

// settle waits until nothing is in flight and nothing is given up.
func (w *world) settle() error {
	for round := 0; ; round++ {
		if err := w.cloud.Settle(settleTime); err != nil {
			return err
		}
		letters := w.cloud.DeadLetters()
		if len(letters) == 0 {
			return nil
		}
		if round == redrives {
			return fmt.Errorf("%d items are given up again and again, such as %s", len(letters), letters[0])
		}
		w.cloud.Redrive()
	}
}

// print prints the figures.
func (w *world) print(checked figures, ran, check time.Duration) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	out := w.options.Output
	fmt.Fprintf(out, "%d events of sales and %d of shipping in %.1f s, %.0f events/s; checked in %.1f s; seed %d\n",
		checked.sales, checked.shipping, ran.Seconds(), float64(checked.sales+checked.shipping)/ran.Seconds(), check.Seconds(), w.options.Seed)
	fmt.Fprintf(out, "  %-12s %d sent, of which %d were sent again by clients: %d accepted, %d rejected, %d answers never came\n", "commands",
		w.next.Load(), w.again.Load(), checked.accepted, checked.rejected, w.lost.Load())
	fmt.Fprintf(out, "  %-12s %d, each equal to the fold of its log; %d messages between the plugins, each with one effect\n", "rows", checked.rows, checked.messages)
	fmt.Fprint(out, w.cloud.Figures.String())
	fmt.Fprintf(out, "  %-12s %d MB from the system, %s of simulated time\n", "memory", memory.Sys>>20, time.Since(w.began).Round(time.Second))
}
