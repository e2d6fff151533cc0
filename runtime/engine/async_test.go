package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// outcomes records the outcomes of commands that are published.
type outcomes struct {
	mu        sync.Mutex
	published []protocol.CommandResult
	fail      error
}

func (o *outcomes) Mutate(_ context.Context, mutation string, variables map[string]any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !strings.Contains(mutation, "Platform_completeCommand(result: $result) { status id version commandId correlationId code message details }") {
		return errors.New("another mutation")
	}
	if o.fail != nil {
		return o.fail
	}
	var result protocol.CommandResult
	err := json.Unmarshal([]byte(variables["result"].(string)), &result)
	o.published = append(o.published, result)
	return err
}

// asynchronous makes the mutations of products, and of the slice that adds products,
// answer before the command is decided.
func asynchronous(api GraphQL) func(*Config) {
	return func(c *Config) {
		c.GraphQL = api
		c.Definition.Aggregates = maps.Clone(c.Definition.Aggregates)
		product := c.Definition.Aggregates["Product"]
		product.Async = true
		c.Definition.Aggregates["Product"] = product
		model := *c.Definition.DCB
		model.Slices = maps.Clone(model.Slices)
		slice := model.Slices["AddProduct"]
		slice.Async = true
		model.Slices["AddProduct"] = slice
		c.Definition.DCB = &model
	}
}

func TestAnAsynchronousCommandIsPendingAndThenHasAnOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field        protocol.FieldInvocation
		queued       protocol.Command
		group        string
		want, result protocol.CommandResult
	}{
		"aggregate": {
			field("addProduct", `{"id":"p1","commandId":"x1"}`, `{"sub":"u"}`),
			protocol.Command{Component: "Product", ID: "p1", Type: "AddProduct", Data: json.RawMessage(`{"id":"p1"}`)}, "Product#p1",
			protocol.CommandResult{ID: "p1"}, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 1},
		},
		"slice": {
			field("sliceAddProduct", `{"productId":"p1","commandId":"x1"}`, `{"sub":"u"}`),
			protocol.Command{Component: "AddProduct", ID: "p1", Type: "AddProduct", Data: json.RawMessage(`{"productId":"p1"}`)}, "productId#p1",
			protocol.CommandResult{ID: "p1"}, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 1},
		},
		"slice, rejected": {
			field("sliceAddProduct", `{"productId":"no","commandId":"x1"}`, `{"sub":"u"}`),
			protocol.Command{Component: "AddProduct", ID: "no", Type: "AddProduct", Data: json.RawMessage(`{"productId":"no"}`)}, "productId#no",
			protocol.CommandResult{ID: "no"}, protocol.CommandResult{Status: protocol.Rejected, ID: "no", Code: "No", Message: "no", Details: `{"a":1}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &outcomes{}
			b := newDCBBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
				if t.ID == "no" {
					return `{"reject":{"code":"No","message":"no","details":{"a":1}}}`, nil
				}
				return `{"events":[{"type":"ProductAdded","data":{"productId":"p1"}}]}`, nil
			}), asynchronous(api))
			var result protocol.CommandResult
			require.NoError(t, b.handle(t.Context(), c.field, &result))
			c.want.Status, c.want.CommandID, c.want.CorrelationID = protocol.Pending, "x1", "x1"
			assert.Equal(t, c.want, result)
			require.Len(t, b.queues.sent, 1)
			assert.Empty(t, b.db.Requests(), "nothing is decided yet")
			c.queued.Notify, c.queued.CommandID, c.queued.CorrelationID, c.queued.Actor = true, "x1", "x1", json.RawMessage(`{"sub":"u"}`)
			assert.Equal(t, c.queued, b.sent()[0])
			assert.Equal(t, "http://queue/commands.fifo", *b.queues.sent[0].QueueUrl)
			assert.Equal(t, c.group, *b.queues.sent[0].MessageGroupId)

			m := message(t, "commands.fifo", "m1", c.group, b.sent()[0])
			api.fail = errors.New("the API is away")
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), m), "it comes again until the outcome is published")
			assert.Contains(t, b.log.String(), "the API is away")
			api.fail = nil
			assert.Empty(t, b.queue(t.Context(), m))
			assert.Empty(t, b.queue(t.Context(), m))
			c.result.CommandID, c.result.CorrelationID = "x1", "x1"
			assert.Equal(t, []protocol.CommandResult{c.result, c.result}, api.published, "the same outcome each time")
		})
	}
}

func TestAsynchronousCommandsAreCheckedBeforeTheyAreQueued(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]protocol.FieldInvocation{
		"no id":     field("addProduct", `{}`, ``),
		"tag":       field("sliceAddProduct", `{"productId":[{}]}`, ``),
		"other tag": field("sliceAddProduct", `{"productId":"p","categoryId":true}`, ``),
		"commandId": field("sliceAddProduct", `{"productId":"p","commandId":[]}`, ``),
		"too large": field("addProduct", `{"id":"p","text":"`+strings.Repeat("x", maxMessage)+`"}`, ``),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newDCBBench(t, definition.FunctionCommands, adds, asynchronous(&outcomes{}))
			var failed protocol.FieldFailure
			require.NoError(t, b.handle(t.Context(), f, &failed))
			assert.Equal(t, ErrorInvalidCommand, failed.Error.Type)
			assert.Empty(t, b.queues.sent)
		})
	}
}

func TestOneCommandIDForSeveralAsynchronousCommands(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, adds, asynchronous(&outcomes{}))
	strange := strings.Repeat("ü", 128)
	for _, f := range []protocol.FieldInvocation{
		field("addProduct", `{"id":"p1","commandId":"`+strange+`"}`, ``), field("addProduct", `{"id":"p1","commandId":"`+strange+`"}`, ``),
		field("addProduct", `{"id":"p2","commandId":"`+strange+`"}`, ``), field("sliceAddProduct", `{"productId":"p1","commandId":"`+strange+`"}`, ``),
	} {
		var result protocol.CommandResult
		require.NoError(t, b.handle(t.Context(), f, &result))
		assert.Equal(t, protocol.Pending, result.Status)
	}
	var ids []string
	for _, in := range b.queues.sent {
		assert.Regexp(t, "^[!-~]{1,128}$", *in.MessageDeduplicationId)
		ids = append(ids, *in.MessageDeduplicationId)
	}
	assert.Len(t, map[string]bool{ids[0]: true, ids[1]: true, ids[2]: true, ids[3]: true}, 4, "none is dropped: who sends one again waits for its outcome again")
}

func TestACommandThatCannotBeQueuedFails(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, adds, asynchronous(&outcomes{}))
	b.queues.fail = func(int) error { return errors.New("queue is gone") }
	var failed protocol.FieldFailure
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1"}`, ``), &failed))
	assert.Equal(t, ErrorInternal, failed.Error.Type)
}

