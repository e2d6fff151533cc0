package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// decideWith is a handler for decide turns.
func decideWith(decide func(turn.Turn) (any, error)) script {
	return script{turn.Decide: func(_ context.Context, t turn.Turn) (any, error) { return decide(t) }}
}

// adds decides on one event that counts the history.
var adds = decideWith(func(t turn.Turn) (any, error) {
	return turn.Answer{Events: []turn.Event{ev("Added", fmt.Sprintf(`{"count":%d}`, len(t.History)+1))}}, nil
})

// field is what the resolver of a mutation sends.
func field(name, arguments, identity string) protocol.FieldInvocation {
	return protocol.FieldInvocation{Field: name, Arguments: json.RawMessage(arguments), Identity: json.RawMessage(identity)}
}

func TestAMutationIsDecidedAndRecorded(t *testing.T) {
	t.Parallel()
	var got turn.Turn
	b := newBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		got = t
		return `{"events":[{"type":"Added","data":{"price":1.50}},{"type":"Priced","data":{}}]}`, nil
	}))
	var result protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1","commandId":"c1","big":12345678901234567890}`, `{"sub":"u"}`), &result))
	assert.Equal(t, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 2, CommandID: "c1", CorrelationID: "c1"}, result)
	assert.Equal(t, turn.Turn{
		Kind: turn.Decide, Version: turn.Version, Plugin: "catalog", Component: "Product", ID: "p1",
		Command: &turn.Command{Type: "AddProduct", Data: json.RawMessage(`{"big":12345678901234567890,"id":"p1"}`)},
		History: []turn.RecordedEvent{},
		Meta:    turn.Meta{CommandID: "c1", CorrelationID: "c1", Actor: json.RawMessage(`{"sub":"u"}`), Time: "2026-03-01T10:00:00.000Z"},
	}, got)
	assert.Equal(t, map[string]int{"Query": 1, "PutItem": 1}, b.db.Requests())
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1"}`, `null`), &result))
	assert.Len(t, got.History, 2)
	assert.Equal(t, "new-1", result.CommandID)
	assert.Nil(t, got.Meta.Actor)
}

func TestTheSameCommandTwiceGivesTheFirstAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, adds)
	var first, between, again protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1","commandId":"c1"}`, `null`), &first))
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1","commandId":"c2"}`, `null`), &between))
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1","commandId":"c1"}`, `null`), &again))
	assert.Equal(t, first, again)
	assert.Len(t, b.db.Items("product-log"), 2)
}

func TestARejectionIsAResult(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
		return `{"reject":{"code":"AlreadyThere","message":"exists","details":{"id":"p1"}}}`, nil
	}))
	var result protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("addCategory", `{"categoryId":7}`, ``), &result))
	assert.Equal(t, protocol.CommandResult{
		Status: protocol.Rejected, ID: "7", CommandID: "new-1", CorrelationID: "new-1",
		Code: "AlreadyThere", Message: "exists", Details: `{"id":"p1"}`,
	}, result)
}

