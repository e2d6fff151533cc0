// Package turn is the contract between the engine and a plugin's handler.
//
// The engine hands the handler one [Turn] as JSON and gets one [Answer] back as
// JSON; nothing else passes between them, so a handler can be written in any
// language:
//
//  1. the engine fills a Turn with everything that the handler needs to know
//     (a command and the history, an event and a row, a message);
//  2. an [Invoker] carries its JSON to the handler, in a language runtime beside
//     the engine or in the same process;
//  3. the handler answers without doing any I/O;
//  4. the engine validates the answer against the published JSON Schema of the
//     turn's kind, and only then lets it have an effect.
package turn

import (
	"context"
	"encoding/json"
	"fmt"
)

// Version is the version of the contract, the "version" of every turn. It changes
// only when a handler that was written for the old one would misread the new one.
const Version = 1

// Kind says what a turn asks of the handler.
type Kind string

// The kinds of turn.
const (
	// Decide asks an aggregate which events a command leads to.
	Decide Kind = "decide"
	// Project asks a read model for the row that an event leads to.
	Project Kind = "project"
	// Publish asks an extension point which messages an event leads to.
	Publish Kind = "publish"
	// React asks an extension which commands a message leads to, or an automation which
	// commands a to-do row leads to.
	React Kind = "react"
	// Call asks an outbound translation to do what a to-do row says. It is the only turn
	// whose handler may do I/O.
	Call Kind = "call"
	// Translate asks an inbound translation which commands an input from outside leads to.
	Translate Kind = "translate"
	// RunTask asks a task which commands a new object, or a schedule, leads to.
	RunTask Kind = "task"
	// AnswerQuery asks for the answer to a custom query field.
	AnswerQuery Kind = "query"
)

// Turn is what the handler receives. Which fields are filled depends on Kind.
type Turn struct {
	// Kind says what is asked, and with it which of the other fields are filled.
	Kind Kind `json:"kind"`
	// Version is the contract's version, [Version].
	Version int `json:"version"`
	// Plugin is the plugin's name.
	Plugin string `json:"plugin"`
	// Component is the name under which the plugin declared the aggregate or slice
	// (decide), read model (project), extension point (publish), extension or automation
	// (react), translation (call, translate) or task; for a query it is the field.
	Component string `json:"component"`
	// ID is the aggregate's id (decide) or the row's key (project, react and call of a
	// to-do row). For a slice it is the value of the tag that its decision is about.
	ID string `json:"id,omitempty"`
	// Command is the command to decide on (decide).
	Command *Command `json:"command,omitempty"`
	// Snapshot is the newest snapshot that the handler gave for the aggregate; History
	// then begins after it (decide). Absent when there is none.
	Snapshot json.RawMessage `json:"snapshot,omitempty"`
	// History holds all events of the aggregate so far, or all that match what the slice
	// reads, oldest first (decide). It is an empty list, never null, for an aggregate that
	// does not exist yet.
	History []RecordedEvent `json:"history,omitempty"`
	// Row is the row as it is now, null when there is none (project), or the to-do row
	// (react of an automation, call).
	Row json.RawMessage `json:"row,omitempty"`
	// Attempt says how often the to-do row was tried (react of an automation, call).
	Attempt *Attempt `json:"attempt,omitempty"`
	// Event is the event to project or to publish (project, publish).
	Event *RecordedEvent `json:"event,omitempty"`
	// Message is the extension point's message to react to (react).
	Message *Message `json:"message,omitempty"`
	// Input holds the arguments of the mutation (translate).
	Input json.RawMessage `json:"input,omitempty"`
	// Object is the object to work on (task that an object triggers).
	Object *Object `json:"object,omitempty"`
	// Scheduled is the time for which a schedule triggered the task, RFC 3339 in UTC
	// with milliseconds.
	Scheduled string `json:"scheduled,omitempty"`
	// Arguments are the arguments of the query field, Rows the rows that its declaration
	// loads, by name: a row or null, or a list of them in the order of the keys (query).
	Arguments json.RawMessage            `json:"arguments,omitempty"`
	Rows      map[string]json.RawMessage `json:"rows,omitempty"`
	// Meta says where the turn comes from.
	Meta Meta `json:"meta"`
}

