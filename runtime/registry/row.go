package registry

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Values of a row's status.
const (
	StatusConnected    = "CONNECTED"
	StatusDisconnected = "DISCONNECTED"
	// StatusRefused is a plugin that was never connected since it was refused.
	StatusRefused = "REFUSED"
)

// Row is one plugin in the plugins table. The attributes whose names begin with an
// underscore are bookkeeping: no GraphQL type has them, so no query shows them.
type Row struct {
	ID              string   `dynamodbav:"id"`
	Version         string   `dynamodbav:"version,omitempty"`
	Status          string   `dynamodbav:"status,omitempty"`
	Hash            string   `dynamodbav:"hash,omitempty"`
	Stack           string   `dynamodbav:"stack,omitempty"`
	Fields          []string `dynamodbav:"fields"`
	ExtensionPoints []string `dynamodbav:"extensionPoints"`
	ConnectedAt     string   `dynamodbav:"connectedAt,omitempty"`
	Message         string   `dynamodbav:"message,omitempty"`

	// Deleted hides the row from queries. A row is hidden while it has bookkeeping
	// only.
	Deleted bool `dynamodbav:"_deleted,omitempty"`
	// Position is the number of the last event that the row was made from.
	Position map[string]int64 `dynamodbav:"_position,omitempty"`
	// Nonce and ConnectedEvent complete the snapshot of the plugin's [State].
	Nonce          string `dynamodbav:"_nonce,omitempty"`
	ConnectedEvent int64  `dynamodbav:"_connectedEvent,omitempty"`
	// Attempts counts the attempts to connect that the connect function saw.
	Attempts int64 `dynamodbav:"_attempts,omitempty"`
	// Revision counts the writes of the row; every write is on condition of the
	// revision that was read.
	Revision int64 `dynamodbav:"_revision"`
	// OutcomesText and JournalText are JSON, see Outcomes and Journal.
	OutcomesText string `dynamodbav:"_outcomes,omitempty"`
	JournalText  string `dynamodbav:"_schema,omitempty"`

	// Outcomes are those of the latest requests, oldest first.
	Outcomes []Outcome `dynamodbav:"-"`
	// Journal is the writer's bookkeeping about pushes; the platform's own row has it.
	Journal *Journal `dynamodbav:"-"`
}

// Journal is what the single writer must remember from one push to the next.
type Journal struct {
	// Pushed is the hash of the composition that the API has, Live a hash of the text
	// in which AppSync shows it. Both are empty from before a push until after it.
	Pushed string `json:"pushed,omitempty"`
	Live   string `json:"live,omitempty"`
	// Pushing is the push that was begun, nil when none is unfinished.
	Pushing *Push `json:"pushing,omitempty"`
	// Probe is the root field ("Query.product") on which a resolver is tried; a
	// leftover of the trial may be there while it is set.
	Probe string `json:"probe,omitempty"`
	// Appending are the plugins whose log may be ahead of their row.
	Appending []string `json:"appending,omitempty"`
	// Answers are the outcomes of the latest requests that led to no event, noted
	// before the events of their batch are appended. Decided again after those events,
	// such a request could be answered differently, or bring back an older revision.
	Answers []Outcome `json:"answers,omitempty"`
	// SweepFor identifies the kept fields that the scheduled sweep is for, SweepDue
	// is when it comes (RFC 3339), SweepAttempt its number.
	SweepFor     string `json:"sweepFor,omitempty"`
	SweepDue     string `json:"sweepDue,omitempty"`
	SweepAttempt int    `json:"sweepAttempt,omitempty"`
}

// Answer notes an outcome.
func (j *Journal) Answer(o Outcome) { j.Answers = record(j.Answers, o) }

// Answered finds a noted outcome.
func (j *Journal) Answered(request string) (Outcome, bool) { return find(j.Answers, request) }

// Push is a push that was begun.
type Push struct {
	// Hash is the composition's.
	Hash string `json:"hash"`
	// Structural says that the live schema differed from the composition in more
	// than directives, so that it shows whether the push took effect.
	Structural bool `json:"structural,omitempty"`
}

// Outcome finds the outcome of a request.
func (r Row) Outcome(request string) (Outcome, bool) { return find(r.Outcomes, request) }

// Record adds an outcome.
func (r *Row) Record(o Outcome) { r.Outcomes = record(r.Outcomes, o) }

// state is the snapshot that the row holds.
func (r Row) state() State {
	return State{
		Plugin: r.ID, LogVersion: r.Position[Aggregate], Connected: r.Status == StatusConnected,
		Version: r.Version, Stack: r.Stack, Hash: r.Hash, Nonce: r.Nonce, ExtensionPoints: r.ExtensionPoints,
		ConnectedEvent: r.ConnectedEvent, ConnectedAt: r.ConnectedAt,
	}
}

// Show makes the row show a state. fields are the root fields of a connected plugin.
// A plugin without events is not touched.
func (r *Row) Show(s State, fields []string) {
	if s.LogVersion == 0 {
		return
	}
	r.Status, r.Deleted, r.Fields = StatusDisconnected, false, []string{}
	if s.Connected {
		r.Status, r.Fields = StatusConnected, fields
	}
	r.Position = map[string]int64{Aggregate: s.LogVersion}
	r.Version, r.Stack, r.Hash, r.Nonce = s.Version, s.Stack, s.Hash, s.Nonce
	r.ExtensionPoints, r.ConnectedEvent, r.ConnectedAt = s.ExtensionPoints, s.ConnectedEvent, s.ConnectedAt
}

// encode gives the item.
func (r Row) encode() (map[string]types.AttributeValue, error) {
	if r.Fields == nil {
		r.Fields = []string{}
	}
	if r.ExtensionPoints == nil {
		r.ExtensionPoints = []string{}
	}
	var err error
	if r.OutcomesText, err = encodeText(len(r.Outcomes) > 0, r.Outcomes); err != nil {
		return nil, err
	}
	if r.JournalText, err = encodeText(r.Journal != nil, r.Journal); err != nil {
		return nil, err
	}
	return attributevalue.MarshalMap(r)
}

// encodeText gives JSON text, or none for a value that is not there.
func encodeText(present bool, value any) (string, error) {
	if !present {
		return "", nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// decodeRow reads an item.
func decodeRow(item map[string]types.AttributeValue) (Row, error) {
	var r Row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Row{}, fmt.Errorf("read a row of the plugins table: %w", err)
	}
	for text, target := range map[*string]any{&r.OutcomesText: &r.Outcomes, &r.JournalText: &r.Journal} {
		if *text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(*text), target); err != nil {
			return Row{}, fmt.Errorf("read the row of plugin %q: %w", r.ID, err)
		}
	}
	return r, nil
}