func TestNobodyWaitsForeverForACommandThatFails(t *testing.T) {
	t.Parallel()
	threw := &turn.HandlerError{Kind: turn.Threw, Type: "TypeError", Message: "cannot"}
	for name, c := range map[string]struct {
		answer   string
		err      error
		receives int
		code     string
		text     string
	}{
		"throws, first":            {"", threw, 1, "", ""},
		"throws, last but one":     {"", threw, 4, "", ""},
		"throws, last":             {"", threw, 5, "HandlerError", "TypeError: cannot"},
		"throws, moved back":       {"", threw, 7, "HandlerError", "TypeError: cannot"},
		"exits, last":              {"", &turn.HandlerError{Kind: turn.Exited, Message: "exit status 1"}, 5, "HandlerExited", "exit status 1"},
		"invalid answer, last":     {`{"events":1}`, nil, 5, "HandlerAnswerInvalid", "$.events"},
		"undeclared event, last":   {`{"events":[{"type":"Other","data":{}}]}`, nil, 5, "HandlerAnswerInvalid", "$.events[0] (Other)"},
		"a fault of ours, first":   {"", errors.New("no route"), 1, "", ""},
		"a fault of ours, at last": {"", errors.New("no route"), 5, "InternalError", "dead-letter queue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &outcomes{}
			b := newDCBBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
				if c.err != nil {
					return nil, c.err
				}
				return c.answer, nil
			}), asynchronous(api))
			m := received(message(t, "commands.fifo", "m1", "a", awaited("AddProduct", `{"productId":"p1"}`)), c.receives)
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), m), "it goes to the dead-letter queue in any case")
			if c.code == "" {
				assert.Empty(t, api.published)
				return
			}
			require.Len(t, api.published, 1)
			assert.Contains(t, api.published[0].Message, c.text)
			api.published[0].Message = ""
			assert.Equal(t, protocol.CommandResult{Status: protocol.Rejected, ID: "p1", CommandID: "x1", CorrelationID: "k", Code: c.code}, api.published[0])
		})
	}
}

