package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestAnAutomationTriesUntilAnEventResolvesTheRow(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	w := newToDoWorld(t, 5, ships(&asked))
	w.onEffect = func(protocol.Command) {
		if len(w.effects) == 2 {
			w.event("Product", "o1", ev("Removed", `{}`))
		}
	}
	start := w.now
	w.event("Product", "o1", ev("Placed", `{"express":true}`))
	w.run()
	require.Len(t, asked, 2)
	assert.Equal(t, turn.React, asked[0].Kind)
	assert.Equal(t, "Ship", asked[0].Component)
	assert.Equal(t, "o1", asked[0].ID)
	assert.JSONEq(t, `{"id":"o1","express":true}`, string(asked[0].Row), "nothing of the bookkeeping")
	assert.JSONEq(t, `{"id":"o1","express":true}`, string(asked[1].Row))
	assert.Equal(t, &turn.Attempt{Number: 1, Of: 5}, asked[0].Attempt)
	assert.Equal(t, &turn.Attempt{Number: 2, Of: 5}, asked[1].Attempt)
	assert.Equal(t, "2026-03-01T10:00:00.000Z", asked[0].Meta.Time)
	assert.Equal(t, "2026-03-01T10:00:30.000Z", asked[1].Meta.Time, "a pause later")
	require.Len(t, w.order, 2, "each attempt is a command of its own")
	first := w.effects[w.order[0]]
	assert.Equal(t, "Product", first.Component)
	assert.Equal(t, "ShipOrder", first.Type)
	assert.Equal(t, asked[0].Meta.CausationID, first.CausationID)
	assert.Equal(t, "correlation", first.CorrelationID, "that of the event")
	assert.Equal(t, start.Add(90*time.Second), w.now, "the last look finds nothing to do")
	assert.Nil(t, w.row("ship", "o1"))
}

func TestARowIsGivenUpAfterItsAttempts(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 3, ships(nil))
	start := w.now
	w.event("Product", "o1", ev("Placed", `{}`))
	w.run()
	assert.Len(t, w.effects, 3)
	assert.Equal(t, start.Add((30+60+120)*time.Second), w.now)
	row := w.row("ship", "o1")
	assert.Equal(t, statusGivenUp, row["_status"])
	assert.Equal(t, "3", fmt.Sprint(row["_attempt"]))
	assert.Equal(t, "still to do after 3 attempts", row["_error"])
	assert.Equal(t, "2026-03-01T10:03:30.000Z", row["_updatedAt"])
	assert.Contains(t, w.log.String(), `"level":"ERROR","msg":"a to-do row was given up"`)
	assert.Contains(t, w.log.String(), `"toDo":"Ship","id":"o1","attempts":3`)

	w.event("Product", "o1", ev("Placed", `{"again":true}`))
	assert.Equal(t, statusPending, w.row("ship", "o1")["_status"])
	w.run()
	assert.Len(t, w.effects, 6, "a changed row begins anew")
}

func TestARowThatDoesNotChangeIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 3, ships(nil))
	w.event("Product", "o1", ev("Placed", `{"n":1}`))
	w.event("Product", "o1", ev("Placed", `{"n":1}`))
	placed := 2
	w.onEffect = func(protocol.Command) { placed++; w.event("Product", "o1", ev("Placed", `{"n":1}`)) }
	w.run()
	assert.Len(t, w.effects, 3)
	assert.Equal(t, 5, placed)
	assert.Equal(t, map[string]any{"Product": json.Number("5")}, w.row("ship", "o1")["_position"], "no write of a projection is undone")
	assert.Equal(t, statusGivenUp, w.row("ship", "o1")["_status"])
}

func TestAReminderOfAnOlderRowDoesNothing(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	w := newToDoWorld(t, 2, ships(&asked))
	w.event("Product", "o1", ev("Placed", `{"n":1}`))
	require.True(t, w.deliverStream())
	w.event("Product", "o1", ev("Placed", `{"n":2}`))
	w.run()
	numbers := []int{}
	for _, turn := range asked {
		numbers = append(numbers, turn.Attempt.Number)
	}
	assert.Equal(t, []int{1, 1, 2}, numbers)
	assert.Len(t, w.effects, 3, "ids differ between the two rows")
}

