package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// calls answers call turns with what answer says.
func calls(asked *[]turn.Turn, answer func(attempt int) (any, error)) script {
	return script{turn.Call: func(_ context.Context, t turn.Turn) (any, error) {
		*asked = append(*asked, t)
		return answer(t.Attempt.Number)
	}}
}

// sentMail is the answer to a call that succeeded.
const sentMail = `{"result":{"messageId":"m-1","cost":0.25},"commands":[{"to":"Product","id":"p1","type":"MarkSent","data":{}}]}`

func TestACallIsMadeUntilItSucceeds(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	w := newToDoWorld(t, 5, calls(&asked, func(attempt int) (any, error) {
		if attempt < 3 {
			return nil, &turn.HandlerError{Kind: turn.Threw, Type: "FetchError", Message: "503"}
		}
		return sentMail, nil
	}))
	w.event("Category", "c1", ev("Placed", `{"to":"a@b"}`))
	w.deliverStream()
	assert.Equal(t, "HandlerError: FetchError: 503", w.row("mail", "c1")["_error"])
	assert.Equal(t, statusPending, w.row("mail", "c1")["_status"])
	w.run()
	require.Len(t, asked, 3)
	assert.NotEmpty(t, asked[0].Meta.CommandID)
	assert.Equal(t, asked[0].Meta.CommandID, asked[2].Meta.CommandID, "the outside can recognise a repetition")
	assert.JSONEq(t, `{"id":"c1","to":"a@b"}`, string(asked[2].Row))
	row := w.row("mail", "c1")
	assert.Equal(t, statusCompleted, row["_status"])
	assert.Equal(t, map[string]any{"messageId": "m-1", "cost": json.Number("0.25")}, row["_result"])
	assert.NotContains(t, row, "_error")
	require.Len(t, w.effects, 1)
	assert.Equal(t, asked[0].Meta.CommandID, w.effects[w.order[0]].CausationID)
	assert.Empty(t, w.messages)
}

func TestACallIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   func(int) (any, error)
		attempts int
		problem  string
		level    string
	}{
		"attempts used up": {func(n int) (any, error) {
			return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: fmt.Sprintf("no answer %d", n)}
		}, 3, "HandlerTimeout: no answer 3", "ERROR"},
		"by the handler": {func(int) (any, error) {
			return `{"giveUp":{"code":"NoSuchRecipient","message":"a@b is unknown"}}`, nil
		}, 1, "NoSuchRecipient: a@b is unknown", "WARN"},
		"invalid answer": {func(int) (any, error) { return `{"result":1}`, nil }, 3, "HandlerAnswerInvalid", "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []turn.Turn
			w := newToDoWorld(t, 3, calls(&asked, c.answer))
			w.event("Category", "c1", ev("Placed", `{}`))
			w.run()
			assert.Len(t, asked, c.attempts)
			row := w.row("mail", "c1")
			assert.Equal(t, statusGivenUp, row["_status"])
			assert.Contains(t, row["_error"], c.problem)
			assert.Contains(t, w.log.String(), fmt.Sprintf(`"level":%q,"msg":"a to-do row was given up"`, c.level))
		})
	}
}

func TestACallSurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	crashes(t, func(t *testing.T, crashAt int, after bool) *toDoWorld {
		var asked []turn.Turn
		w := newToDoWorld(t, 3, calls(&asked, func(attempt int) (any, error) {
			if attempt == 1 {
				return nil, &turn.HandlerError{Kind: turn.Threw, Message: "503"}
			}
			return sentMail, nil
		}))
		w.crashAt, w.crashAfter = crashAt, after
		w.event("Category", "c1", ev("Placed", `{}`))
		w.run()
		for _, turn := range asked {
			assert.Equal(t, asked[0].Meta.CommandID, turn.Meta.CommandID)
		}
		assert.Len(t, w.effects, 1, "one command whichever attempt succeeds")
		assert.Equal(t, statusCompleted, w.row("mail", "c1")["_status"])
		assert.LessOrEqual(t, len(asked), 4)
		return w
	})
}

func TestACallThatNobodyNotedIsMadeAgainWithTheSameCommands(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	w := newToDoWorld(t, 3, calls(&asked, func(int) (any, error) { return sentMail, nil }))
	refused := 0
	w.refuse = func(item eventlogtest.Item) bool {
		if textOf(item[toDoStatus]) != statusCompleted || refused == 2 {
			return false
		}
		refused++
		return true
	}
	w.event("Category", "c1", ev("Placed", `{}`))
	assert.Len(t, w.stream(t.Context(), w.db.Records("mail")...), 1)
	w.read = len(w.db.Records("mail")) // given up by the event source mapping
	w.run()
	numbers := []int{}
	for _, turn := range asked {
		numbers = append(numbers, turn.Attempt.Number)
	}
	assert.Equal(t, []int{1, 1, 2}, numbers)
	assert.Len(t, w.effects, 1)
	assert.Equal(t, statusCompleted, w.row("mail", "c1")["_status"])
}

