// Package dcbtest is the conformance suite of DCB logs. Every back end of package dcb
// must pass it.
//
//  1. [Run] runs named cases, one for each rule of the log, on fresh stores.
//  2. It then runs randomized histories: several clients send commands of a model domain
//     (courses and students) at the same time, while requests are refused and answers
//     lost. [check] finds an order in which the decisions could have been taken one after
//     the other, and decides them anew in that order; any difference is a failure that
//     names the seed of the history.
//  3. [Faults] counts the requests to a store and makes them fail.
package dcbtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
)

// Environment variables.
const (
	// HistoriesVariable says how many histories to run.
	HistoriesVariable = "REVENTLESS_HISTORIES"
	// SeedVariable is the seed of one history, to run that one only.
	SeedVariable = "REVENTLESS_HISTORY_SEED"
)

// Options say how to run the suite.
type Options struct {
	// Histories is how many randomized histories to run. 0 takes what the environment
	// variable [HistoriesVariable] says, else 300.
	Histories int
	// Remote says that the store talks to another process. Else the requests of most
	// histories are put in an order that follows from the seed.
	Remote bool
}

// Run runs the suite; open returns a new and empty store each time.
func Run(t *testing.T, open func(t *testing.T) dcb.Store, options Options) {
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, func() *Faults { return NewFaults(open(t)) })
		})
	}
	t.Run("histories", func(t *testing.T) {
		t.Parallel()
		runHistories(t, open, options)
	})
}

// histories says how many histories to run, and the seed of the first; each further one
// has the next seed.
func (o Options) histories(t *testing.T) (seed uint64, n uint64) {
	if one, ok := variable(t, SeedVariable); ok {
		return one, 1
	}
	if o.Histories > 0 {
		return rand.Uint64(), uint64(o.Histories)
	}
	n, ok := variable(t, HistoriesVariable)
	if !ok {
		n = 300
	}
	return rand.Uint64(), n
}

// variable reads a number from the environment, false when there is none.
func variable(t *testing.T, name string) (uint64, bool) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q, it must be a number", name, text)
	}
	return n, true
}
