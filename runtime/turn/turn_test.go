package turn

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testTime = "2026-03-01T10:00:00.000Z"

// testText is the content of an object.
var testText = "one\ntwo\n"

var testEvent = RecordedEvent{
	Type: "ProductAdded", Data: json.RawMessage(`{"price":12.50}`), Component: "Product", ID: "p1", Number: 1, Time: testTime,
}

// testTurns holds one full and one least turn of each kind.
var testTurns = map[string]Turn{
	"decide, full": {
		Kind: Decide, Version: Version, Plugin: "catalog", Component: "Product", ID: "p1",
		Command: &Command{Type: "AddProduct", Data: json.RawMessage(`{"id":"p1"}`)},
		History: []RecordedEvent{testEvent},
		Meta:    Meta{CommandID: "c1", CorrelationID: "k", CausationID: "m", Actor: json.RawMessage(`{"sub":"u"}`), Time: testTime},
	},
	"decide, new": {
		Kind: Decide, Version: Version, Plugin: "catalog", Component: "Product", ID: "p1",
		Command: &Command{Type: "AddProduct", Data: json.RawMessage(`{}`)},
		History: []RecordedEvent{}, Meta: Meta{Time: testTime},
	},
	"project, full": {
		Kind: Project, Version: Version, Plugin: "catalog", Component: "Products", ID: "p1",
		Row: json.RawMessage(`{"id":"p1","n":12345678901234567890}`), Event: &testEvent, Meta: Meta{Time: testTime},
	},
	"project, no row": {
		Kind: Project, Version: Version, Plugin: "catalog", Component: "Products", ID: "p1",
		Row: json.RawMessage(`null`), Event: &testEvent, Meta: Meta{Time: testTime},
	},
	"publish": {Kind: Publish, Version: Version, Plugin: "catalog", Component: "Products", Event: &testEvent, Meta: Meta{Time: testTime}},
	"react": {
		Kind: React, Version: Version, Plugin: "ordering", Component: "Catalog",
		Message: &Message{Type: "ProductAdded", Data: json.RawMessage(`{}`), Key: "p1", Plugin: "catalog", ExtensionPoint: "Products"},
		Meta:    Meta{Time: testTime},
	},
	"decide, slice": {
		Kind: Decide, Version: Version, Plugin: "catalog", Component: "RateProduct",
		Command: &Command{Type: "RateProduct", Data: json.RawMessage(`{"productId":"p1"}`)},
		History: []RecordedEvent{{
			Type: "ProductRated", Data: json.RawMessage(`{"stars":5}`), Component: "productId", ID: "p1", Number: 3, Time: testTime,
			Tags: map[string][]string{"productId": {"p1"}, "customerId": {"c1", "c2"}}, Position: 1772359200000000,
		}},
		Meta: Meta{CommandID: "c1", Time: testTime},
	},
	"decide, snapshot": {
		Kind: Decide, Version: Version, Plugin: "catalog", Component: "Product", ID: "p1",
		Command: &Command{Type: "AddProduct", Data: json.RawMessage(`{}`)}, Snapshot: json.RawMessage(`{"price":12.50}`),
		History: []RecordedEvent{}, Meta: Meta{Time: testTime},
	},
	"react, automation": {
		Kind: React, Version: Version, Plugin: "ordering", Component: "Reminders", ID: "o1",
		Row: json.RawMessage(`{"id":"o1"}`), Attempt: &Attempt{Number: 1, Of: 5}, Meta: Meta{Time: testTime},
	},
	"call": {
		Kind: Call, Version: Version, Plugin: "ordering", Component: "Payments", ID: "o1",
		Row: json.RawMessage(`{"id":"o1","amount":1.10}`), Attempt: &Attempt{Number: 2, Of: 5}, Meta: Meta{CausationID: "m", Time: testTime},
	},
	"translate": {
		Kind: Translate, Version: Version, Plugin: "ordering", Component: "Webhook", Input: json.RawMessage(`{"payload":"…"}`),
		Meta: Meta{CommandID: "c1", Actor: json.RawMessage(`{"sub":"u"}`), Time: testTime},
	},
	"task, text": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "Import", Meta: Meta{Time: testTime},
		Object: &Object{Key: "in/Größe 1.txt", VersionID: "v1", Size: 8, ContentType: "text/plain", Text: &testText},
	},
	"task, empty text": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "Import", Meta: Meta{Time: testTime},
		Object: &Object{Key: "in/empty.txt", VersionID: "v1", Text: new(string)},
	},
	"task, lines": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "Import", Meta: Meta{Time: testTime},
		Object: &Object{Key: "in/a.csv", VersionID: "v1", Size: 8, Header: "one", Lines: []string{"two", ""}, FirstLine: 2, Last: true},
	},
	"task, no lines": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "Import", Meta: Meta{Time: testTime},
		Object: &Object{Key: "in/a.csv", VersionID: "v1", Lines: []string{}, FirstLine: 2, Last: true},
	},
	"task, name only": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "Import", Meta: Meta{Time: testTime},
		Object: &Object{Key: "in/a.bin", VersionID: "v1", Size: 1 << 40},
	},
	"task, scheduled": {
		Kind: RunTask, Version: Version, Plugin: "catalog", Component: "CleanUp", Scheduled: testTime, Meta: Meta{Time: testTime},
	},
	"query": {
		Kind: AnswerQuery, Version: Version, Plugin: "catalog", Component: "compare", Arguments: json.RawMessage(`{"ids":["p1","p2"]}`),
		Rows: map[string]json.RawMessage{"products": json.RawMessage(`[{"id":"p1"},null]`), "category": json.RawMessage(`null`)},
		Meta: Meta{Actor: json.RawMessage(`{"sub":"u"}`), Time: testTime},
	},
	"query, nothing": {
		Kind: AnswerQuery, Version: Version, Plugin: "catalog", Component: "compare", Arguments: json.RawMessage(`{}`),
		Rows: map[string]json.RawMessage{}, Meta: Meta{Time: testTime},
	},
}

