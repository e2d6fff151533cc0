package turn

import (
	"encoding/json"
	"fmt"
)

// plainTurn is a Turn without its methods.
type plainTurn Turn

// MarshalJSON writes a turn so that the handler finds every field that its kind has:
// history is a list in each decide turn, row is present in each project turn, null
// when there is none, and arguments and rows are objects in each query turn.
func (t Turn) MarshalJSON() ([]byte, error) {
	switch t.Kind {
	case Decide:
		if t.History == nil {
			t.History = []RecordedEvent{}
		}
		return json.Marshal(struct {
			plainTurn
			History []RecordedEvent `json:"history"`
		}{plainTurn(t), t.History})
	case Project:
		return json.Marshal(struct {
			plainTurn
			Row json.RawMessage `json:"row"`
		}{plainTurn(t), orNull(t.Row)})
	case AnswerQuery:
		return json.Marshal(struct {
			plainTurn
			Arguments json.RawMessage            `json:"arguments"`
			Rows      map[string]json.RawMessage `json:"rows"`
		}{plainTurn(t), orEmptyObject(t.Arguments), orNoRows(t.Rows)})
	}
	return json.Marshal(plainTurn(t))
}

// plainObject is an Object without its methods.
type plainObject Object

// MarshalJSON writes an object so that the handler of a task that takes lines finds
// lines, header and last in each turn, also when they are empty.
func (o Object) MarshalJSON() ([]byte, error) {
	if o.FirstLine == 0 {
		return json.Marshal(plainObject(o))
	}
	return json.Marshal(struct {
		plainObject
		Lines  []string `json:"lines"`
		Header string   `json:"header"`
		Last   bool     `json:"last"`
	}{plainObject(o), append([]string{}, o.Lines...), o.Header, o.Last})
}

// orNoRows is rows, or an empty map when there are none.
func orNoRows(rows map[string]json.RawMessage) map[string]json.RawMessage {
	if rows == nil {
		return map[string]json.RawMessage{}
	}
	return rows
}

// orNull is raw, or JSON null when there is none.
func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// MarshalAnswer writes the answer of a handler in Go to a turn of the given kind.
// What the kind requires is there even when it is empty: events (unless the command
// is rejected), row, messages, commands. Fields of other kinds are written too when
// they are filled, so that [ParseAnswer] refuses them by name.
func MarshalAnswer(kind Kind, a Answer) ([]byte, error) {
	fields := map[string]any{}
	if len(a.Events) > 0 || (kind == Decide && a.Reject == nil) {
		fields["events"] = withData(a.Events, func(e *Event) *json.RawMessage { return &e.Data })
	}
	if a.Reject != nil {
		fields["reject"] = a.Reject
	}
	if len(a.Row) > 0 || kind == Project {
		fields["row"] = orNull(a.Row)
	}
	if len(a.Messages) > 0 || kind == Publish {
		fields["messages"] = withData(a.Messages, func(m *Message) *json.RawMessage { return &m.Data })
	}
	if len(a.Data) > 0 || kind == AnswerQuery {
		fields["data"] = orNull(a.Data)
	}
	if len(a.Commands) > 0 || kind == React || kind == RunTask || (kind == Translate && a.Reject == nil) {
		fields["commands"] = withData(a.Commands, func(c *CommandTo) *json.RawMessage { return &c.Data })
	}
	addEffects(fields, kind, a)
	encoded, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the answer to a %s turn: %w", kind, err)
	}
	return encoded, nil
}

// addEffects adds what else an answer has.
func addEffects(fields map[string]any, kind Kind, a Answer) {
	if len(a.Snapshot) > 0 {
		fields["snapshot"] = a.Snapshot
	}
	if len(a.Result) > 0 || (kind == Call && a.GiveUp == nil) {
		fields["result"] = orEmptyObject(a.Result)
	}
	if a.GiveUp != nil {
		fields["giveUp"] = a.GiveUp
	}
	if len(a.Objects) > 0 {
		fields["objects"] = a.Objects
	}
	if len(a.Schedule) > 0 {
		fields["schedule"] = withData(a.Schedule, func(s *ScheduleTo) *json.RawMessage { return &s.Data })
	}
	if len(a.Unschedule) > 0 {
		fields["unschedule"] = a.Unschedule
	}
}

// orEmptyObject is raw, or an empty object when there is none.
func orEmptyObject(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

// withData copies a list, never nil, and gives elements without data an empty object.
func withData[T any](list []T, data func(*T) *json.RawMessage) []T {
	filled := append([]T{}, list...)
	for i := range filled {
		d := data(&filled[i])
		*d = orEmptyObject(*d)
	}
	return filled
}