func TestACallIsNotRepeatedByDuplicates(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		var asked []turn.Turn
		w := newToDoWorld(t, 4, calls(&asked, func(attempt int) (any, error) {
			if attempt < 3 {
				return nil, &turn.HandlerError{Kind: turn.Threw, Message: "503"}
			}
			return sentMail, nil
		}))
		w.random = rand.New(rand.NewPCG(seed, 2))
		w.event("Category", "c1", ev("Placed", `{}`))
		w.event("Category", "c2", ev("Placed", `{}`))
		w.run()
		assert.Len(t, asked, 6, "seed %d", seed)
		assert.Len(t, w.effects, 2)
		assert.Equal(t, statusCompleted, w.row("mail", "c1")["_status"])
		assert.Equal(t, statusCompleted, w.row("mail", "c2")["_status"])
	}
}

func TestAResultThatCannotBeKeptIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ result, problem string }{
		"too large":  {fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 410_000)), "one DynamoDB item holds"},
		"a long one": {`{"n":1234567890123456789012345678901234567890.5}`, "significant digits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []turn.Turn
			w := newToDoWorld(t, 3, calls(&asked, func(int) (any, error) { return `{"result":` + c.result + `}`, nil }))
			w.event("Category", "c1", ev("Placed", `{}`))
			w.run()
			assert.Len(t, asked, 1)
			row := w.row("mail", "c1")
			assert.Equal(t, statusCompleted, row["_status"])
			assert.NotContains(t, row, "_result")
			assert.Contains(t, row["_error"], "the call succeeded; its result was not kept")
			assert.Contains(t, row["_error"], c.problem)
		})
	}
}

func TestACallWhoseRowChangesMeanwhileIsMadeAgain(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	var w *toDoWorld
	w = newToDoWorld(t, 3, calls(&asked, func(int) (any, error) {
		if len(asked) == 1 {
			w.event("Category", "c1", ev("Placed", `{"n":2}`))
		}
		return sentMail, nil
	}))
	w.event("Category", "c1", ev("Placed", `{"n":1}`))
	w.run()
	require.Len(t, asked, 2)
	assert.NotEqual(t, asked[0].Meta.CommandID, asked[1].Meta.CommandID, "something else is to do")
	assert.JSONEq(t, `{"id":"c1","n":2}`, string(asked[1].Row))
	assert.Equal(t, statusCompleted, w.row("mail", "c1")["_status"])
	assert.Len(t, w.effects, 2)
}

func TestACommandThatNoQueueTakesIsAFailedAttempt(t *testing.T) {
	t.Parallel()
	calls := 0
	w := newToDoWorld(t, 2, script{turn.Call: func(context.Context, turn.Turn) (any, error) {
		calls++
		return `{"result":{},"commands":[{"to":"Product","id":"p1","type":"T","data":{}},` +
			`{"to":"Product","id":"p1","type":"T","data":{"text":"` + strings.Repeat("x", maxMessage) + `"}}]}`, nil
	}})
	w.event("Category", "c1", ev("Opened", `{}`))
	w.run()
	assert.Equal(t, 2, calls, "the outside is called once in each attempt, and not as often as the stream record comes again")
	assert.Empty(t, w.effects, "nothing is sent unless all can be")
	row := w.row("mail", "c1")
	assert.Equal(t, statusGivenUp, row[toDoStatus])
	assert.Contains(t, row[toDoError], "$.commands[1].data: the command has 262")
	assert.Contains(t, row[toDoError], "a message of a queue takes 262144")
}

func TestSlowCallsAreNeitherCutShortNorLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		w := newToDoWorld(t, 3, script{turn.Call: func(ctx context.Context, q turn.Turn) (any, error) {
			asked[q.ID]++
			select {
			case <-time.After(10 * time.Second):
				return `{"result":{}}`, nil
			case <-ctx.Done():
				return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: "too slow"}
			}
		}})
		var ids []string
		for i := range 20 {
			ids = append(ids, fmt.Sprintf("c%d", i))
			w.event("Category", ids[i], ev("Opened", `{}`))
		}
		invoke := func(run func(context.Context)) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			run(ctx)
		}
		// The records that fail do not come again: Lambda has given them up.
		invoke(func(ctx context.Context) { w.stream(ctx, w.db.Records("mail")...) })
		for len(w.messages) > 0 {
			w.pass()
			var batch []events.SQSMessage
			for i := 0; i < len(w.messages) && len(batch) < 10; {
				if w.messages[i].due.After(w.now) {
					i++
					continue
				}
				batch = append(batch, w.messages[i].message)
				w.messages = slices.Delete(w.messages, i, i+1)
			}
			invoke(func(ctx context.Context) { assert.Empty(t, w.queue(ctx, batch...)) })
		}
		for _, id := range ids {
			assert.Equal(t, 1, asked[id], id)
			assert.Equal(t, statusCompleted, w.row("mail", id)[toDoStatus], id)
		}
	})
}
