package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ActionHeartbeat tells that a plugin is alive. The function that a schedule of the
// plugin's stack invokes sends it, asynchronously, with Plugin, Version, Stack, Minutes and
// DeadLetters. Nobody waits for the answer.
const ActionHeartbeat = "heartbeat"

// ActionRelease asks the platform to give up the resolver of the root field
// [ConnectRequest].RootField, with Plugin and Stack. A stack sends it that cannot make the
// resolver because there is one already. When the platform attached that one, as it does
// for a plugin that comes back, it is deleted, and the stack can try again; any other one
// stays, and the answer says why.
const ActionRelease = "release"

// PlatformFormatVersion is the format of what a platform's stack exports for its plugins,
// the member formatVersion of it.
const PlatformFormatVersion = "1"

// DeadLetterReport says how many messages are in dead-letter queues.
type DeadLetterReport struct {
	// CountedAt is when they were counted, RFC 3339 in UTC with milliseconds.
	CountedAt string `json:"countedAt"`
	// Messages are the numbers by part, the name that the queue has in the component's
	// output deadLetterQueueUrls; nil for a queue that could not be counted.
	Messages map[string]*int `json:"messages"`
}

// Subscription is one extension that the platform subscribes to another plugin's
// extension point. That plugin may be connected later than this one, or never.
type Subscription struct {
	// Extension is the name of the extension in the plugin that connects.
	Extension string `json:"extension"`
	// Plugin and ExtensionPoint name the publisher.
	Plugin         string `json:"plugin"`
	ExtensionPoint string `json:"extensionPoint"`
	// QueueARN is the extension's SQS FIFO queue. Its policy lets the topics of this
	// account send messages to it.
	QueueARN string `json:"queueArn"`
	// DeadLetterARN is the queue for what SNS could not deliver, empty for none. Its
	// policy lets the topics of this account send too.
	DeadLetterARN string `json:"deadLetterArn,omitempty"`
	// FilterPolicy is an SNS filter policy as JSON text, empty for all messages.
	// FilterPolicyScope is MessageAttributes (the default) or MessageBody.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
	FilterPolicy      string `json:"filterPolicy,omitempty"`
	FilterPolicyScope string `json:"filterPolicyScope,omitempty"`
}

// Values of [Subscription].FilterPolicyScope.
const (
	ScopeMessageAttributes = "MessageAttributes"
	ScopeMessageBody       = "MessageBody"
)

// Codes of problems, beside those of protocol.go.
const (
	// CodeExpired is a request that came so late that nobody waits for it any more.
	CodeExpired = "REQUEST_EXPIRED"
	// CodeWouldDrop is a schema that lacks fields which their plugin did not give up.
	CodeWouldDrop = "FIELDS_WOULD_BE_DROPPED"
	// CodeUnknownPlugin is an operation on a plugin that is not there.
	CodeUnknownPlugin = "PLUGIN_UNKNOWN"
	// CodeWrongStatus is an operation that the plugin's status does not allow.
	CodeWrongStatus = "PLUGIN_STATUS"
	// CodeNotRecordable is a plugin whose resolvers cannot be recorded.
	CodeNotRecordable = "RESOLVERS_NOT_RECORDABLE"
	// CodeNotReleasable is a resolver that the platform does not give up, since it is not
	// its own.
	CodeNotReleasable = "RESOLVER_NOT_RELEASABLE"
)

// DecodeInterop reads an [InteropMeta] of any format up to this release's. A format that
// an older release wrote lacks what was added since; a newer one is an error.
func DecodeInterop(text []byte) (InteropMeta, error) {
	var meta InteropMeta
	if err := json.Unmarshal(text, &meta); err != nil {
		return InteropMeta{}, fmt.Errorf("the text does not describe a plugin: %w", err)
	}
	switch {
	case meta.Plugin == "":
		return InteropMeta{}, errors.New("the text does not describe a plugin: member plugin is empty")
	case meta.FormatVersion < 1 || meta.FormatVersion > InteropFormatVersion:
		return InteropMeta{}, fmt.Errorf("the description of plugin %q has format %d, this release reads 1 to %d; deploy both stacks with the same release of the provider",
			meta.Plugin, meta.FormatVersion, InteropFormatVersion)
	}
	return meta, nil
}