func TestAnAutomationThatThrowsIsAskedAgain(t *testing.T) {
	t.Parallel()
	failing := 2
	w := newToDoWorld(t, 4, script{turn.React: func(_ context.Context, t turn.Turn) (any, error) {
		if t.Attempt.Number <= failing {
			return nil, &turn.HandlerError{Kind: turn.Threw, Type: "Error", Message: strings.Repeat("ä", 2000)}
		}
		return `{"commands":[{"to":"Nobody","type":"X","data":{}}]}`, nil
	}})
	w.event("Product", "o1", ev("Placed", `{}`))
	assert.True(t, w.deliverStream())
	row := w.row("ship", "o1")
	assert.Equal(t, statusPending, row["_status"])
	assert.Regexp(t, `^HandlerError: Error: ä+…$`, row["_error"])
	assert.LessOrEqual(t, len(fmt.Sprint(row["_error"])), maxErrorText+len("…"))
	w.run()
	row = w.row("ship", "o1")
	assert.Equal(t, statusGivenUp, row["_status"])
	assert.Contains(t, row["_error"], `no aggregate, slice or extension "Nobody"`, "the last error stays")
	assert.Empty(t, w.effects)
}

// crashes runs a scenario again and again, each time with a crash at a later request,
// before its effect or after it, until it ends without a crash.
func crashes(t *testing.T, scenario func(t *testing.T, crashAt int, after bool) *toDoWorld) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			w := scenario(t, at, after)
			if !w.crashed {
				assert.Greater(t, at, 4, "there were crashes")
				break
			}
			require.Less(t, at, 200)
			if t.Failed() {
				t.Fatalf("crash at request %d, after its effect: %v", at, after)
			}
		}
	}
}

func TestAnAutomationSurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	crashes(t, func(t *testing.T, crashAt int, after bool) *toDoWorld {
		w := newToDoWorld(t, 3, ships(nil))
		w.crashAt, w.crashAfter = crashAt, after
		w.onEffect = func(protocol.Command) { w.event("Product", "o1", ev("Removed", `{}`)) }
		w.event("Product", "o1", ev("Placed", `{}`))
		w.event("Product", "o2", ev("Placed", `{}`))
		w.event("Product", "o2", ev("Removed", `{}`))
		w.run()
		assert.Len(t, w.effects, 1, "exactly one command")
		assert.Nil(t, w.row("ship", "o1"))
		return w
	})
}

func TestARowWithoutEndSurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	crashes(t, func(t *testing.T, crashAt int, after bool) *toDoWorld {
		var asked []turn.Turn
		w := newToDoWorld(t, 3, ships(&asked))
		w.crashAt, w.crashAfter = crashAt, after
		w.event("Product", "o1", ev("Placed", `{}`))
		w.run()
		numbers := map[int]bool{}
		for _, turn := range asked {
			numbers[turn.Attempt.Number] = true
		}
		assert.Len(t, w.effects, 3, "one command for each attempt")
		assert.LessOrEqual(t, len(asked), 4, "and the attempt that crashed once more")
		assert.Equal(t, map[int]bool{1: true, 2: true, 3: true}, numbers)
		assert.Equal(t, statusGivenUp, w.row("ship", "o1")["_status"])
		return w
	})
}

func TestDuplicatesAndOrderDoNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		var asked []turn.Turn
		w := newToDoWorld(t, 3, ships(&asked))
		w.random = rand.New(rand.NewPCG(seed, 1))
		for _, id := range []string{"o1", "o2", "o3"} {
			w.event("Product", id, ev("Placed", `{}`))
		}
		w.onEffect = func(c protocol.Command) {
			if c.ID == "o2" {
				w.event("Product", "o2", ev("Removed", `{}`))
			}
		}
		w.run()
		assert.Len(t, w.effects, 3+1+3, "seed %d", seed)
		assert.Len(t, asked, 3+1+3, "seed %d: no attempt is made twice", seed)
		assert.Equal(t, statusGivenUp, w.row("ship", "o1")["_status"])
		assert.Nil(t, w.row("ship", "o2"))
		assert.Equal(t, statusGivenUp, w.row("ship", "o3")["_status"])
	}
}