func TestTurnsRoundTripAndMatchTheirSchema(t *testing.T) {
	t.Parallel()
	for name, want := range testTurns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := json.Marshal(want)
			require.NoError(t, err)
			requireValid(t, TurnSchema(want.Kind), encoded)
			var got Turn
			require.NoError(t, json.Unmarshal(encoded, &got))
			assert.Equal(t, want, got)
		})
	}
}

func TestTurnsThatMixTwoThingsMatchNoSchema(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		turn string
		with func(*Turn)
	}{
		"message and row":          {"react", func(t *Turn) { t.Row = json.RawMessage(`{}`) }},
		"row and message":          {"react, automation", func(t *Turn) { t.Message = testTurns["react"].Message }},
		"row without attempt":      {"react, automation", func(t *Turn) { t.Attempt = nil }},
		"neither message nor row":  {"react", func(t *Turn) { t.Message = nil }},
		"object and schedule":      {"task, text", func(t *Turn) { t.Scheduled = testTime }},
		"neither object nor time":  {"task, scheduled", func(t *Turn) { t.Scheduled = "" }},
		"text and lines":           {"task, lines", func(t *Turn) { t.Object = &Object{Key: "a", VersionID: "v", Text: &testText, FirstLine: 2} }},
		"the header is line one":   {"task, lines", func(t *Turn) { t.Object = &Object{Key: "a", VersionID: "v", FirstLine: 1} }},
		"a header without lines":   {"task, text", func(t *Turn) { t.Object = &Object{Key: "a", VersionID: "v", Header: "one"} }},
		"a time of another format": {"task, scheduled", func(t *Turn) { t.Scheduled = "2026-03-01T10:00:00Z" }},
	} {
		mixed := testTurns[change.turn]
		change.with(&mixed)
		encoded, err := json.Marshal(mixed)
		require.NoError(t, err)
		assert.Error(t, validate(t, TurnSchema(mixed.Kind), encoded), name)
	}
}

func TestHistoryAndRowAreAlwaysThere(t *testing.T) {
	t.Parallel()
	for kind, want := range map[Kind]string{Decide: `"history":[]`, Project: `"row":null`} {
		encoded, err := json.Marshal(Turn{Kind: kind})
		require.NoError(t, err)
		assert.Contains(t, string(encoded), want)
		assert.Equal(t, 1, bytes.Count(encoded, []byte(want[:9])), "written once")
	}
	for _, kind := range []Kind{Publish, React} {
		encoded, err := json.Marshal(Turn{Kind: kind})
		require.NoError(t, err)
		assert.NotContains(t, string(encoded), "history")
		assert.NotContains(t, string(encoded), "row")
	}
}

func TestTurnSchemasAreStrict(t *testing.T) {
	t.Parallel()
	for name, turn := range testTurns {
		encoded, err := json.Marshal(turn)
		require.NoError(t, err)
		extended := append(bytes.TrimSuffix(encoded, []byte("}")), []byte(`,"other":1}`)...)
		assert.Error(t, validate(t, TurnSchema(turn.Kind), extended), name)
	}
}

func TestEveryKindHasBothSchemas(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		for _, content := range [][]byte{TurnSchema(kind), AnswerSchema(kind)} {
			_, err := compile(content)
			require.NoError(t, err, kind)
			assert.Contains(t, string(content), "https://json-schema.org/draft/2020-12/schema")
		}
	}
	assert.Nil(t, TurnSchema("unknown"))
	assert.Nil(t, AnswerSchema("unknown"))
}

func TestHandlerErrorIsOneLine(t *testing.T) {
	t.Parallel()
	assert.EqualError(t, &HandlerError{Kind: Threw, Type: "TypeError", Message: "x is not a function"}, "HandlerError: TypeError: x is not a function")
	assert.EqualError(t, &HandlerError{Kind: TimedOut, Message: "late"}, "HandlerTimeout: late")
}

func requireValid(t *testing.T, schema, document []byte) {
	t.Helper()
	require.NoError(t, validate(t, schema, document), string(document))
}

func validate(t *testing.T, schema, document []byte) error {
	t.Helper()
	compiled, err := compile(schema)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	require.NoError(t, err)
	return compiled.Validate(value)
}