func TestFailuresOfACommandHaveTheirType(t *testing.T) {
	t.Parallel()
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
	for name, c := range map[string]struct {
		field   protocol.FieldInvocation
		answer  any
		err     error
		want    string
		message string
		exit    bool
	}{
		"no id":          {field: field("addProduct", `{}`, ``), want: ErrorInvalidCommand, message: `the argument "id" names the Product`},
		"empty id":       {field: field("addProduct", `{"id":""}`, ``), want: ErrorInvalidCommand, message: `the id is empty`},
		"id an object":   {field: field("addProduct", `{"id":{}}`, ``), want: ErrorInvalidCommand, message: `another type`},
		"bad commandId":  {field: field("addProduct", `{"id":"p","commandId":[]}`, ``), want: ErrorInvalidCommand, message: `"commandId"`},
		"long commandId": {field: field("addProduct", `{"id":"p","commandId":"`+strings.Repeat("c", 257)+`"}`, ``), want: ErrorInvalidCommand, message: `257 bytes, at most 256`},
		"large events":   {field: field("addProduct", `{"id":"p"}`, ``), answer: `{"events":[{"type":"A","data":{"x":"` + strings.Repeat("x", 400*1024) + `"}}]}`, want: "HandlerAnswerInvalid", message: "$.events: the 1 events of command new-1 take"},
		"unknown field":  {field: field("nothing", `{"id":"p"}`, ``), want: ErrorInvalidCommand, message: `"nothing"`},
		"arguments":      {field: field("addProduct", `[]`, ``), want: ErrorInvalidCommand, message: `no object`},
		"handler throws": {field: field("addProduct", `{"id":"p"}`, ``), err: &turn.HandlerError{Kind: turn.Threw, Type: "TypeError", Message: "oops"}, want: "HandlerError", message: "TypeError: oops"},
		"handler late":   {field: field("addProduct", `{"id":"p"}`, ``), err: &turn.HandlerError{Kind: turn.TimedOut, Message: "late"}, want: "HandlerTimeout", message: "late", exit: true},
		"handler exits":  {field: field("addProduct", `{"id":"p"}`, ``), err: &turn.HandlerError{Kind: turn.Exited, Message: "exit status 3"}, want: "HandlerExited", message: "exit status 3", exit: true},
		"nonsense":       {field: field("addProduct", `{"id":"p"}`, ``), answer: `{"events":[{"type":"A","data":"x"}]}`, want: "HandlerAnswerInvalid", message: "$.events[0].data: expected object, got string"},
		"fault of ours":  {field: field("addProduct", `{"id":"p"}`, ``), err: errors.New("arn:aws:secret"), want: ErrorInternal, message: "request id request-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
				if c.answer == nil {
					return nil, c.err
				}
				return c.answer, nil
			}))
			var failed protocol.FieldFailure
			require.NoError(t, b.handle(ctx, c.field, &failed))
			assert.Equal(t, c.want, failed.Error.Type)
			assert.Contains(t, failed.Error.Message, c.message)
			assert.NotContains(t, failed.Error.Message, "secret")
			assert.Equal(t, c.exit, b.engine.handlerLost.Load(), "the program starts anew after the answer")
			assert.Empty(t, b.db.Items("product-log"))
			assert.Contains(t, b.log.String(), "the invocation ", "it is logged")
		})
	}
}

func TestConcurrentCommandsOnOneID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const commands = 200
		b := newBench(t, definition.FunctionCommands, adds, func(c *Config) { c.Retry = eventlog.DefaultRetry })
		b.db.Latency = 4 * time.Millisecond
		var mu sync.Mutex
		versions, rejected := map[int64]string{}, 0
		var all sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for i := range commands {
			all.Go(func() {
				var result protocol.CommandResult
				assert.NoError(t, b.handle(ctx, field("addProduct", fmt.Sprintf(`{"id":"p1","commandId":"c%d"}`, i), ``), &result))
				mu.Lock()
				defer mu.Unlock()
				if result.Status == protocol.Rejected {
					assert.Equal(t, protocol.CodeConflict, result.Code)
					rejected++
					return
				}
				versions[result.Version] = result.CommandID
			})
		}
		all.Wait()
		stream, err := b.engine.logs["Product"].Read(t.Context(), "p1", 0)
		require.NoError(t, err)
		assert.Len(t, versions, commands-rejected)
		require.Len(t, stream.Commits, commands-rejected)
		for i, commit := range stream.Commits {
			assert.Equal(t, int64(i+1), commit.Seq)
			assert.Equal(t, versions[commit.Seq], commit.CommandID)
			assert.JSONEq(t, fmt.Sprintf(`{"count":%d}`, commit.Seq), string(commit.Events[0].Data), "decided on the whole history")
		}
	})
}

