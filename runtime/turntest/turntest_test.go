package turntest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/runtime/turntest"
)

// bank has accounts that are opened once; a row shows what the turns say.
var bank = turntest.Plugin{Name: "bank", Handler: func(_ context.Context, t turn.Turn) (turn.Answer, error) {
	switch {
	case t.Kind == turn.Decide && (len(t.History) > 0 || t.Snapshot != nil):
		return turn.Answer{Reject: &turn.Reject{Code: "OpenAlready", Message: "It is open."}}, nil
	case t.Kind == turn.Decide:
		return turn.Answer{Events: []turn.Event{{Type: "Opened", Data: t.Command.Data}}}, nil
	case t.Kind == turn.Project && t.Event.Type == "Closed":
		return turn.Answer{}, nil
	case t.Kind == turn.Project:
		row := fmt.Sprintf(`{"id": %q, "number": %d, "at": %q, "before": %s}`, t.Event.ID, t.Event.Number, t.Event.Time, t.Row)
		return turn.Answer{Row: json.RawMessage(row)}, nil
	case t.Kind == turn.React:
		return turn.Answer{Messages: []turn.Message{{Type: "A"}}}, nil
	}
	return turn.Answer{}, fmt.Errorf("no turns of kind %s", t.Kind)
}}

var (
	ada    = json.RawMessage(`{"by": "ada", "limit": 100000000000000000001}`)
	opened = turn.RecordedEvent{Type: "Opened", Data: ada}
)

func TestDecisions(t *testing.T) {
	t.Parallel()
	same := json.RawMessage(`{"limit":100000000000000000001,"by":"ada"}`)
	for name, c := range map[string]struct {
		decision turntest.Decision
		failure  string
	}{
		"the events":     {turntest.Decision{When: turn.Command{Type: "Open", Data: ada}, Then: []turn.Event{{Type: "Opened", Data: same}}}, ""},
		"no data":        {turntest.Decision{When: turn.Command{Type: "Open"}, Then: []turn.Event{{Type: "Opened"}}}, ""},
		"the refusal":    {turntest.Decision{Given: []turn.RecordedEvent{opened}, Rejected: "OpenAlready"}, ""},
		"a snapshot":     {turntest.Decision{Snapshot: ada, Rejected: "OpenAlready"}, ""},
		"other data":     {turntest.Decision{When: turn.Command{Type: "Open", Data: ada}, Then: []turn.Event{{Type: "Opened", Data: json.RawMessage(`{"by":"ada","limit":100000000000000000002}`)}}}, "00002"},
		"another type":   {turntest.Decision{Then: []turn.Event{{Type: "Closed"}}}, "Closed"},
		"nothing":        {turntest.Decision{}, "expected the events null, got the events"},
		"refused":        {turntest.Decision{Given: []turn.RecordedEvent{opened}}, "got a refusal"},
		"not refused":    {turntest.Decision{Rejected: "OpenAlready"}, "expected the refusal OpenAlready"},
		"refused others": {turntest.Decision{Given: []turn.RecordedEvent{opened}, Rejected: "Other"}, "Other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, c.failure, failure(t, func(t testing.TB) { bank.Decide(t, "Account", c.decision) }))
		})
	}
}

func TestProjections(t *testing.T) {
	t.Parallel()
	first := `{"at":"2026-01-01T12:00:00.000Z","id":"a","number":1,"before":null}`
	second := json.RawMessage(`{"at":"2026-01-02T12:00:00.000Z","id":"a","number":2,"before":` + first + `}`)
	for name, c := range map[string]struct {
		projection turntest.Projection
		failure    string
	}{
		"the row":     {turntest.Projection{ID: "a", When: []turn.RecordedEvent{opened, opened}, Then: second}, ""},
		"no row":      {turntest.Projection{Given: ada, When: []turn.RecordedEvent{{Type: "Closed"}}}, ""},
		"another row": {turntest.Projection{ID: "b", When: []turn.RecordedEvent{opened, opened}, Then: second}, `got {"id":"b"`},
		"a row":       {turntest.Projection{When: []turn.RecordedEvent{opened}}, `expected the row null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, c.failure, failure(t, func(t testing.TB) { bank.Project(t, "Accounts", c.projection) }))
		})
	}
}

func TestAskValidates(t *testing.T) {
	t.Parallel()
	assert.Contains(t, failure(t, func(t testing.TB) { bank.Ask(t, turn.Turn{Kind: turn.React, Component: "A"}) }), `"messages"`)
	assert.Contains(t, failure(t, func(t testing.TB) { bank.Ask(t, turn.Turn{Kind: turn.AnswerQuery, Component: "a"}) }), "no turns of kind query")
}

// compare wants a part of a failure, or none.
func compare(t *testing.T, want, failed string) {
	t.Helper()
	if want == "" {
		assert.Empty(t, failed)
		return
	}
	assert.Contains(t, failed, want)
}

// failure is what a test says of its failure, "" when it passes.
func failure(t *testing.T, test func(testing.TB)) string {
	observed := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // a fatal failure ends the goroutine
		defer close(done)
		test(observed)
	}()
	<-done
	return observed.message
}

// recorder is a test that keeps its failure to itself.
type recorder struct {
	testing.TB
	message string
}

func (r *recorder) Errorf(format string, values ...any) { r.message = fmt.Sprintf(format, values...) }

func (r *recorder) Fatalf(format string, values ...any) {
	r.Errorf(format, values...)
	runtime.Goexit()
}

func (r *recorder) Fatal(values ...any) { r.Fatalf("%s", fmt.Sprint(values...)) }
