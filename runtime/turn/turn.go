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
	// React asks an extension which commands a message leads to.
	React Kind = "react"
)

// Turn is what the handler receives. Which fields are filled depends on Kind.
type Turn struct {
	// Kind says what is asked, and with it which of the other fields are filled.
	Kind Kind `json:"kind"`
	// Version is the contract's version, [Version].
	Version int `json:"version"`
	// Plugin is the plugin's name.
	Plugin string `json:"plugin"`
	// Component is the name under which the plugin declared the aggregate
	// (decide), read model (project), extension point (publish) or extension (react).
	Component string `json:"component"`
	// ID is the aggregate's id (decide) or the row's key (project).
	ID string `json:"id,omitempty"`
	// Command is the command to decide on (decide).
	Command *Command `json:"command,omitempty"`
	// History holds all events of the aggregate so far, oldest first (decide). It
	// is an empty list, never null, for an aggregate that does not exist yet.
	History []RecordedEvent `json:"history,omitempty"`
	// Row is the row as it is now, null when there is none (project).
	Row json.RawMessage `json:"row,omitempty"`
	// Event is the event to project or to publish (project, publish).
	Event *RecordedEvent `json:"event,omitempty"`
	// Message is the extension point's message to react to (react).
	Message *Message `json:"message,omitempty"`
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
	// Component and ID name the aggregate that the event belongs to.
	Component string `json:"component"`
	ID        string `json:"id"`
	// Number counts the events of one aggregate id: 1, 2, 3, … without gaps.
	Number int64 `json:"number"`
	// Time is when the event was recorded, RFC 3339 in UTC with milliseconds.
	Time string `json:"time"`
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

// CommandTo is a command with its addressee: an aggregate of the same plugin.
type CommandTo struct {
	// To is the aggregate's name, ID the id of the instance.
	To   string          `json:"to"`
	ID   string          `json:"id"`
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
	// Reject refuses the command (decide).
	Reject *Reject `json:"reject,omitempty"`
	// Row is the new row, JSON null to delete it (project).
	Row json.RawMessage `json:"row,omitempty"`
	// Messages are published in this order (publish).
	Messages []Message `json:"messages,omitempty"`
	// Commands are sent in this order (react).
	Commands []CommandTo `json:"commands,omitempty"`
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
