package soak

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

const (
	// clients is how many clients send commands at the same time.
	clients = 96
	// mostBacklog is how many records and messages may be in flight before clients wait.
	mostBacklog = 20_000
	// repeated is one in how many commands is sent twice at the same time, and late one in
	// how many is sent again up to lateBy later.
	repeated, late = 40, 40
	lateBy         = 10 * time.Minute
	// progress is how often a line is printed, in real time.
	progress = 30 * time.Second
)

// outcome is what clients were told about a command.
type outcome struct {
	accepted, rejected bool
	// unanswered says that an invocation ended without answer, and may have had an effect.
	unanswered bool
	// version is that of the first answer that accepted the command.
	version int64
	// contradiction is an answer that does not go with an earlier one.
	contradiction string
}

// command is a command with a number.
func (w *world) command(ref int) shop.Command {
	return shop.NewCommand(ref, rand.New(rand.NewPCG(w.options.Seed, uint64(ref))))
}

// sendCommands sends commands until there are enough events, and waits for all answers.
func (w *world) sendCommands(clock func() time.Time) {
	var working sync.WaitGroup
	done := make(chan struct{})
	go w.watch(done, clock)
	for range clients {
		working.Go(func() {
			for int(w.recorded.Load()) < w.options.Events {
				for w.busy.Load() {
					time.Sleep(200 * time.Millisecond)
				}
				w.send(w.command(int(w.next.Add(1))), &working)
			}
		})
	}
	working.Wait()
	close(done)
}

// watch makes clients wait when too much is in flight, and tells how far the run is.
func (w *world) watch(done <-chan struct{}, clock func() time.Time) {
	last := clock()
	for {
		select {
		case <-done:
			return
		case <-time.After(200 * time.Millisecond):
		}
		backlog := w.cloud.Backlog()
		w.busy.Store(backlog > mostBacklog)
		if now := clock(); now.Sub(last) >= progress {
			last = now
			fmt.Fprintf(w.options.Output, "%d events, %d in flight, %s of simulated time\n", w.recorded.Load(), backlog, time.Since(w.began).Round(time.Second))
		}
	}
}

// send sends a command until there is an answer, and some commands once more.
func (w *world) send(c shop.Command, working *sync.WaitGroup) {
	random := rand.New(rand.NewPCG(w.options.Seed+1, uint64(c.Ref)))
	if random.IntN(repeated) == 0 {
		w.again.Add(1)
		working.Go(func() { w.try(c) })
	}
	w.try(c)
	if random.IntN(late) == 0 {
		pause := time.Duration(random.Int64N(int64(lateBy)))
		w.again.Add(1)
		working.Go(func() {
			time.Sleep(pause)
			w.try(c)
		})
	}
}

// try sends a command until there is an answer.
func (w *world) try(c shop.Command) {
	for pause := 50 * time.Millisecond; !w.once(c); pause = min(2*pause, 10*time.Second) {
		time.Sleep(pause)
	}
}

// once sends a command once; false says that it must be sent again.
func (w *world) once(c shop.Command) bool {
	var answer struct {
		protocol.CommandResult
		Error *protocol.FieldError `json:"error"`
	}
	if err := w.commands.InvokeJSON(c.Invocation(), &answer); err != nil || answer.Error != nil {
		w.lost.Add(1)
		w.note(c.Ref, func(o *outcome) { o.unanswered = true })
		return false
	}
	if answer.Code == protocol.CodeConflict {
		return false
	}
	w.answered(c, answer.CommandResult)
	return true
}

// completed notes the published outcome of an asynchronous command.
func (w *world) completed(encoded string) {
	var result protocol.CommandResult
	if err := json.Unmarshal([]byte(encoded), &result); err != nil {
		panic("soak: the published outcome is no JSON: " + err.Error())
	}
	ref, err := strconv.Atoi(strings.TrimPrefix(result.CommandID, "command-"))
	if err != nil {
		panic("soak: the published outcome is of no command of a client: " + encoded)
	}
	w.answered(w.command(ref), result)
}

// answered notes an answer.
func (w *world) answered(c shop.Command, result protocol.CommandResult) {
	w.note(c.Ref, func(o *outcome) {
		switch {
		case result.CommandID != c.ID():
			o.contradiction = "the answer is about the command " + result.CommandID
		case result.Status == protocol.Rejected:
			o.rejected = true
		case result.Status == protocol.Accepted && o.accepted && result.Version != o.version:
			o.contradiction = fmt.Sprintf("accepted with version %d and with version %d", o.version, result.Version)
		case result.Status == protocol.Accepted && !o.accepted:
			o.accepted, o.version = true, result.Version
			w.recorded.Add(int64(c.Events))
		}
	})
}

// note changes what is known of a command.
func (w *world) note(ref int, change func(*outcome)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.outcomes) <= ref {
		w.outcomes = append(w.outcomes, outcome{})
	}
	change(&w.outcomes[ref])
}
