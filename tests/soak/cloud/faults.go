package cloud

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// Faults are the rates of faults, each between 0 and 1.
type Faults struct {
	// Of requests: Throttled are refused because there is no capacity, LostAnswers take
	// effect but the connection breaks, Hangs have no answer in time, with or without
	// effect, and at Crashes the environment dies just before or after the effect.
	Throttled, LostAnswers, Hangs, Crashes float64
	// StaleReads is the rate of eventually consistent reads that give the item as it was
	// before its last change; Conflicts that of transactions that meet another one.
	StaleReads, Conflicts float64
	// Bursts is the rate of requests after which all requests of the environment are
	// throttled for some seconds.
	Bursts float64
	// Of batches of a stream: Repeated come again because the checkpoint was lost,
	// Overlapping are with two environments at once, and Late come again minutes later.
	Repeated, Overlapping, Late float64
	// LostDeletes is the rate of messages that were worked on but not deleted; Copies that
	// of messages of standard queues that are there twice.
	LostDeletes, Copies float64
}

// Usual are rates that are far above those of AWS.
var Usual = Faults{
	Throttled: 0.05, LostAnswers: 0.004, Hangs: 0.0001, Crashes: 0.0005, StaleReads: 0.1, Conflicts: 0.01, Bursts: 0.00002,
	Repeated: 0.02, Overlapping: 0.01, Late: 0.02, LostDeletes: 0.003, Copies: 0.02,
}

// A request takes one to latencies times latency: few different times, so that requests
// of many environments are at work at the same instant, on all processors.
const (
	latency   = 5 * time.Millisecond
	latencies = 4
)

// dice draws random things; it is safe for concurrent use.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

// newDice returns the dice of a part of the cloud.
func (c *Cloud) newDice(part string) *dice {
	digest := fnv.New64a()
	_, _ = digest.Write([]byte(part))
	return &dice{random: rand.New(rand.NewPCG(c.seed, digest.Sum64()))}
}

// chance says yes at a rate.
func (d *dice) chance(rate float64) bool { return rate > 0 && d.fraction() < rate }

// fraction draws from 0 to 1.
func (d *dice) fraction() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.Float64()
}

// number draws from 0 to n-1.
func (d *dice) number(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(n)
}

// upTo draws a duration.
func (d *dice) upTo(most time.Duration) time.Duration {
	return time.Duration(d.fraction() * float64(most))
}

// latency draws the time that a request takes.
func (d *dice) latency() time.Duration { return time.Duration(1+d.number(latencies)) * latency }

// fault is what happens to one attempt of a request.
type fault int

const (
	none fault = iota
	throttled
	lostAnswer
	hangBefore
	hangAfter
	crashBefore
	crashAfter
)

// draw draws what happens to an attempt, with one number for all faults.
func (f Faults) draw(d *dice) fault {
	x := d.fraction()
	for _, possible := range []struct {
		rate float64
		fault
	}{
		{f.Throttled, throttled}, {f.LostAnswers, lostAnswer}, {f.Hangs / 2, hangBefore}, {f.Hangs / 2, hangAfter},
		{f.Crashes / 2, crashBefore}, {f.Crashes / 2, crashAfter},
	} {
		if x < possible.rate {
			return possible.fault
		}
		x -= possible.rate
	}
	return none
}
