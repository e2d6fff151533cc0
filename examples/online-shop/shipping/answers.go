package main

import (
	"encoding/json"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// decode reads the data of a command, an event, a message or a row.
func decode[T any](data json.RawMessage) (T, error) {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return value, fmt.Errorf("read %T: %w", value, err)
	}
	return value, nil
}

// decision is what a command comes to: facts, none if there is nothing to change, or a
// refusal.
type decision struct {
	facts   []fact
	refusal *turn.Reject
}

// fact is an event that is not recorded yet.
type fact struct {
	eventType string
	data      any
}

// accept means that the command is accepted and leads to these facts.
func accept(facts ...fact) decision { return decision{facts: facts} }

// reject means that the command is refused by a rule of the domain.
func reject(code, format string, values ...any) decision {
	return decision{refusal: &turn.Reject{Code: code, Message: fmt.Sprintf(format, values...)}}
}

// answer writes the decision as the answer to a decide turn.
func (d decision) answer() (turn.Answer, error) {
	answer := turn.Answer{Reject: d.refusal}
	for _, f := range d.facts {
		data, err := json.Marshal(f.data)
		if err != nil {
			return turn.Answer{}, fmt.Errorf("write %s: %w", f.eventType, err)
		}
		answer.Events = append(answer.Events, turn.Event{Type: f.eventType, Data: data})
	}
	return answer, nil
}

// command is a command to send.
type command struct {
	to, id, commandType string
	data                any
}

// send writes commands as the answer to a react turn.
func send(commands ...command) (turn.Answer, error) {
	var answer turn.Answer
	for _, c := range commands {
		data, err := json.Marshal(c.data)
		if err != nil {
			return turn.Answer{}, fmt.Errorf("write %s: %w", c.commandType, err)
		}
		answer.Commands = append(answer.Commands, turn.CommandTo{To: c.to, ID: c.id, Type: c.commandType, Data: data})
	}
	return answer, nil
}

// keep writes a row as the answer to a project turn.
func keep(row any) (turn.Answer, error) {
	encoded, err := json.Marshal(row)
	return turn.Answer{Row: encoded}, err
}

// drop deletes the row.
func drop() (turn.Answer, error) { return turn.Answer{Row: json.RawMessage("null")}, nil }
