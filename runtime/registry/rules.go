package registry

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Rules decide on requests.
type Rules struct {
	// PlatformStack is the platform's own stack, empty when it is not known.
	PlatformStack string
}

// Decide says which events a request leads to. No event and no problem means that
// things are as the request wants them.
func (r Rules) Decide(s State, request Request) ([]turn.Event, *protocol.Problem, error) {
	if request.ChangesFields() && overtaken(s, request) {
		p := Problem(protocol.CodeExpired, "the request to %s plugin %q was sent at %s, but one that was sent later, at %s, is done already, so this one comes too late; "+
			"run the deployment, or the mutation, again if it is still wanted", request.Type, s.Plugin, request.Time, s.RequestedAt)
		return nil, &p, nil
	}
	switch {
	case request.Connect != nil:
		return r.connect(s, *request.Connect, request.Time)
	case request.Disconnect != nil:
		return disconnect(s, *request.Disconnect, request.Time)
	case request.Lapse != nil:
		return heartbeat(s, *request.Lapse, StatusConnected, EventHeartbeatMissed)
	case request.Resume != nil:
		return heartbeat(s, *request.Resume, StatusDisconnected, EventHeartbeatResumed)
	case request.Deactivate != nil:
		return operate(s, *request.Deactivate, EventDeactivated, request.Time)
	case request.Activate != nil:
		return operate(s, *request.Activate, EventActivated, request.Time)
	case request.Retire != nil:
		return operate(s, *request.Retire, EventRetired, request.Time)
	case request.Release != nil:
		return release(s, *request.Release)
	}
	return nil, nil, nil
}

// simultaneous is how far apart two requests may be sent and still change places on their
// way into the queue.
const simultaneous = time.Second

// overtaken says that a request comes after one that was sent later. The queue keeps their
// order, so this one went through the dead-letter queue.
func overtaken(s State, request Request) bool {
	sent, err := time.Parse(time.RFC3339, request.Time)
	if err != nil {
		return false
	}
	done, err := time.Parse(time.RFC3339, s.RequestedAt)
	return err == nil && done.Sub(sent) > simultaneous
}

// connect decides on a connect request.
func (r Rules) connect(s State, c Connect, sent string) ([]turn.Event, *protocol.Problem, error) {
	if problem := r.NameTaken(s, c.Plugin, c.Stack); problem != nil {
		return nil, problem, nil
	}
	if s.Is(c.Hash) && (c.Nonce == "" || c.Nonce == s.Nonce) && sameWiring(s, c) {
		return nil, nil, nil
	}
	events, err := one(newEvent(EventConnected, connected(c, sent)))
	if err == nil && (s.Status == StatusRetired || s.Status == StatusDisconnected) {
		events, err = and(events, EventReconnected, PluginReconnected{Version: c.Version, From: s.Status})
	}
	if order := compareVersions(s.Version, c.Version); err == nil && order != 0 {
		kind := EventSuperseded
		if order > 0 {
			kind = EventDowngraded
		}
		events, err = and(events, kind, VersionChanged{Old: s.Version, New: c.Version})
	}
	return events, nil, err
}

// connected is the event's data.
func connected(c Connect, sent string) PluginConnected {
	return PluginConnected{
		Plugin: c.Plugin, Version: c.Version, Stack: c.Stack, Hash: c.Hash, Nonce: c.Nonce, Fragment: c.Fragment,
		ExtensionPoints: c.ExtensionPoints, HeartbeatMinutes: c.HeartbeatMinutes, Topics: c.Topics, Subscriptions: c.Subscriptions,
		UIBundleURL: c.UIBundleURL, RequestedAt: sent,
	}
}

// sameWiring says that a request has what the registry wires with already, and the same UI
// bundle. The hash of a revision does not cover it: a topic may be replaced while the
// revision stays.
func sameWiring(s State, c Connect) bool {
	return s.HeartbeatMinutes == c.HeartbeatMinutes && s.UIBundleURL == c.UIBundleURL && maps.Equal(s.Topics, c.Topics) && slices.Equal(s.Subscriptions, c.Subscriptions)
}

// NameTaken says why a stack cannot have a plugin name, nil if it can.
func (r Rules) NameTaken(s State, plugin, stack string) *protocol.Problem {
	if strings.EqualFold(plugin, protocol.PlatformPlugin) &&
		(plugin != protocol.PlatformPlugin || (r.PlatformStack != "" && stack != r.PlatformStack)) {
		p := Problem(protocol.CodeNameTaken, "the name %q is the platform's own, in any case of letters; name the plugin of stack %s differently", plugin, stack)
		return &p
	}
	if s.Registered() && s.Stack != stack {
		p := Problem(protocol.CodeNameTaken, "plugin %q is connected from stack %s already, so stack %s cannot connect a plugin of this name; "+
			"name this plugin differently, or destroy the other stack first", plugin, s.Stack, stack)
		return &p
	}
	return nil
}

