package eventlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Decide says which events a command leads to, given the history. It may be called
// several times for one command, each time with a longer history, and must have no
// effect of its own.
type Decide func(ctx context.Context, history Stream) (Decision, error)

// Decision is what a command leads to. No event and no rejection accepts the command and
// records nothing.
type Decision struct {
	Events []turn.Event
	Reject *turn.Reject
	// Snapshot is a JSON value from which a later decision can go on after these events;
	// nil is none. Only a log with snapshots looks at it; see [WithSnapshots].
	Snapshot json.RawMessage
}

// Result is the outcome of a command.
type Result struct {
	// Origin is the command's; for a repeated command that of the first time.
	Origin Origin
	// Version is the version after the command. When it was rejected or given up it
	// is the version that was read last.
	Version int64
	// Events are what this command recorded, now or the first time.
	Events []turn.RecordedEvent
	// Reject is the domain's refusal, nil when the command was accepted.
	Reject *turn.Reject
	// Repeated says that the command had been recorded before.
	Repeated bool
}

// Execute reads the history of an id, decides and appends, and begins again when
// another commit came between. It costs one Query and one PutItem when none does.
//
// A command whose id is in the history is not decided again: its first result is
// returned. In a log with snapshots that is so for commands since the newest snapshot and
// the last 1,000 before it. A command that recorded nothing (rejected, or accepted without events)
// leaves no trace and is decided anew when it is repeated.
//
// After [Retry].Attempts conflicts, or when the context's deadline leaves no time to
// wait, the history is read once more: a request whose answer was lost, and which the
// client repeated by itself, is refused because of its own first effect. If the command
// is not there, the error is [ErrConflict] and nothing was recorded. After any other error
// of DynamoDB it is unknown whether the commit was recorded; repeating the command
// with the same id is safe.
func (l *Log) Execute(ctx context.Context, id string, origin Origin, decide Decide) (Result, error) {
	if err := l.checkID(id); err != nil {
		return Result{}, fmt.Errorf("%s: %w", l.component, err)
	}
	if origin.CommandID == "" {
		return Result{}, fmt.Errorf("%s %q: the command has no id", l.component, id)
	}
	if origin.Time == "" {
		origin.Time = FormatTime(l.now())
	}
	stream := Stream{ID: id, Events: []turn.RecordedEvent{}}
	for attempt := 1; ; attempt++ {
		result, err := l.attempt(ctx, &stream, origin, decide)
		if !errors.Is(err, ErrConflict) {
			return result, err
		}
		if attempt >= l.retry.Attempts || l.retry.Wait(ctx, attempt) != nil {
			return l.giveUp(ctx, &stream, origin, attempt)
		}
	}
}

// giveUp is the result of a command after its last conflict.
func (l *Log) giveUp(ctx context.Context, stream *Stream, origin Origin, attempts int) (Result, error) {
	first, found, err := l.known(ctx, stream, origin.CommandID)
	if err != nil {
		return Result{}, fmt.Errorf("after %d conflicts it is unknown whether command %s was recorded: %w", attempts, origin.CommandID, err)
	}
	if found {
		return l.accepted(first, true), nil
	}
	return Result{Origin: origin, Version: stream.Version},
		fmt.Errorf("%s %q: command %s was given up after %d attempts: %w", l.component, stream.ID, origin.CommandID, attempts, ErrConflict)
}

// attempt reads what is new, decides and appends once.
func (l *Log) attempt(ctx context.Context, stream *Stream, origin Origin, decide Decide) (Result, error) {
	first, found, err := l.known(ctx, stream, origin.CommandID)
	if err != nil {
		return Result{}, err
	}
	if found {
		return l.accepted(first, true), nil
	}
	decision, err := decide(ctx, *stream)
	if err != nil {
		return Result{}, err
	}
	if decision.Reject != nil || len(decision.Events) == 0 {
		return Result{Origin: origin, Version: stream.Version, Reject: decision.Reject}, nil
	}
	commit, err := l.append(ctx, stream.ID, stream.Version, origin, decision.Events, l.snapshotFor(stream, decision))
	if err != nil {
		return Result{}, err
	}
	return l.accepted(commit, false), nil
}

// known reads what is new and finds the commit that a command led to before.
func (l *Log) known(ctx context.Context, stream *Stream, commandID string) (Commit, bool, error) {
	if err := l.catchUp(ctx, stream); err != nil {
		return Commit{}, false, err
	}
	return l.commitOf(ctx, stream, commandID)
}

// accepted is the result of a command that is in the log.
func (l *Log) accepted(c Commit, repeated bool) Result {
	return Result{Origin: c.Origin, Version: c.Version(), Events: c.Recorded(l.component), Repeated: repeated}
}
