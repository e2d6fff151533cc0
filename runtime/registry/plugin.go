package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Values of a plugin's status.
const (
	// StatusConnected is a plugin whose fields are in the API.
	StatusConnected = "CONNECTED"
	// StatusDisconnected is a plugin that missed its heartbeats. Its fields stay in the
	// API: they belong to its stack, and to nobody's clock.
	StatusDisconnected = "DISCONNECTED"
	// StatusInactive is a plugin whose fields an operator took out of the API.
	StatusInactive = "INACTIVE"
	// StatusRetired is a plugin whose stack was destroyed, or that an operator gave up.
	StatusRetired = "RETIRED"
	// StatusRefused is shown for a plugin that was never connected since it was
	// refused. It has no events, so no [State] has this status.
	StatusRefused = "REFUSED"
)

// State is a plugin as its events tell. The zero value is a plugin without events. It is
// stored as JSON in the plugin's row, so its members are only ever added to.
type State struct {
	Plugin string `json:"plugin"`
	// LogVersion is the number of the last event.
	LogVersion int64 `json:"logVersion"`
	// Status is one of the Status… constants, empty without events. The members below
	// are those of the latest revision, whatever the status.
	Status          string   `json:"status"`
	Version         string   `json:"version"`
	Stack           string   `json:"stack"`
	Hash            string   `json:"hash"`
	Nonce           string   `json:"nonce,omitempty"`
	ExtensionPoints []string `json:"extensionPoints,omitempty"`
	// HeartbeatMinutes is how often the plugin said that it tells it is alive.
	HeartbeatMinutes int `json:"heartbeatMinutes,omitempty"`
	// Topics and Subscriptions are what the platform wires, see [Wanted].
	Topics        map[string]string       `json:"topics,omitempty"`
	Subscriptions []protocol.Subscription `json:"subscriptions,omitempty"`
	// UIBundleURL is where the plugin's part of the host UI is, empty for none.
	UIBundleURL string `json:"uiBundleUrl,omitempty"`
	// PreviousVersion is the version before the latest change of it.
	PreviousVersion string `json:"previousVersion,omitempty"`
	// ConnectedEvent is the number of the event that holds the fragment, ConnectedAt
	// its time.
	ConnectedEvent int64  `json:"connectedEvent,omitempty"`
	ConnectedAt    string `json:"connectedAt,omitempty"`
	// RequestedAt is when the latest request was sent that changed the revision or the
	// status, empty if that was before releases noted it.
	RequestedAt string `json:"requestedAt,omitempty"`
	// StatusChangedAt is when the status became what it is, Reason the operator's.
	StatusChangedAt string `json:"statusChangedAt,omitempty"`
	Reason          string `json:"reason,omitempty"`
	// Detached are the root fields whose resolvers were recorded and taken away,
	// DetachedEvent is the number of the event that holds them.
	Detached      []string `json:"detached,omitempty"`
	DetachedEvent int64    `json:"detachedEvent,omitempty"`
	// Attached are the root fields whose recorded resolvers the platform attached again.
	// A stack that was refreshed while they were away does not know of them any more, so
	// nobody but the platform takes them away with their fields.
	Attached []string `json:"attached,omitempty"`
}

// Served says that the plugin's fields belong into the API.
func (s State) Served() bool {
	return s.Status == StatusConnected || s.Status == StatusDisconnected
}

// Registered says that a stack has the plugin's name: it connected a revision and took
// it not away yet.
func (s State) Registered() bool { return s.Served() || s.Status == StatusInactive }

// Is says whether exactly this revision is registered.
func (s State) Is(hash string) bool { return s.Registered() && s.Hash == hash }

// Notices say what a stack should know that connects the plugin.
func (s State) Notices() []string {
	if s.Status != StatusInactive {
		return nil
	}
	reason := s.Reason
	if reason == "" {
		reason = "no reason given"
	}
	return []string{fmt.Sprintf("plugin %q is %s since %s: its fields are not in the API; an operator brings them back with the mutation Platform_activatePlugin. "+
		"Until then do not refresh this stack: their resolvers would leave its state, and cannot be made or changed without the fields. Reason: %s",
		s.Plugin, s.Status, s.StatusChangedAt, reason)}
}

