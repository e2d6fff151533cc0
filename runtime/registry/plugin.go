package registry

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Types of events.
const (
	// EventConnected says that a revision was connected, for the first time or in
	// place of another one.
	EventConnected = "PluginConnected"
	// EventDisconnected says that the connected revision was taken away.
	EventDisconnected = "PluginDisconnected"
)

// PluginConnected is the data of [EventConnected].
type PluginConnected struct {
	Plugin  string `json:"plugin"`
	Version string `json:"version"`
	Stack   string `json:"stack"`
	Hash    string `json:"hash"`
	Nonce   string `json:"nonce,omitempty"`
	// Fragment is the schema as [Pack] packs it.
	Fragment        string   `json:"fragment"`
	ExtensionPoints []string `json:"extensionPoints,omitempty"`
}

// PluginDisconnected is the data of [EventDisconnected].
type PluginDisconnected struct {
	// Hash is the revision that was taken away.
	Hash string `json:"hash"`
}

// State is a plugin as its events tell. The zero value is a plugin without events.
type State struct {
	Plugin string
	// LogVersion is the number of the last event.
	LogVersion int64
	// Connected says whether a revision is connected. The members below are those of
	// the latest revision, connected or not.
	Connected       bool
	Version         string
	Stack           string
	Hash            string
	Nonce           string
	ExtensionPoints []string
	// ConnectedEvent is the number of the event that holds the fragment, ConnectedAt
	// its time.
	ConnectedEvent int64
	ConnectedAt    string
}

// Apply folds one event into the state.
func (s State) Apply(e turn.RecordedEvent) (State, error) {
	s.Plugin, s.LogVersion = e.ID, e.Number
	switch e.Type {
	case EventConnected:
		var data PluginConnected
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return s, fmt.Errorf("event %d of plugin %q: %w", e.Number, e.ID, err)
		}
		s.Connected, s.ConnectedEvent, s.ConnectedAt = true, e.Number, e.Time
		s.Version, s.Stack, s.Hash, s.Nonce = data.Version, data.Stack, data.Hash, data.Nonce
		s.ExtensionPoints = data.ExtensionPoints
	case EventDisconnected:
		s.Connected = false
	}
	return s, nil
}

// Is says whether exactly this revision is connected.
func (s State) Is(hash string) bool { return s.Connected && s.Hash == hash }

// NextNonce is the nonce to connect a revision with: the recorded one while exactly
// this revision is connected, so that nothing changes; else a number that was not
// used before. It depends on the log and on the number of attempts so far only, so
// a preview and the update after it get the same one.
func (s State) NextNonce(hash string, attempts int64) string {
	if s.Is(hash) {
		return s.Nonce
	}
	return strconv.FormatInt(s.LogVersion+attempts+1, 10)
}

// Rules decide on requests.
type Rules struct {
	// PlatformStack is the platform's own stack, empty when it is not known.
	PlatformStack string
}

// Decide says which event a request leads to. No event and no problem means that
// things are as the request wants them.
func (r Rules) Decide(s State, request Request) (*turn.Event, *protocol.Problem, error) {
	switch {
	case request.Connect != nil:
		return r.connect(s, *request.Connect)
	case request.Disconnect != nil:
		return disconnect(s, *request.Disconnect)
	}
	return nil, nil, nil
}

// connect decides on a connect request.
func (r Rules) connect(s State, c Connect) (*turn.Event, *protocol.Problem, error) {
	if problem := r.NameTaken(s, c.Plugin, c.Stack); problem != nil {
		return nil, problem, nil
	}
	if s.Is(c.Hash) && (c.Nonce == "" || c.Nonce == s.Nonce) {
		return nil, nil, nil
	}
	return event(EventConnected, PluginConnected(c))
}

// NameTaken says why a stack cannot have a plugin name, nil if it can.
func (r Rules) NameTaken(s State, plugin, stack string) *protocol.Problem {
	if strings.EqualFold(plugin, protocol.PlatformPlugin) &&
		(plugin != protocol.PlatformPlugin || (r.PlatformStack != "" && stack != r.PlatformStack)) {
		p := Problem(protocol.CodeNameTaken, "the name %q is the platform's own, in any case of letters; name the plugin of stack %s differently", plugin, stack)
		return &p
	}
	if s.Connected && s.Stack != stack {
		p := Problem(protocol.CodeNameTaken, "plugin %q is connected from stack %s already, so stack %s cannot connect a plugin of this name; "+
			"name this plugin differently, or destroy the other stack first", plugin, s.Stack, stack)
		return &p
	}
	return nil
}

// disconnect decides on a disconnect request. A stale one changes nothing: it comes
// from a revision that was replaced, or from a stack that was refused the name.
func disconnect(s State, d Disconnect) (*turn.Event, *protocol.Problem, error) {
	if !s.Is(d.Hash) || (d.Stack != "" && d.Stack != s.Stack) {
		return nil, nil, nil
	}
	return event(EventDisconnected, PluginDisconnected{Hash: d.Hash})
}

// event encodes an event.
func event(kind string, data any) (*turn.Event, *protocol.Problem, error) {
	text, err := json.Marshal(data)
	return &turn.Event{Type: kind, Data: text}, nil, err
}
