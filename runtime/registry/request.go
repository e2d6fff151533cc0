package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// RequestFormat is the version of the queue messages' format. It changes only when a
// reader of the old format would misread the new one.
const RequestFormat = 1

// Types of requests.
const (
	// TypeConnect connects a revision of a plugin.
	TypeConnect = "connect"
	// TypeDisconnect takes a revision of a plugin away.
	TypeDisconnect = "disconnect"
	// TypeSweep looks whether root fields that were kept for their resolvers can go.
	TypeSweep = "sweep"
	// TypeLapse and TypeResume say that heartbeats do not come any more, or again.
	TypeLapse  = "lapse"
	TypeResume = "resume"
	// TypeDeactivate, TypeActivate and TypeRetire are an operator's.
	TypeDeactivate = "deactivate"
	TypeActivate   = "activate"
	TypeRetire     = "retire"
	// TypeWire looks whether all subscriptions of extensions are there.
	TypeWire = "wire"
	// TypeRelease gives up a resolver that the platform attached again.
	TypeRelease = "release"
)

// MaxRequestAge is the age from which on a request is refused. It is more than the time
// for which the connect function waits, so nobody waits for such a request: it comes
// from the dead-letter queue, and what it asks for may have been asked for anew since.
const MaxRequestAge = 15 * time.Minute

// Request is one message on the registry queue and, for TypeSweep, on the sweep queue.
type Request struct {
	Format int `json:"format"`
	// ID identifies the request: the same id twice has one effect. It is the
	// message's deduplication id and the key of its outcome.
	ID   string `json:"id"`
	Type string `json:"type"`
	// Time is when the request was sent, RFC 3339 in UTC with milliseconds.
	Time string `json:"time,omitempty"`
	// One of these is set, as Type says.
	Connect    *Connect    `json:"connect,omitempty"`
	Disconnect *Disconnect `json:"disconnect,omitempty"`
	Sweep      *Sweep      `json:"sweep,omitempty"`
	Lapse      *Beats      `json:"lapse,omitempty"`
	Resume     *Beats      `json:"resume,omitempty"`
	Deactivate *Operation  `json:"deactivate,omitempty"`
	Activate   *Operation  `json:"activate,omitempty"`
	Retire     *Operation  `json:"retire,omitempty"`
	Wire       *Wire       `json:"wire,omitempty"`
	Release    *Release    `json:"release,omitempty"`
	// Actor is the identity of the operator as AppSync gives it.
	Actor json.RawMessage `json:"actor,omitempty"`
}

// Connect asks to connect a revision of a plugin.
type Connect struct {
	Plugin  string `json:"plugin"`
	Version string `json:"version"`
	// Stack is organization/project/stack of the stack that the plugin belongs to.
	Stack string `json:"stack"`
	// Hash identifies the revision (see schema.Hash), Nonce the attempt.
	Hash  string `json:"hash"`
	Nonce string `json:"nonce,omitempty"`
	// Fragment is the schema as [Pack] packs it.
	Fragment        string   `json:"fragment"`
	ExtensionPoints []string `json:"extensionPoints,omitempty"`
	// HeartbeatMinutes is how often the plugin tells that it is alive, 0 for never.
	HeartbeatMinutes int `json:"heartbeatMinutes,omitempty"`
	// Topics are the extension points' topics, Subscriptions what the platform shall
	// subscribe for the plugin's extensions.
	Topics        map[string]string       `json:"topics,omitempty"`
	Subscriptions []protocol.Subscription `json:"subscriptions,omitempty"`
	// UIBundleURL is where the plugin's part of the host UI is, empty for none.
	UIBundleURL string `json:"uiBundleUrl,omitempty"`
}

// Disconnect asks to take a revision away. Another stack's plugin, or another
// revision than the connected one, stays.
type Disconnect struct {
	Plugin string `json:"plugin"`
	Stack  string `json:"stack"`
	Hash   string `json:"hash"`
}

// Sweep asks to look at kept root fields.
type Sweep struct {
	// Attempt counts the sweeps for one set of kept fields, from 1.
	Attempt int `json:"attempt"`
}

// Beats is what the watch saw of a plugin's heartbeats.
type Beats struct {
	Plugin string `json:"plugin"`
	// LogVersion is the version of the plugin's log that the watch saw.
	LogVersion int64 `json:"logVersion"`
	// LastSeen is when the latest sign of life came, RFC 3339. Minutes is how often one
	// should.
	LastSeen string `json:"lastSeen,omitempty"`
	Minutes  int    `json:"minutes,omitempty"`
}