func TestManyCrashesDoNotLoseARow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		w := newToDoWorld(t, 3, script{
			turn.React: ships(nil)[turn.React],
			turn.Call:  func(context.Context, turn.Turn) (any, error) { return sentMail, nil },
		})
		w.random, w.crashes = rand.New(rand.NewPCG(seed, 3)), 6
		for _, id := range []string{"o1", "o2", "o3"} {
			w.event("Product", id, ev("Placed", `{}`))
		}
		w.event("Category", "c1", ev("Placed", `{}`))
		shipped := map[string]int{}
		w.onEffect = func(c protocol.Command) {
			if shipped[c.ID]++; c.ID == "o2" {
				w.event("Product", "o2", ev("Removed", `{}`))
			}
		}
		w.run()
		assert.Nil(t, w.row("ship", "o2"), "seed %d", seed)
		assert.Equal(t, 1, shipped["o2"], "seed %d", seed)
		assert.Equal(t, statusCompleted, w.row("mail", "c1")["_status"], "seed %d", seed)
		assert.Equal(t, 1, shipped["p1"], "seed %d", seed)
		for _, id := range []string{"o1", "o3"} {
			assert.Equal(t, statusGivenUp, w.row("ship", id)["_status"], "seed %d", seed)
			assert.LessOrEqual(t, shipped[id], 3, "seed %d", seed)
			assert.GreaterOrEqual(t, shipped[id], 1, "seed %d", seed)
		}
	}
}

func TestAnAttemptThatMayStillRunIsNotOvertaken(t *testing.T) {
	t.Parallel()
	var w *toDoWorld
	var during []int
	w = newToDoWorld(t, 3, script{turn.React: func(_ context.Context, q turn.Turn) (any, error) {
		during = append(during, q.Attempt.Number)
		if len(during) == 1 {
			// The reminder is due although the attempt has not ended.
			w.now = w.now.Add(31 * time.Second)
			b, cancel := w.engine.newBatch(context.Background())
			defer cancel()
			due := w.messages[0].message
			w.messages = nil
			assert.NoError(t, w.engine.lookAgain(b, due))
		}
		if len(during) == 2 {
			b, cancel := w.engine.newBatch(context.Background())
			defer cancel()
			again := events.SQSMessage{MessageId: "a copy", Body: w.last.Body}
			assert.NoError(t, w.engine.lookAgain(b, again), "another message about the attempt that runs")
		}
		return `{"commands":[]}`, nil
	}})
	w.event("Product", "o1", ev("Placed", `{}`))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	defer cancel()
	assert.Empty(t, w.stream(ctx, w.db.Records("ship")[0]))
	assert.Equal(t, []int{1}, during)
	require.Len(t, w.messages, 1)
	assert.InDelta(t, 69, w.messages[0].due.Sub(w.now).Seconds(), 1.5, "until the invocation has ended")
	w.read = len(w.db.Records("ship"))
	w.run()
	assert.Equal(t, []int{1, 2, 3}, during)
}

func TestWhoMakesWhichAttempt(t *testing.T) {
	t.Parallel()
	running := progress{attempt: 2, ended: 1, by: "m1"}
	repeated := progress{attempt: 2, ended: 1, by: byRepetition + "m3"}
	for name, c := range map[string]struct {
		row     progress
		attempt int
		message string
		number  int
		by      string
		begins  bool
	}{
		"the next":                          {progress{attempt: 2, ended: 2, by: "m1"}, 3, "m2", 3, "m2", true},
		"one that was left out":             {progress{}, 2, "m2", 1, "m2", true},
		"the last again, its own":           {running, 2, "m1", 2, "m1", false},
		"the last again, a copy":            {running, 2, "m2", 2, "m2", false},
		"without end: once more":            {running, 3, "m3", 2, byRepetition + "m3", true},
		"without end, repeated, its own":    {repeated, 3, "m3", 2, byRepetition + "m3", false},
		"without end, repeated: the next":   {repeated, 3, "m4", 3, "m4", true},
		"without end, repeated, an old one": {repeated, 2, "m1", 2, "m1", false},
		"an old one":                        {progress{attempt: 3, ended: 3, by: "m2"}, 2, "m1", 2, "m1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			number, by := c.row.next(c.attempt, c.message)
			assert.Equal(t, c.number, number)
			assert.Equal(t, c.by, by)
			assert.Equal(t, c.begins, c.row.begins(number, by))
		})
	}
	assert.False(t, repeated.begins(2, byRepetition+"m5"), "somebody else was first")
}

