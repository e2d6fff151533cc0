package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// importProduct is the answer of a translation with one command.
const importProduct = `{"commands":[{"to":"Product","id":"p1","type":"AddProduct","data":{"name":"a"}}]}`

// newInboundBench makes a commands function of a plugin with an inbound translation, and
// a database whose requests of the test's choice fail.
func newInboundBench(t testing.TB, answer func(turn.Turn) (any, error), change ...func(*Config)) *bench {
	t.Helper()
	db := eventlogtest.New(eventlogtest.Table{Name: "product-log", Log: true}, eventlogtest.Table{Name: "category-log", Log: true},
		eventlogtest.Table{Name: "imports"})
	handler := script{turn.Decide: adds[turn.Decide], turn.Translate: func(_ context.Context, t turn.Turn) (any, error) { return answer(t) }}
	b := newBench(t, definition.FunctionCommands, handler, append([]func(*Config){func(c *Config) {
		c.DynamoDB = db
		c.ExtensionQueues = map[string]string{"Orders": "http://queue/ordering.fifo"}
		c.Definition.InboundTranslations = map[string]definition.InboundTranslation{"Import": {Table: "imports", Field: "importProduct"}}
	}}, change...)...)
	b.db = db
	return b
}

// imports calls the translation's mutation.
func (b *bench) imports(arguments string) (result protocol.CommandResult, failed protocol.FieldFailure) {
	b.t.Helper()
	var answer json.RawMessage
	require.NoError(b.t, b.handle(b.t.Context(), field("importProduct", arguments, `{"sub":"u1"}`), &answer))
	require.NoError(b.t, json.Unmarshal(answer, &result))
	require.NoError(b.t, json.Unmarshal(answer, &failed))
	return result, failed
}

// audit is the only audit row.
func (b *bench) audit() map[string]any {
	b.t.Helper()
	items := b.db.Items("imports")
	require.Len(b.t, items, 1)
	row, err := fromItem("$", items[0])
	require.NoError(b.t, err)
	return row
}

// always answers every turn in the same way.
func always(answer string) func(turn.Turn) (any, error) {
	return func(turn.Turn) (any, error) { return answer, nil }
}

func TestASingleCommandOfATranslationIsDecidedAtOnce(t *testing.T) {
	t.Parallel()
	var asked turn.Turn
	b := newInboundBench(t, func(t turn.Turn) (any, error) { asked = t; return importProduct, nil })
	result, _ := b.imports(`{"sku":"p1","price":1.50,"commandId":"c1"}`)
	assert.Equal(t, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 1, CommandID: "c1", CorrelationID: "c1"}, result)
	assert.Equal(t, "Import", asked.Component)
	assert.Equal(t, `{"price":1.50,"sku":"p1"}`, string(asked.Input), "without the command id")
	assert.Equal(t, turn.Meta{CommandID: "c1", CorrelationID: "c1", Actor: json.RawMessage(`{"sub":"u1"}`), Time: "2026-03-01T10:00:00.000Z"}, asked.Meta)
	assert.Empty(t, b.queues.sent)
	row := b.audit()
	assert.Contains(t, row["_result"], `"status":"ACCEPTED"`)
	delete(row, "_result")
	assert.Equal(t, map[string]any{
		"id": "c1", "status": "ACCEPTED", "time": "2026-03-01T10:00:00.000Z", "concludedAt": "2026-03-01T10:00:00.000Z",
		"input": `{"price":1.50,"sku":"p1"}`, "actor": `{"sub":"u1"}`,
		"commands": []any{map[string]any{"to": "Product", "id": "p1", "type": "AddProduct"}},
	}, row)
	stream, err := b.engine.logs["Product"].Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	require.Len(t, stream.Commits, 1)
	assert.Equal(t, "c1", stream.Commits[0].CorrelationID)
	assert.JSONEq(t, `{"sub":"u1"}`, string(stream.Commits[0].Actor))
}