// NextNonce is the nonce to connect a revision with: the recorded one while exactly
// this revision is registered, so that nothing changes; else a number that was not
// used before. It depends on the log and on the number of attempts so far only, so
// a preview and the update after it get the same one.
func (s State) NextNonce(hash string, attempts int64) string {
	if s.Is(hash) {
		return s.Nonce
	}
	return strconv.FormatInt(s.LogVersion+attempts+1, 10)
}

// Apply folds one event into the state. Types that this release does not know change
// nothing.
func (s State) Apply(e turn.RecordedEvent) (State, error) {
	s.Plugin, s.LogVersion = e.ID, e.Number
	var err error
	switch e.Type {
	case EventConnected:
		err = s.connected(e)
	case EventDisconnected:
		err = s.disconnected(e)
	case EventHeartbeatMissed:
		s.become(StatusDisconnected, e.Time, "")
	case EventHeartbeatResumed:
		s.become(StatusConnected, e.Time, "")
	case EventDeactivated:
		err = s.operated(e, StatusInactive)
	case EventActivated:
		err = s.activated(e)
	case EventRetired:
		err = s.operated(e, StatusRetired)
	case EventReleased:
		err = s.released(e)
	}
	if err != nil {
		return s, fmt.Errorf("event %d (%s) of plugin %q: %w", e.Number, e.Type, e.ID, err)
	}
	return s, nil
}

// become changes the status.
func (s *State) become(status, time, reason string) {
	if s.Status != status {
		s.StatusChangedAt = time
	}
	s.Status, s.Reason = status, reason
}

// connected folds an [EventConnected]. An inactive plugin stays inactive: only an
// operator ends what an operator began.
func (s *State) connected(e turn.RecordedEvent) error {
	var data PluginConnected
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err
	}
	if s.Version != "" && s.Version != data.Version {
		s.PreviousVersion = s.Version
	}
	s.ConnectedEvent, s.ConnectedAt = e.Number, e.Time
	if s.Status == StatusRetired {
		if s.Attached = s.Detached; s.Stack != data.Stack {
			s.Attached = nil
		}
	}
	s.Version, s.Stack, s.Hash, s.Nonce = data.Version, data.Stack, data.Hash, data.Nonce
	s.ExtensionPoints, s.HeartbeatMinutes = data.ExtensionPoints, data.HeartbeatMinutes
	s.Topics, s.Subscriptions, s.RequestedAt = data.Topics, data.Subscriptions, data.RequestedAt
	s.UIBundleURL = data.UIBundleURL
	if s.Status != StatusInactive {
		s.Detached, s.DetachedEvent = nil, 0
		s.become(StatusConnected, e.Time, "")
	}
	return nil
}

// disconnected folds an [EventDisconnected].
func (s *State) disconnected(e turn.RecordedEvent) error {
	var data PluginDisconnected
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err
	}
	s.Detached, s.DetachedEvent, s.RequestedAt = nil, 0, data.RequestedAt
	s.become(StatusRetired, e.Time, "")
	return nil
}

// activated folds an [EventActivated].
func (s *State) activated(e turn.RecordedEvent) error {
	var data Operated
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err
	}
	s.Attached, s.Detached, s.DetachedEvent, s.RequestedAt = s.Detached, nil, 0, data.RequestedAt
	s.become(StatusConnected, e.Time, "")
	return nil
}

// operated folds what an operator did. Resolvers that were recorded earlier stay
// recorded when this event has none.
func (s *State) operated(e turn.RecordedEvent, status string) error {
	var data Operated
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err
	}
	if len(data.Fields) > 0 {
		s.Detached, s.DetachedEvent = data.Fields, e.Number
	}
	s.Attached, s.RequestedAt = nil, data.RequestedAt
	s.become(status, e.Time, data.Reason)
	return nil
}

// released folds an [EventReleased].
func (s *State) released(e turn.RecordedEvent) error {
	var data ResolverReleased
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err
	}
	s.Attached = slices.DeleteFunc(slices.Clone(s.Attached), func(field string) bool { return field == data.Field })
	return nil
}