func TestAConflictThatDoesNotEndIsRejected(t *testing.T) {
	t.Parallel()
	var b *bench
	b = newBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
		b.append("Product", "p1", ev("Other", `{}`))
		return `{"events":[{"type":"Added","data":{}}]}`, nil
	}), func(c *Config) { c.Retry.Attempts = 3 })
	var result protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1"}`, ``), &result))
	assert.Equal(t, protocol.Rejected, result.Status)
	assert.Equal(t, protocol.CodeConflict, result.Code)
	assert.Equal(t, "new-1", result.CommandID)
	assert.Len(t, b.db.Items("product-log"), 3)
}

func queued(id, commandID string) protocol.Command {
	return protocol.Command{Component: "Product", ID: id, Type: "AddProduct", Data: json.RawMessage(`{}`), CommandID: commandID, CorrelationID: "k", CausationID: "m"}
}

func TestACommandQueueBatchKeepsTheOrderOfGroups(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		switch t.Meta.CommandID {
		case "poison":
			return nil, &turn.HandlerError{Kind: turn.Threw, Message: "poison"}
		case "rejected":
			return `{"reject":{"code":"No","message":"no"}}`, nil
		}
		return `{"events":[{"type":"Added","data":{}}]}`, nil
	}))
	const queue = "commands.fifo"
	failed := b.queue(t.Context(),
		message(t, queue, "m1", "Product#a", queued("a", "c1")),
		message(t, queue, "m2", "Product#a", queued("a", "poison")),
		message(t, queue, "m3", "Product#b", queued("b", "rejected")),
		message(t, queue, "m4", "Product#a", queued("a", "c4")),
		message(t, queue, "m5", "Product#b", queued("b", "c5")),
		message(t, queue, "m6", "Product#x", protocol.Command{Component: "Nothing"}),
		message(t, queue, "m7", "Product#y", "no object"),
	)
	assert.Equal(t, []string{"m2", "m4", "m6", "m7"}, failed)
	items := b.db.Items("product-log")
	require.Len(t, items, 2)
	assert.Contains(t, b.log.String(), `"code":"No"`, "the rejection is logged")
	assert.Contains(t, b.log.String(), `the command id is missing`)
}

func TestALostHandlerCostsItsGroupOnly(t *testing.T) {
	t.Parallel()
	asked := 0
	b := newBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		if asked++; asked == 2 {
			return nil, &turn.HandlerError{Kind: turn.Exited, Message: "exit status 1"}
		}
		return `{"events":[]}`, nil
	}))
	const queue = "commands.fifo"
	failed := b.queue(t.Context(),
		message(t, queue, "m1", "a", queued("a", "c1")), message(t, queue, "m2", "b", queued("b", "c2")),
		message(t, queue, "m3", "b", queued("b", "c3")), message(t, queue, "m4", "d", queued("d", "c4")))
	assert.Equal(t, []string{"m2", "m3"}, failed)
	assert.Equal(t, 3, asked)
}

func TestASlowCommandLeavesTimeForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionCommands, script{turn.Decide: func(ctx context.Context, t turn.Turn) (any, error) {
			if strings.HasPrefix(t.ID, "slow") {
				<-ctx.Done()
				return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: "late"}
			}
			return `{"events":[{"type":"Added","data":{}}]}`, nil
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		const queue = "commands.fifo"
		failed := b.queue(ctx,
			message(t, queue, "m1", "a", queued("slow1", "c1")), message(t, queue, "m2", "b", queued("slow2", "c2")),
			message(t, queue, "m3", "c", queued("quick", "c3")))
		assert.Equal(t, []string{"m1", "m2"}, failed)
		assert.Len(t, b.db.Items("product-log"), 1)
	})
}