func TestOutcomesOfTranslations(t *testing.T) {
	t.Parallel()
	const second = `{"to":"Category","id":"c","type":"AddCategory","data":{}}`
	for name, c := range map[string]struct {
		answer string
		want   protocol.CommandResult
		sent   int
		audit  map[string]any
	}{
		"rejected": {
			`{"reject":{"code":"UnknownCurrency","message":"XXX","details":{"known":["EUR"]}}}`,
			protocol.CommandResult{Status: protocol.Rejected, Code: "UnknownCurrency", Message: "XXX", Details: `{"known":["EUR"]}`}, 0,
			map[string]any{"status": "REJECTED", "code": "UnknownCurrency", "message": "XXX"},
		},
		"nothing to do": {`{"commands":[]}`, protocol.CommandResult{Status: protocol.Accepted}, 0, map[string]any{"status": "ACCEPTED"}},
		"several": {
			`{"commands":[` + second + `,` + second + `]}`, protocol.CommandResult{Status: protocol.Pending}, 2,
			map[string]any{"status": "PENDING"},
		},
		"another plugin's": {
			`{"commands":[{"to":"Orders","type":"PlaceOrder","data":{}}]}`, protocol.CommandResult{Status: protocol.Pending}, 1,
			map[string]any{"status": "PENDING", "commands": []any{map[string]any{"to": "Orders", "type": "PlaceOrder"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			b := newInboundBench(t, func(turn.Turn) (any, error) { asked++; return c.answer, nil })
			c.want.ID, c.want.CommandID, c.want.CorrelationID = "new-1", "new-1", "new-1"
			result, _ := b.imports(`{"sku":"s"}`)
			assert.Equal(t, c.want, result)
			row := b.audit()
			for attribute, want := range c.audit {
				assert.Equal(t, want, row[attribute])
			}
			again, _ := b.imports(`{"sku":"another","commandId":"new-1"}`)
			assert.Equal(t, result, again, "the first answer")
			assert.Equal(t, 1, asked)
			require.Len(t, b.queues.sent, c.sent)
			ids := map[string]bool{}
			for _, command := range b.sent() {
				assert.Equal(t, "new-1", command.CorrelationID)
				assert.Equal(t, "new-1", command.CausationID)
				ids[command.CommandID] = true
			}
			assert.Len(t, ids, c.sent)
		})
	}
}

func TestARejectionByTheAggregateIsTheTranslationsOutcome(t *testing.T) {
	t.Parallel()
	b := newInboundBench(t, always(importProduct))
	b.engine.Invoker.(script)[turn.Decide] = func(context.Context, turn.Turn) (any, error) {
		return `{"reject":{"code":"CategoryNotFound","message":"no such category"}}`, nil
	}
	for range 2 {
		result, _ := b.imports(`{"commandId":"c1"}`)
		assert.Equal(t, protocol.CommandResult{Status: protocol.Rejected, ID: "p1", CommandID: "c1", CorrelationID: "c1", Code: "CategoryNotFound", Message: "no such category"}, result)
	}
	assert.Equal(t, "REJECTED", b.audit()["status"])
}

func TestAnInputThatFailedIsDoneAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(turn.Turn) (any, error)
		want   string
	}{
		"throws":          {func(turn.Turn) (any, error) { return nil, &turn.HandlerError{Kind: turn.Threw, Message: "no"} }, "HandlerError"},
		"invalid":         {always(`{}`), "HandlerAnswerInvalid"},
		"to nobody":       {always(`{"commands":[{"to":"Nobody","type":"X","data":{}}]}`), "HandlerAnswerInvalid"},
		"a fault of ours": {func(turn.Turn) (any, error) { return nil, errors.New("broken pipe") }, ErrorInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := true
			b := newInboundBench(t, func(q turn.Turn) (any, error) {
				if first {
					first = false
					return c.answer(q)
				}
				assert.Equal(t, `{"sku":"p1"}`, string(q.Input), "what was recorded, whatever comes with the repetition")
				return importProduct, nil
			})
			_, failed := b.imports(`{"sku":"p1","commandId":"c1"}`)
			assert.Equal(t, c.want, failed.Error.Type)
			assert.Equal(t, inputReceived, b.audit()["status"])
			result, _ := b.imports(`{"sku":"other","commandId":"c1"}`)
			assert.Equal(t, protocol.Accepted, result.Status)
			assert.Equal(t, "ACCEPTED", b.audit()["status"])
		})
	}
}

func TestATranslationSurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	const several = `{"commands":[{"to":"Product","id":"p1","type":"AddProduct","data":{}},{"to":"Product","id":"p2","type":"AddProduct","data":{}}]}`
	for name, answer := range map[string]string{"one command": importProduct, "several": several} {
		for _, after := range []bool{false, true} {
			crashed := true
			for at := 1; crashed; at++ {
				require.Less(t, at, 50)
				crashed = false
				requests, dead, over := 0, false, false
				b := newInboundBench(t, always(answer))
				request := func(isAfter bool) error {
					if over {
						return nil
					}
					if !isAfter {
						requests++
					}
					if (requests == at && isAfter == after && !crashed) || dead {
						crashed, dead = true, true
						return errCrashed
					}
					return nil
				}
				b.db.Before = func(string, string) error { return request(false) }
				b.db.After = func(string, string) error { return request(true) }
				b.queues.fail = func(int) error { return request(false) }
				_, failed := b.imports(`{"commandId":"c1"}`)
				assert.Equal(t, crashed, failed.Error.Type == ErrorInternal)
				over = true
				result, failed := b.imports(`{"commandId":"c1"}`)
				assert.Empty(t, failed.Error.Type)
				context := fmt.Sprintf("%s, crash at request %d, after its effect: %v", name, at, after)
				assert.Equal(t, string(result.Status), b.audit()["status"], context)
				if name == "several" {
					ids := map[string]bool{}
					for _, command := range b.sent() {
						ids[command.CommandID] = true
					}
					assert.Len(t, ids, 2, context)
					continue
				}
				assert.Len(t, b.db.Items("product-log"), 1, context)
				assert.Equal(t, int64(1), result.Version, context)
			}
		}
	}
}

