// Package turntest tests the handlers of plugins in Go: given a history, when a command
// comes, then events or a refusal; given a row, when events come, then a row.
//
//  1. A [Plugin] makes turns as the engine makes them, out of what a test says.
//  2. Turns and answers pass as JSON, and each answer is validated as the engine does it.
//  3. What differs fails the test; data is compared as JSON, whatever the order of fields.
//
// The types of turns and answers are those of runtime/turn, which plugins in Go use too.
package turntest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/reventless/pulumi-reventless/runtime"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Plugin is a plugin under test.
type Plugin struct {
	// Name is the plugin's, by default "plugin".
	Name string
	// Handler is what the plugin gives to runtime.Start.
	Handler runtime.Handler
}

// Decision says: given these events, when this command comes, then it leads to these
// events, or is rejected.
type Decision struct {
	// ID is the aggregate's id, or the value of the slice's tag.
	ID string
	// Given is the history, oldest first. What the log knows of an event (component, id,
	// number, time) is filled in where it is empty.
	Given []turn.RecordedEvent
	// Snapshot is the one before the history, if any.
	Snapshot json.RawMessage
	// When is the command; without data it has an empty object.
	When turn.Command
	// Then are the events; none when there is nothing to change, or when it is rejected.
	Then []turn.Event
	// Rejected is the code of the refusal, "" when the command is accepted.
	Rejected string
	// Meta is the turn's; its time and command id are filled in where they are empty.
	Meta turn.Meta
}

// Projection says: given this row, when these events come one after the other, then the
// row is this.
type Projection struct {
	// ID is the row's key, by default "row-1".
	ID string
	// Given is the row before; none when it is empty.
	Given json.RawMessage
	// When are the events; what the log knows of them is filled in where it is empty.
	When []turn.RecordedEvent
	// Then is the row; null or nothing when there is none any more.
	Then json.RawMessage
	// Meta is the turn's; its time is filled in where it is empty.
	Meta turn.Meta
}

// Time is the time of the event of a number: noon, a day after the one before, from
// 2026-01-01T12:00:00.000Z on.
func Time(number int) string {
	return time.Date(2026, time.January, number, 12, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z07:00")
}

// now is the time of turns that say none.
var now = Time(100)

// Ask asks the handler about a turn of any kind. Version, plugin and time are filled in
// where they are empty. A handler that fails, or answers what the engine would refuse,
// fails the test.
func (p Plugin) Ask(t testing.TB, asked turn.Turn) turn.Answer {
	t.Helper()
	asked.Version = turn.Version
	asked.Plugin = cmp.Or(asked.Plugin, p.Name, "plugin")
	asked.Meta.Time = cmp.Or(asked.Meta.Time, now)
	encoded, err := json.Marshal(asked)
	if err != nil {
		t.Fatalf("write the %s turn: %v", asked.Kind, err)
	}
	raw, err := runtime.NewInvoker(p.Handler).Invoke(t.Context(), encoded)
	if err != nil {
		t.Fatalf("the handler failed: %v", err)
	}
	answer, err := turn.ParseAnswer(asked.Kind, raw)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Decide tests a decision of an aggregate or a slice and returns the answer.
func (p Plugin) Decide(t testing.TB, component string, d Decision) turn.Answer {
	t.Helper()
	d.When.Data = orEmpty(d.When.Data)
	d.Meta.CommandID = cmp.Or(d.Meta.CommandID, "command-1")
	answer := p.Ask(t, turn.Turn{
		Kind: turn.Decide, Component: component, ID: d.ID, Command: &d.When, Snapshot: d.Snapshot,
		History: recorded(component, d.ID, d.Given), Meta: d.Meta,
	})
	switch {
	case answer.Reject != nil && answer.Reject.Code != d.Rejected:
		t.Errorf("expected %s, got a refusal: %s", d.expected(), shown(answer.Reject))
	case answer.Reject == nil && (d.Rejected != "" || !sameEvents(d.Then, answer.Events)):
		t.Errorf("expected %s, got the events %s", d.expected(), shown(answer.Events))
	}
	return answer
}

// expected names what a decision should come to.
func (d Decision) expected() string {
	if d.Rejected != "" {
		return "the refusal " + d.Rejected
	}
	return "the events " + shown(d.Then)
}

// Project tests the rows of a read model, an automation or an outbound translation, and
// returns the row, null when there is none.
func (p Plugin) Project(t testing.TB, component string, projection Projection) json.RawMessage {
	t.Helper()
	row, id := projection.Given, cmp.Or(projection.ID, "row-1")
	for _, event := range recorded(component, id, projection.When) {
		row = p.Ask(t, turn.Turn{Kind: turn.Project, Component: component, ID: id, Row: row, Event: &event, Meta: projection.Meta}).Row
	}
	if !same(projection.Then, row) {
		t.Errorf("expected the row %s, got %s", orNull(projection.Then), orNull(row))
	}
	return row
}

// recorded are events as the log holds them.
func recorded(component, id string, events []turn.RecordedEvent) []turn.RecordedEvent {
	filled := append([]turn.RecordedEvent{}, events...)
	for i := range filled {
		event := &filled[i]
		event.Data = orEmpty(event.Data)
		event.Component, event.ID = cmp.Or(event.Component, component), cmp.Or(event.ID, id, component)
		event.Number, event.Time = cmp.Or(event.Number, int64(i+1)), cmp.Or(event.Time, Time(i+1))
	}
	return filled
}

// sameEvents compares types, and data as JSON.
func sameEvents(expected, actual []turn.Event) bool {
	if len(expected) != len(actual) {
		return false
	}
	for i := range expected {
		if expected[i].Type != actual[i].Type || !same(orEmpty(expected[i].Data), actual[i].Data) {
			return false
		}
	}
	return true
}

// same compares JSON; numbers count with all their digits.
func same(a, b json.RawMessage) bool {
	read := func(raw json.RawMessage) (value any) {
		decoder := json.NewDecoder(bytes.NewReader(orNull(raw)))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil {
			return string(raw)
		}
		return value
	}
	return reflect.DeepEqual(read(a), read(b))
}

// shown is a value as JSON.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// orEmpty is data, or an empty object when there is none.
func orEmpty(data json.RawMessage) json.RawMessage {
	if len(data) == 0 {
		return json.RawMessage("{}")
	}
	return data
}

// orNull is a row, or null when there is none.
func orNull(row json.RawMessage) json.RawMessage {
	if len(row) == 0 {
		return json.RawMessage("null")
	}
	return row
}
