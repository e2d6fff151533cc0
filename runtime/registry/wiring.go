package registry

import (
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Wired is a subscription that the platform makes: a plugin's extension at the topic of
// another plugin's extension point.
type Wired struct {
	// Extension is the name of the extension.
	Extension string `json:"extension"`
	Topic     string `json:"topic"`
	Queue     string `json:"queue"`
	Filter    string `json:"filter,omitempty"`
	Scope     string `json:"scope,omitempty"`
	// DeadLetter is the queue for what SNS could not deliver.
	DeadLetter string `json:"deadLetter,omitempty"`
	// ARN is the subscription's, empty from before it is made until it is known.
	ARN string `json:"arn,omitempty"`
	// Foreign says that somebody else made it. It is left alone.
	Foreign bool `json:"foreign,omitempty"`
}

// Made says that the subscription is there, whoever made it.
func (w Wired) Made() bool { return w.ARN != "" || w.Foreign }

// Joins says that two subscriptions are of the same topic and queue. SNS has at most one
// such.
func (w Wired) Joins(other Wired) bool { return w.Topic == other.Topic && w.Queue == other.Queue }

// Delivers says that two subscriptions deliver the same messages in the same way.
func (w Wired) Delivers(other Wired) bool {
	return w.Filter == other.Filter && w.Scope == other.Scope && w.DeadLetter == other.DeadLetter
}

// Wanted derives from the registry which subscriptions there should be, by the plugin
// that has the extension. Both ends have a stack. Neither a missed heartbeat nor an
// operator who takes fields out of the API unwires anything: the plugin's functions go on
// working, and a message that nobody is subscribed to is lost.
func (s *Snapshot) Wanted() map[string][]Wired {
	wanted := map[string][]Wired{}
	for name, entry := range s.Entries {
		if !entry.State.Registered() {
			continue
		}
		for _, subscription := range entry.State.Subscriptions {
			if topic := s.topic(subscription); topic != "" {
				wanted[name] = append(wanted[name], Wired{
					Extension: subscription.Extension, Topic: topic, Queue: subscription.QueueARN,
					Filter: subscription.FilterPolicy, Scope: scopeOf(subscription), DeadLetter: subscription.DeadLetterARN,
				})
			}
		}
	}
	return wanted
}

// topic is the topic that a subscription is for, empty while its publisher is missing.
func (s *Snapshot) topic(subscription protocol.Subscription) string {
	publisher := s.Entries[subscription.Plugin]
	if publisher == nil || !publisher.State.Registered() {
		return ""
	}
	return publisher.State.Topics[subscription.ExtensionPoint]
}

// scopeOf is the scope of a filter, empty where there is none.
func scopeOf(s protocol.Subscription) string {
	switch {
	case s.FilterPolicy == "":
		return ""
	case s.FilterPolicyScope == "":
		return protocol.ScopeMessageAttributes
	}
	return s.FilterPolicyScope
}

// Unwired lists in order the plugins whose subscriptions are not those that are wanted,
// as far as the rows tell.
func (s *Snapshot) Unwired() []string {
	wanted := s.Wanted()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Entries)) {
		if row := s.Entries[name].Row; row.Wiring != "" || !sameWires(wanted[name], row.Wires) {
			names = append(names, name)
		}
	}
	return names
}

// sameWires says that exactly the wanted subscriptions were made.
func sameWires(wanted, made []Wired) bool {
	if len(wanted) != len(made) {
		return false
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(made, func(m Wired) bool { return m.Made() && m.Joins(w) && m.Delivers(w) }) {
			return false
		}
	}
	return true
}