func TestAConflictIsNoOutcomeOfATranslation(t *testing.T) {
	t.Parallel()
	b := newInboundBench(t, always(importProduct), func(c *Config) { c.Retry.Attempts = 2 })
	b.engine.Invoker.(script)[turn.Decide] = func(context.Context, turn.Turn) (any, error) {
		b.append("Product", "p1", ev("Other", `{}`))
		return `{"events":[{"type":"Added","data":{}}]}`, nil
	}
	result, _ := b.imports(`{"commandId":"c1"}`)
	assert.Equal(t, protocol.CodeConflict, result.Code)
	assert.Equal(t, inputReceived, b.audit()["status"])
	b.engine.Invoker.(script)[turn.Decide] = adds[turn.Decide]
	result, _ = b.imports(`{"commandId":"c1"}`)
	assert.Equal(t, protocol.Accepted, result.Status)
}

func TestWhatAnAuditRowHasNoRoomFor(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 410_000)
	for name, c := range map[string]struct {
		arguments, answer string
		omitted           []string
		code              string
	}{
		"input":    {fmt.Sprintf(`{"text":%q,"commandId":"c1"}`, large), importProduct, []string{auditInputOmitted}, ""},
		"commands": {`{"commandId":"c1"}`, manyCommands(4000), []string{auditInputOmitted, auditCommandsOmitted}, ""},
		"details": {
			`{"commandId":"c1"}`, fmt.Sprintf(`{"reject":{"code":"No","message":%q,"details":{"text":%q}}}`, large, large),
			[]string{auditInputOmitted}, "No",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newInboundBench(t, always(c.answer))
			first, _ := b.imports(c.arguments)
			require.NotEmpty(t, first.Status)
			row := b.audit()
			assert.Equal(t, string(first.Status), row["status"])
			for _, attribute := range c.omitted {
				assert.Equal(t, true, row[attribute])
			}
			assert.NotContains(t, row, "input")
			again, _ := b.imports(c.arguments)
			assert.Equal(t, first.Status, again.Status)
			assert.Equal(t, c.code, again.Code)
		})
	}
}

// manyCommands is an answer with many commands.
func manyCommands(n int) string {
	commands := make([]string, n)
	for i := range commands {
		commands[i] = fmt.Sprintf(`{"to":"Product","id":"p%d-%s","type":"AddProduct","data":{}}`, i, strings.Repeat("y", 100))
	}
	return `{"commands":[` + strings.Join(commands, ",") + `]}`
}

func TestInputsThatAreNone(t *testing.T) {
	t.Parallel()
	b := newInboundBench(t, always(importProduct))
	for arguments, want := range map[string]string{
		`[]`:               "the arguments are no object",
		`{"commandId":{}}`: "must be a text",
		fmt.Sprintf(`{"commandId":%q}`, strings.Repeat("c", 257)): "at most 256",
	} {
		_, failed := b.imports(arguments)
		assert.Equal(t, ErrorInvalidCommand, failed.Error.Type)
		assert.Contains(t, failed.Error.Message, want)
	}
	assert.Empty(t, b.db.Items("imports"))
	_, err := New(Config{Function: definition.FunctionCommands, Definition: b.engine.Definition, Invoker: adds, DynamoDB: b.db})
	assert.ErrorContains(t, err, definition.EnvCommandQueueURL+" for inbound translations")
}

func TestOfTwoEqualInputsAtOnceTheFirstOutcomeCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		written input
		want    protocol.CommandStatus
		failed  string
	}{
		"with an outcome": {input{status: "PENDING", result: &protocol.CommandResult{Status: protocol.Pending, ID: "c1"}}, protocol.Pending, ""},
		"without":         {input{status: "Other"}, "", ErrorInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newInboundBench(t, always(`{"commands":[]}`))
			puts := 0
			b.db.Before = func(operation, table string) error {
				if operation == "PutItem" && table == "imports" {
					puts++
				}
				if puts != 2 {
					return nil
				}
				puts++
				c.written.id, c.written.time = "c1", "2026-03-01T10:00:00.000Z"
				item, err := c.written.item()
				require.NoError(t, err)
				_, err = b.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
				return err
			}
			result, failed := b.imports(`{"commandId":"c1"}`)
			assert.Equal(t, c.want, result.Status)
			assert.Equal(t, c.failed, failed.Error.Type)
		})
	}
}