// Command is a wish to change something. Data is an object.
type Command struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Event is a fact that a handler decided on. Data is an object.
type Event struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// RecordedEvent is an event as the event log holds it.
type RecordedEvent struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
	// Component and ID name the aggregate that the event belongs to; for an event of the
	// DCB log its home tag and that tag's value.
	Component string `json:"component"`
	ID        string `json:"id"`
	// Number counts the events of one aggregate id, or of one value of the home tag:
	// 1, 2, 3, … without gaps.
	Number int64 `json:"number"`
	// Time is when the event was recorded, RFC 3339 in UTC with milliseconds.
	Time string `json:"time"`
	// Tags are the values of the event's tags, for events of the DCB log.
	Tags map[string][]string `json:"tags,omitempty"`
	// Position orders events of the DCB log: an event that was known to the decision
	// that led to another one has the lower position.
	Position int64 `json:"position,omitempty"`
}

// Message is what an extension point publishes to other plugins. Data is an object.
type Message struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
	// Key orders messages: messages of one key arrive in order. Absent in an
	// answer, it is the id of the aggregate whose event is published.
	Key string `json:"key,omitempty"`
	// Plugin and ExtensionPoint name the publisher. The engine fills them.
	Plugin         string `json:"plugin,omitempty"`
	ExtensionPoint string `json:"extensionPoint,omitempty"`
}

// Attempt counts the attempts at a to-do row.
type Attempt struct {
	// Number is 1 for the first attempt, Of the number after which it is given up.
	Number int `json:"number"`
	Of     int `json:"of"`
}

// Object is an object of a task's bucket, or some lines of it.
type Object struct {
	// Key is the object's name, decoded, VersionID its version, Size its bytes.
	Key       string `json:"key"`
	VersionID string `json:"versionId"`
	Size      int64  `json:"size"`
	// ContentType is what the object says of itself.
	ContentType string `json:"contentType,omitempty"`
	// Text is the whole content (content: text).
	Text *string `json:"text,omitempty"`
	// Lines are some of its lines without their ends, FirstLine is the number of the
	// first of them, and Header the first line of the object, which is number 1 and not
	// among the lines (content: lines). Last says that there are no lines after these.
	Lines     []string `json:"lines,omitempty"`
	FirstLine int      `json:"firstLine,omitempty"`
	Header    string   `json:"header,omitempty"`
	Last      bool     `json:"last,omitempty"`
}