func TestNobodyWaitsForeverForACommandThatWasNeverTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &outcomes{}
		b := newDCBBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
			time.Sleep(time.Minute)
			return `{"events":[]}`, nil
		}), asynchronous(api))
		slow, late := awaited("AddProduct", `{"productId":"p1"}`), awaited("AddProduct", `{"productId":"p2"}`)
		late.CommandID = "x2"
		for _, c := range []struct{ receives, outcomes int }{{4, 0}, {5, 1}} {
			api.published = nil
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Second)
			failed := b.queue(ctx, message(t, "commands.fifo", "m1", "a", slow), received(message(t, "commands.fifo", "m2", "b", late), c.receives))
			cancel()
			assert.Equal(t, []string{"m2"}, failed, "there was no time for it")
			require.Len(t, api.published, 1+c.outcomes)
			for _, outcome := range api.published[1:] {
				assert.Equal(t, "x2", outcome.CommandID)
				assert.Equal(t, ErrorInternal, outcome.Code)
			}
		}
	})
}

// awaited is a queued command for a slice whose outcome is awaited.
func awaited(slice, data string) protocol.Command {
	return protocol.Command{
		Component: slice, Type: slice, Data: json.RawMessage(data), CommandID: "x1", CorrelationID: "k", Notify: true,
	}
}

// received is a message that was delivered so many times.
func received(m events.SQSMessage, times int) events.SQSMessage {
	m.Attributes = maps.Clone(m.Attributes)
	m.Attributes[attributeReceives] = strconv.Itoa(times)
	return m
}

func TestAConflictIsAnOutcomeAtLast(t *testing.T) {
	t.Parallel()
	api := &outcomes{}
	var b *bench
	others := 0
	b = newDCBBench(t, definition.FunctionCommands, decideWith(func(turn.Turn) (any, error) {
		if others++; others <= 6 {
			b.record("other"+strconv.Itoa(others), ev("ProductPriced", `{"productId":"p1"}`))
		}
		return `{"events":[{"type":"ProductAdded","data":{"productId":"p1"}}]}`, nil
	}), asynchronous(api), func(c *Config) { c.Retry = eventlog.Retry{Attempts: 3} })
	m := message(t, "commands.fifo", "m1", "a", awaited("AddProduct", `{"productId":"p1"}`))
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), received(m, 4)))
	assert.Empty(t, api.published)
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), received(m, 5)))
	require.Len(t, api.published, 1)
	assert.Equal(t, protocol.CodeConflict, api.published[0].Code)
	api.published = nil
	assert.Empty(t, b.queue(t.Context(), m), "moved back into the queue")
	assert.Equal(t, []protocol.CommandResult{{Status: protocol.Accepted, ID: "p1", Version: 7, CommandID: "x1", CorrelationID: "k"}}, api.published)
}

func TestAnAwaitedCommandOfAPluginThatIsNoLongerAsynchronous(t *testing.T) {
	t.Parallel()
	b := newDCBBench(t, definition.FunctionCommands, adds)
	assert.Empty(t, b.queue(t.Context(), message(t, "commands.fifo", "m1", "a",
		protocol.Command{Component: "Product", ID: "p1", Type: "AddProduct", CommandID: "x1", Notify: true})))
	assert.Len(t, b.db.Items("product-log"), 1)
	assert.Contains(t, b.log.String(), "cannot be published")
}

func TestNewNamesWhatAsynchronousCommandsNeed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"aggregate": func(c *Config) {
			c.Definition.Aggregates = map[string]definition.Aggregate{"Product": {Table: "product-log", Async: true}}
		},
		"slice": func(c *Config) {
			c.Definition.DCB = &definition.DCB{Table: "dcb", Slices: map[string]definition.Slice{"AddProduct": {Async: true}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Config{Function: definition.FunctionCommands, Definition: testPlugin, Invoker: adds}
			change(&c)
			_, err := New(c)
			for _, want := range []string{"an SQS client for asynchronous", definition.EnvCommandQueueURL + " for asynchronous", definition.EnvGraphQLURL + " for asynchronous"} {
				assert.ErrorContains(t, err, want)
			}
			c.Function, c.SNS = definition.FunctionRelay, &queues{}
			_, err = New(c)
			assert.NoError(t, err)
		})
	}
}
