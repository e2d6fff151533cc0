package soak

import (
	"flag"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/soak/cloud"
)

var (
	events = flag.Int("events", 5000, "how many events of clients' commands there shall be")
	seed   = flag.Uint64("seed", 0, "the seed of everything random; 0 draws one")
)

// clock returns the time outside of the bubble in which the runs are.
func clock(t *testing.T) func() time.Time {
	asked, answers := make(chan struct{}), make(chan time.Time)
	go func() {
		for range asked {
			answers <- time.Now()
		}
	}()
	t.Cleanup(func() { close(asked) })
	return func() time.Time {
		asked <- struct{}{}
		return <-answers
	}
}

// run makes a run in a bubble.
func run(t *testing.T, o Options) (err error) {
	now := clock(t)
	if o.Output == nil {
		o.Output = os.Stdout
	}
	if o.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano())
	}
	t.Logf("the seed is %d", o.Seed)
	synctest.Test(t, func(*testing.T) { err = Run(o, now) })
	return err
}

func TestNothingIsLostAndNothingHappensTwice(t *testing.T) {
	require.NoError(t, run(t, Options{Events: *events, Seed: *seed, Faults: cloud.Usual}))
}
