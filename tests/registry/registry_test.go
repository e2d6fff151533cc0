package registry

import (
	"flag"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	rounds  = flag.Int("rounds", 6, "how often a random history is compared with the model")
	plugins = flag.Int("plugins", 60, "how many plugins a fleet has")
	seed    = flag.Uint64("seed", 0, "the seed of everything random; 0 draws one")
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

// bubble makes a run in a bubble.
func bubble(t *testing.T, o Options, run func(Options, func() time.Time) error) {
	t.Helper()
	now := clock(t)
	if o.Output = os.Stdout; o.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano())
	}
	var err error
	synctest.Test(t, func(*testing.T) { err = run(o, now) })
	require.NoError(t, err, "the seed is %d", o.Seed)
}

func TestRandomHistories(t *testing.T) {
	for name, faults := range map[string]Faults{
		"calm": {}, "kills": {Kills: 0.2, Errors: 0.2, LostDeletes: 0.1}, "hard": {Kills: 0.1, Errors: 0.1, LostDeletes: 0.05, Hard: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Seed: *seed, Rounds: *rounds, Actions: 12, Faults: faults}, RandomHistory)
		})
	}
}

func TestFleet(t *testing.T) {
	for name, faults := range map[string]Faults{"calm": {}, "faults": {Kills: 0.02, Errors: 0.05, LostDeletes: 0.02, Hard: true}} {
		t.Run(name, func(t *testing.T) { bubble(t, Options{Seed: *seed, Plugins: *plugins, Faults: faults}, Fleet) })
	}
}
