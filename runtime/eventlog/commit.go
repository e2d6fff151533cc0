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
	// Position orders the commits of a DCB log; 0 for those of an aggregate.
	Position int64
	// Places say for each event where in the DCB log it belongs; nil for the events of
	// an aggregate, which belong to ID.
	Places []Place
}

// Place is where an event of a DCB log belongs. The log keeps an event once for each
// value of its tags; only one of these streams is its home.
type Place struct {
	// Tag and ID are the home tag and its value, Number is the event's number there.
	Tag, ID string
	Number  int64
	// Index counts the events of the command, from 0, whatever stream they are in.
	Index int
	// Tags are the values of all the event's tags, the home tag's among them.
	Tags map[string][]string
}

// Version is the number of the commit's last event.
func (c Commit) Version() int64 { return c.Seq + int64(len(c.Events)) - 1 }

// Recorded returns the events with their numbers, as events of component. Events of a
// DCB log are those of their home tag, with their numbers there, whatever stream they
// were read from; their number in that stream is Seq plus their index in Events.
func (c Commit) Recorded(component string) []turn.RecordedEvent {
	recorded := make([]turn.RecordedEvent, len(c.Events))
	for i, e := range c.Events {
		recorded[i] = turn.RecordedEvent{
			Type: e.Type, Data: e.Data, Component: component, ID: c.ID,
			Number: c.Seq + int64(i), Time: c.Time, Position: c.Position,
		}
		if len(c.Places) > 0 {
			c.Places[i].mark(&recorded[i])
		}
	}
	return recorded
}

// mark makes an event one of its home tag.
func (p Place) mark(e *turn.RecordedEvent) {
	e.Component, e.ID, e.Number, e.Tags = p.Tag, p.ID, p.Number, p.Tags
}

// Stream is the history of one id, or its newer part.
type Stream struct {
	// ID is the id of the aggregate.
	ID string
	// Version is the number of the last event, 0 when there is none.
	Version int64
	// Snapshot is the newest snapshot that a decision gave, nil without one. It stands for
	// the events before those of Commits.
	Snapshot json.RawMessage
	// Commits are the commits that were read, oldest first; without those that a snapshot
	// stands for.
	Commits []Commit
	// Events are the events of the commits, oldest first; never nil.
	Events []turn.RecordedEvent
	// stored is the number of the last event that the newest snapshot in the log covers.
	stored int64
	// remembered are commands that led to the snapshot, oldest first.
	remembered []remembered
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
