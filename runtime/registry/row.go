package registry

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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
	PreviousVersion string   `dynamodbav:"previousVersion,omitempty"`
	StatusChangedAt string   `dynamodbav:"statusChangedAt,omitempty"`
	Reason          string   `dynamodbav:"reason,omitempty"`
	UIBundleURL     string   `dynamodbav:"uiBundleUrl,omitempty"`
	// Message is what is wrong with the plugin: Answer and Wiring in one text.
	Message string `dynamodbav:"message,omitempty"`

	// Answer is what the latest outcome says, Wiring what is wrong with subscriptions.
	Answer string `dynamodbav:"_message,omitempty"`
	Wiring string `dynamodbav:"_wiring,omitempty"`
	// Deleted hides the row from queries. A row is hidden while it has bookkeeping
	// only.
	Deleted bool `dynamodbav:"_deleted,omitempty"`
	// Position is the number of the last event that the row was made from.
	Position map[string]int64 `dynamodbav:"_position,omitempty"`
	// Nonce and ConnectedEvent are the snapshot of rows that the first release wrote.
	Nonce          string `dynamodbav:"_nonce,omitempty"`
	ConnectedEvent int64  `dynamodbav:"_connectedEvent,omitempty"`
	// Attempts counts the attempts to connect that the connect function saw.
	Attempts int64 `dynamodbav:"_attempts,omitempty"`
	// Revision counts the writes of the row; every write is on condition of the
	// revision that was read.
	Revision int64 `dynamodbav:"_revision"`
	// The members below are JSON in the members after them.
	StateText    string `dynamodbav:"_state,omitempty"`
	OutcomesText string `dynamodbav:"_outcomes,omitempty"`
	JournalText  string `dynamodbav:"_schema,omitempty"`
	WiresText    string `dynamodbav:"_wires,omitempty"`

	// State is the snapshot that the row was made from, nil without one.
	State *State `dynamodbav:"-"`
	// Outcomes are those of the latest requests, oldest first.
	Outcomes []Outcome `dynamodbav:"-"`
	// Journal is the writer's bookkeeping about pushes; the platform's own row has it.
	Journal *Journal `dynamodbav:"-"`
	// Wires are the subscriptions that the platform made for the plugin's extensions.
	Wires []Wired `dynamodbav:"-"`
}

// Outcome finds the outcome of a request.
func (r Row) Outcome(request string) (Outcome, bool) { return find(r.Outcomes, request) }

// Record adds an outcome.
func (r *Row) Record(o Outcome) { r.Outcomes = record(r.Outcomes, o) }

// Shown is the state that the row was made from; the log may be ahead of it. In a row of the first release DISCONNECTED
// meant what RETIRED means now.
func (r Row) Shown() State {
	if r.State != nil {
		return *r.State
	}
	s := State{
		Plugin: r.ID, LogVersion: r.Position[Aggregate], Version: r.Version, Stack: r.Stack, Hash: r.Hash, Nonce: r.Nonce,
		ExtensionPoints: r.ExtensionPoints, ConnectedEvent: r.ConnectedEvent, ConnectedAt: r.ConnectedAt,
	}
	switch {
	case s.LogVersion == 0:
		return State{Plugin: r.ID}
	case r.Status == StatusConnected:
		s.Status = StatusConnected
	default:
		s.Status = StatusRetired
	}
	return s
}

// Show makes the row show a state. fields are the root fields of a plugin that is
// served. A plugin without events is not touched.
func (r *Row) Show(s State, fields []string) {
	if s.LogVersion == 0 {
		return
	}
	r.Status, r.Deleted, r.Fields = s.Status, false, []string{}
	if s.Served() {
		r.Fields = fields
	}
	r.Position, r.State = map[string]int64{Aggregate: s.LogVersion}, &s
	r.Version, r.PreviousVersion, r.Stack, r.Hash = s.Version, s.PreviousVersion, s.Stack, s.Hash
	r.ExtensionPoints, r.ConnectedAt = s.ExtensionPoints, s.ConnectedAt
	r.StatusChangedAt, r.Reason, r.UIBundleURL = s.StatusChangedAt, s.Reason, s.UIBundleURL
	r.Nonce, r.ConnectedEvent = "", 0
}

// encode gives the item.
func (r Row) encode() (map[string]types.AttributeValue, error) {
	if r.Fields == nil {
		r.Fields = []string{}
	}
	if r.ExtensionPoints == nil {
		r.ExtensionPoints = []string{}
	}
	r.Message = r.Answer
	if r.Wiring != "" {
		r.Message = strings.TrimPrefix(r.Answer+"; "+r.Wiring, "; ")
	}
	for _, text := range []struct {
		to      *string
		present bool
		value   any
	}{
		{&r.StateText, r.State != nil, r.State}, {&r.OutcomesText, len(r.Outcomes) > 0, r.Outcomes},
		{&r.JournalText, r.Journal != nil, r.Journal}, {&r.WiresText, len(r.Wires) > 0, r.Wires},
	} {
		var err error
		if *text.to, err = encodeText(text.present, text.value); err != nil {
			return nil, err
		}
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
	if r.StateText == "" && r.Answer == "" && r.Wiring == "" { // of the first release
		r.Answer = r.Message
	}
	for text, target := range map[*string]any{
		&r.StateText: &r.State, &r.OutcomesText: &r.Outcomes, &r.JournalText: &r.Journal, &r.WiresText: &r.Wires,
	} {
		if *text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(*text), target); err != nil {
			return Row{}, fmt.Errorf("read the row of plugin %q: %w", r.ID, err)
		}
	}
	return r, nil
}