// disconnect decides on a disconnect request. A stale one changes nothing: it comes
// from a revision that was replaced, or from a stack that was refused the name. With the
// stack of a plugin that an operator retired, its data sources are gone, and so nothing
// is there any more that recorded resolvers could be attached to.
func disconnect(s State, d Disconnect, sent string) ([]turn.Event, *protocol.Problem, error) {
	recorded := s.Status == StatusRetired && s.DetachedEvent > 0 && s.Hash == d.Hash
	if (!s.Is(d.Hash) && !recorded) || (d.Stack != "" && d.Stack != s.Stack) {
		return nil, nil, nil
	}
	events, err := one(newEvent(EventDisconnected, PluginDisconnected{Hash: d.Hash, Version: s.Version, RequestedAt: sent}))
	return events, nil, err
}

// heartbeat decides on what the watch saw. It saw one version of the log; if there is a
// newer one, it looks again.
func heartbeat(s State, b Beats, from, kind string) ([]turn.Event, *protocol.Problem, error) {
	if s.Status != from || s.LogVersion != b.LogVersion {
		return nil, nil, nil
	}
	events, err := one(newEvent(kind, Heartbeat{Version: s.Version, LastSeen: b.LastSeen, Minutes: b.Minutes}))
	return events, nil, err
}

// release decides on a request to give up a resolver. Only those that the platform
// attached may go: another one could be somebody's, or the stack's own by now.
func release(s State, r Release) ([]turn.Event, *protocol.Problem, error) {
	if !s.Served() || s.Stack != r.Stack || !slices.Contains(s.Attached, r.Field) {
		p := Problem(protocol.CodeNotReleasable, "the resolver of %s is none that the platform attached for plugin %q of stack %s, so it is not taken away; "+
			"see who made it, and delete it with `aws appsync delete-resolver` if it is nobody's", r.Field, r.Plugin, r.Stack)
		return nil, &p, nil
	}
	events, err := one(newEvent(EventReleased, ResolverReleased{Version: s.Version, Field: r.Field}))
	return events, nil, err
}

// operate decides on an operator's request. One that asks for the status that the plugin
// has already changes nothing.
func operate(s State, o Operation, kind, sent string) ([]turn.Event, *protocol.Problem, error) {
	wanted := map[string]string{EventDeactivated: StatusInactive, EventActivated: StatusConnected, EventRetired: StatusRetired}[kind]
	if problem := notOperable(s, o.Plugin, kind); problem != nil {
		return nil, problem, nil
	}
	if s.Status == wanted || (kind == EventActivated && s.Served()) {
		return nil, nil, nil
	}
	events, err := one(newEvent(kind, Operated{Version: s.Version, Reason: o.Reason, RequestedAt: sent}))
	return events, nil, err
}

// notOperable says why an operator's request is refused, nil if it is not.
func notOperable(s State, plugin, kind string) *protocol.Problem {
	var p protocol.Problem
	switch {
	case plugin == protocol.PlatformPlugin:
		p = Problem(protocol.CodeWrongStatus, "the platform's own fields cannot be taken out of the API")
	case s.Status == "":
		p = UnknownPlugin(plugin)
	case s.Status == StatusRetired && kind != EventRetired:
		p = Problem(protocol.CodeWrongStatus, "plugin %q is %s; deploy its stack to connect it again", plugin, s.Status)
	case s.Status == StatusConnected && kind == EventRetired:
		p = Problem(protocol.CodeWrongStatus, "plugin %q is %s, so it cannot be retired; destroy its stack %s, which retires it, or deactivate it first", plugin, s.Status, s.Stack)
	default:
		return nil
	}
	return &p
}

// UnknownPlugin is the problem with an operation on a plugin that was never connected.
func UnknownPlugin(plugin string) protocol.Problem {
	return Problem(protocol.CodeUnknownPlugin, "no plugin %q was ever connected; Platform_plugins lists the plugins", plugin)
}

func one(e turn.Event, err error) ([]turn.Event, error) { return []turn.Event{e}, err }

// and adds an event at the end.
func and(events []turn.Event, kind string, data any) ([]turn.Event, error) {
	e, err := newEvent(kind, data)
	return append(events, e), err
}