// Operation is what an operator wants with a plugin.
type Operation struct {
	Plugin string `json:"plugin"`
	Reason string `json:"reason,omitempty"`
}

// Wire asks to look after the subscriptions.
type Wire struct{}

// Release asks to give up the resolver of a root field ("Query.product") that the
// platform attached again, because the plugin's stack wants to make its own.
type Release struct {
	Plugin string `json:"plugin"`
	Stack  string `json:"stack"`
	Field  string `json:"field"`
}

// Plugin is the name of the plugin that a request is about, empty for one that is about
// none.
func (r Request) Plugin() string {
	switch {
	case r.Connect != nil:
		return r.Connect.Plugin
	case r.Disconnect != nil:
		return r.Disconnect.Plugin
	case r.Release != nil:
		return r.Release.Plugin
	}
	for _, b := range []*Beats{r.Lapse, r.Resume} {
		if b != nil {
			return b.Plugin
		}
	}
	if o := r.operation(); o != nil {
		return o.Plugin
	}
	return ""
}

func (r Request) operation() *Operation {
	for _, o := range []*Operation{r.Deactivate, r.Activate, r.Retire} {
		if o != nil {
			return o
		}
	}
	return nil
}

// Operates says that the request is an operator's. Resolvers go with it, so it is not
// handled together with others.
func (r Request) Operates() bool { return r.operation() != nil }

// ChangesFields says that the request may change which fields the API has.
func (r Request) ChangesFields() bool {
	return r.Connect != nil || r.Disconnect != nil || r.Operates()
}

// Expired says that the request is older than [MaxRequestAge]. A request about nothing
// but what is there, or that says which version of the log it is about, never expires.
func (r Request) Expired(now time.Time) bool {
	sent, err := time.Parse(time.RFC3339, r.Time)
	return err == nil && (r.ChangesFields() || r.Release != nil) && now.Sub(sent) > MaxRequestAge
}

// Encode gives the message's body.
func (r Request) Encode() (string, error) {
	r.Format = RequestFormat
	if err := r.check(); err != nil {
		return "", err
	}
	body, err := json.Marshal(r)
	return string(body), err
}

// DecodeRequest reads a message's body.
func DecodeRequest(body string) (Request, error) {
	var r Request
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return Request{}, fmt.Errorf("the body is not a registry request: %w", err)
	}
	if r.Format != RequestFormat {
		return Request{}, fmt.Errorf("the registry request has format %d, this release reads %d; update the platform's stack", r.Format, RequestFormat)
	}
	return r, r.check()
}

// check says what a request lacks.
func (r Request) check() error {
	var problems []error
	if r.ID == "" {
		problems = append(problems, errors.New("id is empty"))
	}
	payloads := r.payloads()
	present, known := payloads[r.Type]
	if !known {
		problems = append(problems, fmt.Errorf("type %q is none of %s", r.Type, strings.Join(slices.Sorted(maps.Keys(payloads)), ", ")))
	}
	if known && !present {
		problems = append(problems, fmt.Errorf("type is %s, but member %s is missing", r.Type, r.Type))
	}
	if present && r.Type != TypeSweep && r.Type != TypeWire && r.Plugin() == "" {
		problems = append(problems, fmt.Errorf("%s.plugin is empty", r.Type))
	}
	if r.Release != nil && !strings.Contains(r.Release.Field, ".") {
		problems = append(problems, fmt.Errorf("release.field is %q, but it is a root field such as Query.product", r.Release.Field))
	}
	if len(problems) > 0 {
		return fmt.Errorf("the registry request is incomplete: %w", errors.Join(problems...))
	}
	return nil
}

// payloads says for each type whether its member is there.
func (r Request) payloads() map[string]bool {
	return map[string]bool{
		TypeConnect: r.Connect != nil, TypeDisconnect: r.Disconnect != nil, TypeSweep: r.Sweep != nil,
		TypeLapse: r.Lapse != nil, TypeResume: r.Resume != nil, TypeWire: r.Wire != nil, TypeRelease: r.Release != nil,
		TypeDeactivate: r.Deactivate != nil, TypeActivate: r.Activate != nil, TypeRetire: r.Retire != nil,
	}
}
