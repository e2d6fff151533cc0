// Package dcb keeps the events of a plugin's DCB log (dynamic consistency boundary) in
// a DynamoDB table, and lets decisions on them be taken as if one after the other.
//
// A decision (slice) says which events it must know: events of some types with some
// tag values. It may record further events only if no event that it should have known
// was recorded meanwhile. The specification is that of dcb.events.
//
//  1. An event is kept once in its home stream, that of the value of the first tag of
//     its type, and once in a stream for each value of its other tags. The streams of a
//     further tag are kept apart by event type, so that an entity's home stream is not
//     slowed by foreign events that mention it ([Family], [StreamKey]). The events of
//     each stream are numbered 1, 2, 3, … without gaps, in the format of package eventlog.
//  2. [Log.Execute] finds the streams in which matching events are: for each event type
//     of a criterion that of the criterion's first tag. It reads them, and hands the
//     handler what matches, in the order of [turn.RecordedEvent].Position.
//  3. It appends in one transaction: the commit's item in each stream that its events go
//     to, each on condition that there is none with that number; the check that no other
//     stream that was read has a next item; and a guard item with the command's id. So
//     what was read is exactly what is checked, and "nothing yet" is checked too.
//  4. When a stream has moved on, what is new is read. If none of it matches, the
//     transaction is repeated without asking the handler again; else the handler decides
//     again. In-flight clashes and throttling repeat the transaction.
//  5. A command id that has its guard is answered with the first answer.
//
// The tags of an event are fixed when it is recorded. A tag that is added to an event
// type later has no streams of the events before.
//
// Where the items are is the [Store]'s concern: [NewDynamoDB], or [NewMemory] for tests.
package dcb

import (
	"encoding/json"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// ErrConflict says that other events which the decision depends on were recorded first,
// or that other transactions held the same items, at every attempt. It is that of
// package eventlog.
var ErrConflict = eventlog.ErrConflict

// Log is a plugin's DCB log. It is safe for concurrent use.
type Log struct {
	store Store
	model definition.DCB
	retry eventlog.Retry
	now   func() time.Time
}

// Option changes how a [Log] works.
type Option func(*Log)

// WithRetry sets how often and how patiently [Log.Execute] tries again; the default is
// [eventlog.DefaultRetry].
func WithRetry(r eventlog.Retry) Option { return func(l *Log) { l.retry = r } }

// WithClock sets where times and positions come from; the default is [time.Now].
func WithClock(now func() time.Time) Option { return func(l *Log) { l.now = now } }

// New returns the log that keeps what model declares in store. A model that contradicts
// itself is refused by [Log.Execute], before the handler is asked, for each slice that
// is concerned.
func New(store Store, model definition.DCB, options ...Option) *Log {
	l := &Log{store: store, model: model, retry: eventlog.DefaultRetry, now: time.Now}
	for _, option := range options {
		option(l)
	}
	return l
}

// Command is a command for a slice.
type Command struct {
	// Slice is the name under which the plugin declared the slice.
	Slice string
	// Type is the command's type, for messages.
	Type string
	// Data is an object. The values of the slice's tags are taken from it.
	Data json.RawMessage
	// Origin says where the command comes from; its CommandID is required. The same id
	// twice has one effect per slice.
	Origin eventlog.Origin
}

// Result is the outcome of a command.
type Result struct {
	// Origin is the command's; for a repeated command that of the first time.
	Origin eventlog.Origin
	// Tag and ID name the home stream that Version is about: the first tag of the
	// slice's first criterion and its value in the command. Where there is no such home
	// stream, or nobody read or wrote it, it is that of the first event; without events
	// both are as the command says.
	Tag, ID string
	// Version is the number of that stream's last event after the command. When it was
	// rejected or given up it is the number that was read last, 0 when none was.
	Version int64
	// Events are what this command recorded, now or the first time, in the order of the
	// answer.
	Events []turn.RecordedEvent
	// Reject is the domain's refusal, nil when the command was accepted.
	Reject *turn.Reject
	// Repeated says that the command had been recorded before.
	Repeated bool
}