// CommandTo is a command with its addressee: an aggregate or a slice of the same plugin,
// or an extension, which stands for the plugin that owns the extension point.
type CommandTo struct {
	// To is the addressee's name. ID is the id of the instance; for a slice or an
	// extension it may be absent, the data say it then.
	To   string          `json:"to"`
	ID   string          `json:"id,omitempty"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Meta says where a turn comes from.
type Meta struct {
	// CommandID identifies the command; the same id twice has one effect (decide).
	CommandID string `json:"commandId,omitempty"`
	// CorrelationID is the same for all that one outside request led to.
	CorrelationID string `json:"correlationId,omitempty"`
	// CausationID is the id of the command or message that led to this turn.
	CausationID string `json:"causationId,omitempty"`
	// Actor is AppSync's identity object of the caller, absent for commands that
	// no caller sent (reactions) and for API keys.
	Actor json.RawMessage `json:"actor,omitempty"`
	// Time is the time to use for "now", RFC 3339 in UTC with milliseconds.
	Time string `json:"time"`
}

// Answer is what the handler returns. Which fields are allowed depends on the
// turn's kind; the JSON Schemas beside this file say so exactly.
type Answer struct {
	// Events are the events that the command leads to (decide). An empty list
	// accepts the command and records nothing.
	Events []Event `json:"events,omitempty"`
	// Snapshot is the state of the aggregate after these events, from which a later
	// decision can go on (decide). Optional, an object of the handler's own shape.
	Snapshot json.RawMessage `json:"snapshot,omitempty"`
	// Reject refuses the command (decide) or the input (translate).
	Reject *Reject `json:"reject,omitempty"`
	// Row is the new row, JSON null to delete it (project).
	Row json.RawMessage `json:"row,omitempty"`
	// Messages are published in this order (publish).
	Messages []Message `json:"messages,omitempty"`
	// Commands are sent in this order (react, call, translate, task).
	Commands []CommandTo `json:"commands,omitempty"`
	// Result is what the call led to; it is kept in the to-do row (call).
	Result json.RawMessage `json:"result,omitempty"`
	// GiveUp says that trying again is of no use (call).
	GiveUp *Reject `json:"giveUp,omitempty"`
	// Objects are written into the task's bucket (task).
	Objects []ObjectToWrite `json:"objects,omitempty"`
	// Schedule and Unschedule make and cancel schedules (react, task).
	Schedule   []ScheduleTo  `json:"schedule,omitempty"`
	Unschedule []ScheduleKey `json:"unschedule,omitempty"`
	// Data is the answer to the query field, of any JSON type (query).
	Data json.RawMessage `json:"data,omitempty"`
}

// ObjectToWrite is an object that a task writes.
type ObjectToWrite struct {
	Key string `json:"key"`
	// ContentType is the object's; by default text/plain in UTF-8.
	ContentType string `json:"contentType,omitempty"`
	Text        string `json:"text"`
}

// ScheduleKey names a schedule: one that the plugin declares, and which one of it. A
// schedule that is made anew replaces the one of the same key.
type ScheduleKey struct {
	Schedule string `json:"schedule"`
	Key      string `json:"key"`
}

// ScheduleTo is a command to be sent later, once or again and again: exactly one of At,
// Every and Cron says when.
type ScheduleTo struct {
	Schedule string `json:"schedule"`
	Key      string `json:"key"`
	// At is a time in RFC 3339, to the second.
	At string `json:"at,omitempty"`
	// Every is a period such as "15 minutes", Cron the six fields of a cron expression of
	// EventBridge Scheduler.
	Every string `json:"every,omitempty"`
	Cron  string `json:"cron,omitempty"`
	// TimeZone is the IANA name of the time zone of Cron; by default UTC.
	TimeZone string `json:"timeZone,omitempty"`
	// ID and Data are the command's; the declaration has its addressee and type.
	ID   string          `json:"id,omitempty"`
	Data json.RawMessage `json:"data"`
}

// Reject is a refusal by the domain's rules. It is an answer, not an error.
type Reject struct {
	// Code names the rule in PascalCase, for programs. Message is for people.
	Code    string `json:"code"`
	Message string `json:"message"`
	// Details is an object with whatever else a client needs.
	Details json.RawMessage `json:"details,omitempty"`
}

// Invoker carries a turn's JSON to the plugin's handler and its answer's JSON back.
// A failure of the handler is a [*HandlerError]; any other error is a fault of ours.
// It is called for one turn at a time.
type Invoker interface {
	Invoke(ctx context.Context, turn []byte) (answer []byte, err error)
}

// FailureKind says how a handler failed.
type FailureKind string

// The ways in which a handler fails. The text is the error type that a GraphQL
// caller sees.
const (
	// Threw means that the handler threw or returned an error.
	Threw FailureKind = "HandlerError"
	// TimedOut means that no answer came before the function's deadline.
	TimedOut FailureKind = "HandlerTimeout"
	// Exited means that the handler's process ended.
	Exited FailureKind = "HandlerExited"
	// InvalidAnswer means that the answer does not match the contract.
	InvalidAnswer FailureKind = "HandlerAnswerInvalid"
)

// HandlerError is a failure of the plugin's handler.
type HandlerError struct {
	Kind FailureKind
	// Type is the language's own name of the error, such as "TypeError".
	Type string
	// Message says what went wrong, for an invalid answer with the path in it.
	Message string
	// Stack is the handler's stack trace, for the log only.
	Stack []string
}

// Error gives the kind, the language's type and the message on one line.
func (e *HandlerError) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("%s: %s", e.Kind, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Kind, e.Type, e.Message)
}
