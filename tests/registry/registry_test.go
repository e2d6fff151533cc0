package registry

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	histories = flag.Int("histories", 1, "how many random histories of each kind there are")
	rounds    = flag.Int("rounds", 6, "how often a random history is compared with the model")
	plugins   = flag.Int("plugins", 40, "how many plugins a fleet has")
	seed      = flag.Uint64("seed", 0, "the seed of everything random; 0 draws one")
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

// bubble makes a run in a bubble. The figures are there when they are asked for, and when
// something is wrong.
func bubble(t *testing.T, o Options, run func(Options, func() time.Time) error) error {
	t.Helper()
	now := clock(t)
	var figures strings.Builder
	o.Output = &figures
	var err error
	synctest.Test(t, func(*testing.T) { err = run(o, now) })
	if testing.Verbose() || (err != nil && o.Sabotage == nil) {
		_, _ = os.Stdout.WriteString(figures.String())
	}
	return err
}

// draw is the seed of a run.
func draw() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

func TestRandomHistories(t *testing.T) {
	for name, faults := range map[string]Faults{
		"calm": {}, "kills": {Kills: 0.2, Errors: 0.2, LostDeletes: 0.1}, "hard": {Kills: 0.1, Errors: 0.1, LostDeletes: 0.05, Hard: true},
	} {
		t.Run(name, func(t *testing.T) {
			first := draw()
			for i := range *histories {
				s := first + uint64(i)
				require.NoError(t, bubble(t, Options{Seed: s, Rounds: *rounds, Actions: 12, Faults: faults}, RandomHistory), "run it again with -args -seed=%d", s)
			}
		})
	}
}

func TestFleet(t *testing.T) {
	for name, faults := range map[string]Faults{"calm": {}, "hard": {Kills: 0.02, Errors: 0.05, LostDeletes: 0.02, Hard: true}} {
		t.Run(name, func(t *testing.T) {
			s := draw()
			require.NoError(t, bubble(t, Options{Seed: s, Plugins: *plugins, Faults: faults}, Fleet), "run it again with -args -seed=%d", s)
		})
	}
}

// firstQuery is the first query of a plugin, where there is another one.
var firstQuery = regexp.MustCompile("(type Query {\n)  p[^\n]*\n(  )")

// TestSabotageIsFound makes sure that the checks can fail.
func TestSabotageIsFound(t *testing.T) {
	for name, test := range map[string]struct {
		sabotage func(*cloud)
		// found is a pattern: which check finds it first depends on what comes when.
		found string
	}{
		"a request is lost": {func(c *cloud) { c.lose = 7 }, "has no outcome|was refused without reason"},
		"a field is not pushed": {func(c *cloud) {
			c.tamper = func(sdl string) string { return firstQuery.ReplaceAllString(sdl, "$1$2") }
		}, "without the field Query.p|it lacks .Query.p|cannot make the resolver|are not empty"},
		"a directive is not pushed": {func(c *cloud) {
			c.tamper = func(sdl string) string { return strings.Replace(sdl, " @aws_api_key", "", 1) }
		}, "is not the composition"},
	} {
		t.Run(name, func(t *testing.T) {
			err := bubble(t, Options{Seed: draw(), Rounds: 20, Actions: 12, Sabotage: test.sabotage}, RandomHistory)
			require.Error(t, err)
			require.Regexp(t, test.found, err.Error())
		})
	}
}
