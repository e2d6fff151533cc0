package dcbtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// decision is one command with its outcome.
type decision struct {
	command dcb.Command
	// start and end are moments of the history's clock: before the command was sent
	// first, and after its outcome was known.
	start, end int64
	// seen is what the handler saw when it gave the answer that counts.
	seen   []turn.RecordedEvent
	result dcb.Result
}

// history is what happened.
type history struct {
	decisions []decision
	// cancelled is how many appends the store cancelled, faults what was injected.
	cancelled int
	faults    map[fault]int
	clients   int
}

// client sends the commands of one goroutine.
type client struct {
	log *dcb.Log
	// store is the store itself, to look without being seen.
	store dcb.Store
	clock *atomic.Int64
	done  []decision
}

// order says who ordered the requests of a history.
var order = map[bool]string{false: "its order follows from the seed", true: "its order was left to the machine"}

// maxTries is how often a client sends one command.
const maxTries = 1000

// runHistories runs and checks randomized histories.
func runHistories(t *testing.T, open func(t *testing.T) dcb.Store, options Options) {
	first, n := options.histories(t)
	total := map[string]int{}
	for i := range n {
		// Every tenth history leaves the order to the machine, for the race detector.
		seed, free := first+i, options.Remote || i%10 == 9
		store := open(t)
		h, err := runHistory(t, store, seed, free)
		if err == nil {
			err = check(t.Context(), store, h)
		}
		if err != nil {
			t.Fatalf("history with %s=%d (%s): %v", SeedVariable, seed, order[free], err)
		}
		h.addTo(total)
	}
	t.Logf("%d histories from seed %d: %v", n, first, total)
}

// addTo adds up what happened.
func (h history) addTo(total map[string]int) {
	total["decisions"] += len(h.decisions)
	total["cancelled"] += h.cancelled
	for _, n := range h.faults {
		total["faults"] += n
	}
	for _, d := range h.decisions {
		if len(d.result.Events) > 0 {
			total["accepted"]++
		}
	}
}

// runHistory runs one history.
func runHistory(t *testing.T, store dcb.Store, seed uint64, free bool) (h history, err error) {
	random := rand.New(rand.NewPCG(seed, 1))
	h.clients = 1 + random.IntN(6)
	numbers := drawNumbers(random)
	s := newScheduler(store, random, []int{0, 40, 10}[random.IntN(3)], free)
	clients := make([]*client, h.clients)
	commands := make([][]dcb.Command, h.clients)
	var clock atomic.Int64
	for i := range clients {
		skew := time.Duration(random.IntN(3)) * time.Second
		clients[i] = &client{clock: &clock, store: store, log: dcb.New(s, courses, dcb.WithRetry(eventlog.Retry{Attempts: 20}),
			dcb.WithClock(func() time.Time { return time.Now().Add(-skew) }))}
		commands[i] = drawCommands(random, i, numbers)
	}
	run := func() { err = runClients(s, clients, commands) }
	if free {
		run()
	} else {
		synctest.Test(t, func(*testing.T) { run() })
	}
	for _, c := range clients {
		h.decisions = append(h.decisions, c.done...)
	}
	h.cancelled, h.faults = s.cancelled, s.counts
	return h, err
}

// runClients lets the clients send their commands at the same time.
func runClients(s *scheduler, clients []*client, commands [][]dcb.Command) error {
	errs := make([]error, len(clients))
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			ctx := context.WithValue(context.Background(), clientKey{}, i)
			s.enter(ctx, start, "") // else they would race for the first moments of the clock
			errs[i] = c.send(ctx, commands[i])
		})
	}
	done := make(chan struct{})
	if s.free {
		close(done)
	} else {
		go func() { all.Wait(); close(done) }()
	}
	s.run(done)
	all.Wait()
	return errors.Join(errs...)
}

// send sends commands one after the other, each until its outcome is known, and one in
// three once more.
func (c *client) send(ctx context.Context, commands []dcb.Command) error {
	for i, command := range commands {
		d, err := c.decide(ctx, command)
		if err != nil {
			return err
		}
		c.done = append(c.done, d)
		if i%3 > 0 || len(d.result.Events) == 0 {
			continue
		}
		again, err := c.decide(ctx, command)
		if err != nil {
			return err
		}
		if !again.result.Repeated || !sameEvents(again.result.Events, d.result.Events) || again.result.Version != d.result.Version {
			return fmt.Errorf("command %s was answered with %+v, and repeated with %+v", command.Origin.CommandID, d.result, again.result)
		}
	}
	return nil
}

// decide sends a command until its outcome is known.
func (c *client) decide(ctx context.Context, command dcb.Command) (decision, error) {
	d := decision{command: command, start: c.clock.Add(1)}
	var recorded []turn.RecordedEvent // what was seen when an append lost its answer
	var err error
	for range maxTries {
		var seen []turn.RecordedEvent
		d.result, err = c.log.Execute(ctx, command, func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
			seen = history
			events, reject := decideCourse(command, history)
			return events, reject, nil
		})
		switch {
		case err == nil:
			if d.seen = seen; d.result.Repeated {
				d.seen = recorded
			}
			d.end = c.clock.Add(1)
			return d, nil
		case !errors.Is(err, errLost) && !errors.Is(err, dcb.ErrConflict) && !errors.Is(err, dcb.ErrThrottled):
			return d, err
		}
		if recorded == nil {
			_, ok, err := c.store.Guard(context.WithoutCancel(ctx), dcb.GuardKey(command.Slice, command.Origin.CommandID))
			if err != nil {
				return d, err
			}
			if ok {
				recorded = seen
			}
		}
	}
	return d, fmt.Errorf("command %s: no outcome after %d tries: %w", command.Origin.CommandID, maxTries, err)
}