func TestALongPauseTakesSeveralMessages(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 2, ships(nil))
	ship := w.engine.Definition.ToDos["Ship"]
	ship.RetrySeconds = 2000
	w.engine.Definition.ToDos["Ship"] = ship
	start := w.now
	w.event("Product", "o1", ev("Placed", `{}`))
	w.run()
	assert.Len(t, w.effects, 2)
	assert.Equal(t, start.Add(4000*time.Second), w.now)
	assert.Equal(t, 6, w.number, "900 s, 900 s and 200 s, twice")
}

func TestPauses(t *testing.T) {
	t.Parallel()
	for declared, want := range map[int][]time.Duration{
		0: {1, 2, 4}, 30: {30, 60, 120, 240, 480, 900, 900}, 900: {900, 900}, 1000: {1000, 1000},
	} {
		pauser := toDo{}
		pauser.declared.RetrySeconds = declared
		for i, seconds := range want {
			assert.Equal(t, seconds*time.Second, pauser.pause(i+1), "%d, attempt %d", declared, i+1)
		}
		assert.LessOrEqual(t, pauser.pause(1000), max(maxPause, time.Duration(declared)*time.Second))
	}
}

func TestOneRowDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 3, script{turn.React: func(_ context.Context, q turn.Turn) (any, error) {
		if q.ID == "o2" {
			return nil, fmt.Errorf("a fault of ours")
		}
		return fmt.Sprintf(`{"commands":[{"to":"Product","id":%q,"type":"ShipOrder","data":{}}]}`, q.ID), nil
	}})
	for _, id := range []string{"o1", "o2", "o3"} {
		w.event("Product", id, ev("Placed", `{}`))
	}
	records := w.db.Records("ship")
	foreign, broken := records[0], records[0]
	foreign.EventSourceArn = strings.ReplaceAll(foreign.EventSourceArn, "ship", "other")
	foreign.Change.SequenceNumber = "foreign"
	broken.Change.SequenceNumber = "broken"
	broken.Change.NewImage = map[string]events.DynamoDBAttributeValue{"id": events.NewStringAttribute("o9")}
	failed := w.stream(t.Context(), append(records, foreign, broken)...)
	assert.Equal(t, []string{sequence(records[1]), "foreign", "broken"}, failed)
	assert.Len(t, w.effects, 2)
	assert.Contains(t, w.log.String(), `no to-do table of the plugin`)
	assert.Contains(t, w.log.String(), `it needs the texts id and _generation`)
	assert.Contains(t, w.log.String(), `a fault of ours`)

	m := func(id, body string) events.SQSMessage {
		return events.SQSMessage{MessageId: id, Body: body, EventSource: sourceSQS}
	}
	good := w.messages[0].message
	assert.Equal(t, []string{"m1", "m2", "m3"}, w.queue(t.Context(),
		m("m1", `[]`), m("m2", `{"toDo":"Nothing","id":"a","generation":"g","attempt":1}`), m("m3", `{"toDo":"Ship"}`), good))
}

func TestOwnWritesCostNothing(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 3, ships(nil))
	w.event("Product", "o1", ev("Placed", `{}`))
	assert.Empty(t, w.stream(t.Context(), w.db.Records("ship")...))
	before := w.db.Requests()
	own := w.db.Records("ship")[1:]
	require.Len(t, own, 2, "the attempt's beginning and end")
	removed := own[0]
	removed.EventName, removed.Change.NewImage = "REMOVE", nil
	assert.Empty(t, w.stream(t.Context(), append(own, removed)...))
	assert.Equal(t, before, w.db.Requests())
}

func TestAToDoRowLeavesRoomForTheBookkeeping(t *testing.T) {
	t.Parallel()
	w := newToDoWorld(t, 3, script{turn.React: func(context.Context, turn.Turn) (any, error) {
		return nil, &turn.HandlerError{Kind: turn.Threw, Message: strings.Repeat("x", 2*maxErrorText)}
	}})
	largest := 409600 - toDoRoom - 150
	w.event("Product", "o1", ev("Placed", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", largest))))
	w.run()
	assert.Equal(t, statusGivenUp, w.row("ship", "o1")["_status"])
	for _, item := range w.db.Items("ship") {
		assert.LessOrEqual(t, eventlog.ItemSize(item), eventlog.MaxItemSize)
	}
	w.projections.append("Product", "o2", ev("Placed", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", largest+150))))
	records := w.db.Records("product-log")
	assert.Len(t, w.projections.stream(t.Context(), records[len(records)-1]), 1)
	assert.Contains(t, w.projections.log.String(), "one DynamoDB item holds 409600")
}
