package turn

import (
	"encoding/json"
	"fmt"
)

// plainTurn is a Turn without its methods.
type plainTurn Turn

// MarshalJSON writes a turn so that the handler finds every field that its kind has:
// history is a list in each decide turn, row is present in each project turn, null
// when there is none.
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
	}
	return json.Marshal(plainTurn(t))
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
	if len(a.Commands) > 0 || kind == React {
		fields["commands"] = withData(a.Commands, func(c *CommandTo) *json.RawMessage { return &c.Data })
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the answer to a %s turn: %w", kind, err)
	}
	return encoded, nil
}

// withData copies a list, never nil, and gives elements without data an empty object.
func withData[T any](list []T, data func(*T) *json.RawMessage) []T {
	filled := append([]T{}, list...)
	for i := range filled {
		if d := data(&filled[i]); len(*d) == 0 {
			*d = json.RawMessage("{}")
		}
	}
	return filled
}