func TestAQueuedCommandInConflictIsNeitherLostNorTriedWithoutEnd(t *testing.T) {
	t.Parallel()
	var b *bench
	decided, others := 0, 3
	b = newBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
		if decided++; decided <= others {
			b.append("Product", "p1", ev("Other", `{}`))
		}
		return `{"events":[{"type":"Added","data":{}}]}`, nil
	}), func(c *Config) { c.Retry.Attempts = 3 })
	m := message(t, "commands.fifo", "m1", "a", queued("p1", "c1"))
	behind := message(t, "commands.fifo", "m2", "a", queued("p1", "c2"))
	assert.Equal(t, []string{"m1", "m2"}, b.queue(t.Context(), m, behind), "it comes again, and nothing overtakes it")
	assert.Equal(t, 3, decided, "no more attempts than allowed")
	assert.Contains(t, b.log.String(), "given up after 3 attempts")
	assert.Empty(t, b.queue(t.Context(), m, behind))
	assert.Empty(t, b.queue(t.Context(), m, behind), "and once more has no effect")
	stream, err := b.engine.logs["Product"].Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	require.Len(t, stream.Commits, others+2)
	assert.Equal(t, "c1", stream.Commits[others].CommandID)
	assert.Equal(t, "c2", stream.Commits[others+1].CommandID)
}

func TestACommandIDCountsForOneAggregateID(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, adds, func(c *Config) {
		c.Definition.Aggregates = maps.Clone(testPlugin.Aggregates)
		product := c.Definition.Aggregates["Product"]
		product.Commands = map[string]string{"addProduct": "AddProduct", "removeProduct": "RemoveProduct"}
		c.Definition.Aggregates["Product"] = product
	})
	run := func(name, arguments string) (result protocol.CommandResult) {
		require.NoError(t, b.handle(t.Context(), field(name, arguments, `null`), &result))
		return result
	}
	first := run("addProduct", `{"id":"p1","name":"a","commandId":"c"}`)
	assert.Equal(t, first, run("addProduct", `{"id":"p1","name":"other data","commandId":"c"}`), "the first answer; the other data have no effect")
	assert.Equal(t, first, run("removeProduct", `{"id":"p1","commandId":"c"}`), "nor has another command")
	assert.Equal(t, int64(1), run("addProduct", `{"id":"p2","commandId":"c"}`).Version, "another id is another command")
	assert.Equal(t, int64(1), run("addCategory", `{"categoryId":"p1","commandId":"c"}`).Version, "so is another aggregate")
	assert.Len(t, b.db.Items("product-log"), 2)
	assert.Len(t, b.db.Items("category-log"), 1)
}

func TestNoNewWorkNearTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
			time.Sleep(3 * time.Second)
			return `{"events":[]}`, nil
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		const queue = "commands.fifo"
		failed := b.queue(ctx,
			message(t, queue, "m1", "a", queued("a", "c1")), message(t, queue, "m2", "b", queued("b", "c2")),
			message(t, queue, "m3", "c", queued("c", "c3")), message(t, queue, "m4", "d", queued("d", "c4")))
		assert.Equal(t, []string{"m4"}, failed, "begun at 0, 3 and 6 s, but not at 9 s of 10 s")
		assert.Contains(t, b.log.String(), "the deadline is near")
	})
}

// BenchmarkCommand counts the DynamoDB requests of an accepted command, which must be
// one Query and one PutItem.
func BenchmarkCommand(b *testing.B) {
	engine := newBench(b, definition.FunctionCommands, adds)
	n := 0
	for b.Loop() {
		n++
		var result protocol.CommandResult
		require.NoError(b, engine.handle(b.Context(), field("addProduct", fmt.Sprintf(`{"id":"p%d"}`, n), ``), &result))
	}
	requests := engine.db.Requests()
	b.ReportMetric(float64(requests["Query"])/float64(n), "queries/command")
	b.ReportMetric(float64(requests["PutItem"])/float64(n), "puts/command")
	require.Equal(b, map[string]int{"Query": n, "PutItem": n}, requests)
}
