package eventlog

import (
	"encoding/json"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Origin says where a command, and with it a commit, comes from.
type Origin struct {
	// CommandID identifies the command; required. The same id twice has one effect.
	CommandID string
	// CorrelationID is the same for all that one outside request led to.
	CorrelationID string
	// CausationID is the id of the command or message that led to the command.
	CausationID string
	// Actor is the caller's identity as JSON, nil where there is none.
	Actor json.RawMessage
	// Time is when the command came, as [FormatTime] writes it. Empty means now.
	Time string
}

// Commit is what one command recorded: one item of the table.
type Commit struct {
	Origin
	// ID is the id of the aggregate.
	ID string
	// Seq is the number of the first event.
	Seq int64
	// Events are the events, at least one.
	Events []turn.Event
}

// Version is the number of the commit's last event.
func (c Commit) Version() int64 { return c.Seq + int64(len(c.Events)) - 1 }

// Recorded returns the events with their numbers, as events of component.
func (c Commit) Recorded(component string) []turn.RecordedEvent {
	recorded := make([]turn.RecordedEvent, len(c.Events))
	for i, e := range c.Events {
		recorded[i] = turn.RecordedEvent{
			Type: e.Type, Data: e.Data, Component: component, ID: c.ID,
			Number: c.Seq + int64(i), Time: c.Time,
		}
	}
	return recorded
}

// Stream is the history of one id, or its newer part.
type Stream struct {
	// ID is the id of the aggregate.
	ID string
	// Version is the number of the last event, 0 when there is none.
	Version int64
	// Commits are the commits that were read, oldest first.
	Commits []Commit
	// Events are the events of the commits, oldest first; never nil.
	Events []turn.RecordedEvent
}

// CommitOf finds the commit that a command led to.
func (s Stream) CommitOf(commandID string) (Commit, bool) {
	for _, c := range s.Commits {
		if c.CommandID == commandID {
			return c, true
		}
	}
	return Commit{}, false
}

// extend adds a commit at the end.
func (s *Stream) extend(component string, c Commit) {
	s.Commits = append(s.Commits, c)
	s.Events = append(s.Events, c.Recorded(component)...)
	s.Version = c.Version()
}
