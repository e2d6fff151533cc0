package registry

import (
	"encoding/json"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Types of events.
const (
	// EventConnected says that a revision was connected, for the first time or in
	// place of another one. The markers below follow it in the same commit.
	EventConnected = "PluginConnected"
	// EventReconnected marks a connection of a plugin that was retired, or that had
	// missed its heartbeats.
	EventReconnected = "PluginReconnected"
	// EventSuperseded marks a connection of a higher version than the one before,
	// EventDowngraded one of a lower version.
	EventSuperseded = "PluginSuperseded"
	EventDowngraded = "PluginDowngraded"
	// EventDisconnected says that the plugin's stack took the revision away.
	EventDisconnected = "PluginDisconnected"
	// EventHeartbeatMissed says that no heartbeat came within the grace,
	// EventHeartbeatResumed that one has come again.
	EventHeartbeatMissed  = "PluginHeartbeatMissed"
	EventHeartbeatResumed = "PluginHeartbeatResumed"
	// EventDeactivated says that an operator took the plugin's fields out of the API,
	// EventActivated that one brought them back.
	EventDeactivated = "PluginDeactivated"
	EventActivated   = "PluginActivated"
	// EventRetired says that an operator gave the plugin up without its stack.
	EventRetired = "PluginRetired"
	// EventReleased says that the platform gives up a resolver which it attached again,
	// so that the plugin's stack can make its own.
	EventReleased = "PluginResolverReleased"
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
	// HeartbeatMinutes, Topics, Subscriptions and UIBundleURL are those of the request.
	HeartbeatMinutes int                     `json:"heartbeatMinutes,omitempty"`
	Topics           map[string]string       `json:"topics,omitempty"`
	Subscriptions    []protocol.Subscription `json:"subscriptions,omitempty"`
	// RequestedAt is when the request was sent; older requests come too late.
	RequestedAt string `json:"requestedAt,omitempty"`
	UIBundleURL string `json:"uiBundleUrl,omitempty"`
}

// PluginReconnected is the data of [EventReconnected].
type PluginReconnected struct {
	Version string `json:"version"`
	// From is the status before.
	From string `json:"from"`
}

// VersionChanged is the data of [EventSuperseded] and [EventDowngraded].
type VersionChanged struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// PluginDisconnected is the data of [EventDisconnected].
type PluginDisconnected struct {
	// Hash is the revision that was taken away, Version its version.
	Hash    string `json:"hash"`
	Version string `json:"version,omitempty"`
	// RequestedAt is as in [PluginConnected].
	RequestedAt string `json:"requestedAt,omitempty"`
}

// Heartbeat is the data of [EventHeartbeatMissed] and [EventHeartbeatResumed].
type Heartbeat struct {
	Version string `json:"version"`
	// LastSeen is when the latest sign of life came, RFC 3339. Minutes is how often
	// the plugin sends one.
	LastSeen string `json:"lastSeen,omitempty"`
	Minutes  int    `json:"minutes,omitempty"`
}

// Operated is the data of [EventDeactivated], [EventActivated] and [EventRetired].
type Operated struct {
	Version string `json:"version"`
	Reason  string `json:"reason,omitempty"`
	// Fields are the root fields whose resolvers were recorded, Resolvers these
	// resolvers as [PackResolvers] packs them.
	Fields    []string `json:"fields,omitempty"`
	Resolvers string   `json:"resolvers,omitempty"`
	// RequestedAt is as in [PluginConnected].
	RequestedAt string `json:"requestedAt,omitempty"`
}

// ResolverReleased is the data of [EventReleased].
type ResolverReleased struct {
	Version string `json:"version"`
	// Field is the root field ("Query.product").
	Field string `json:"field"`
}

// newEvent encodes an event.
func newEvent(kind string, data any) (turn.Event, error) {
	text, err := json.Marshal(data)
	return turn.Event{Type: kind, Data: text}, err
}
