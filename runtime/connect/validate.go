package connect

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// namePattern is what names of plugins are made of: they are part of names of
// data sources and the key of a row, whose bookkeeping begins with an underscore.
var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func validName(name string) bool { return namePattern.MatchString(name) }

// validate says everything that is wrong with a request as such. A check need not be
// complete: it may leave out the hash, and ARNs of what is not made yet.
func validate(r protocol.ConnectRequest, complete bool) []protocol.Problem {
	var problems []protocol.Problem
	complain := func(format string, args ...any) {
		problems = append(problems, registry.Problem(protocol.CodeInvalidRequest, format, args...))
	}
	if !validName(r.Plugin) {
		complain("plugin is %q, but a plugin's name has 1 to 64 letters, digits, hyphens or underscores and begins with a letter", r.Plugin)
	}
	if r.Stack == "" {
		complain("stack is empty; it is organization/project/stack of the stack that connects")
	}
	if r.Version == "" {
		complain("version is empty; it is the plugin's version, such as 1.0.0")
	}
	if complete && r.Hash == "" {
		complain("hash is empty; it is the content hash of the plugin's revision")
	}
	wiring(r, complete, complain)
	if problem := protocol.CheckUIBundleURL(r.UIBundleURL); problem != "" {
		complain("uiBundleUrl %s", problem)
	}
	_, invalid := schema.ParseFragment(r.Plugin, "", r.Fragment)
	return append(problems, registry.Problems(invalid)...)
}

// maxWiring is the greatest size of topics and subscriptions as JSON, in bytes. With the
// largest fragment they still fit into a message of 256 KiB.
const maxWiring = 16_000

// wiring says what is wrong with heartbeats, topics and subscriptions.
func wiring(r protocol.ConnectRequest, complete bool, complain func(format string, args ...any)) {
	isARN := func(text string) bool { return strings.HasPrefix(text, "arn:") || (text == "" && !complete) }
	if r.HeartbeatMinutes < 0 {
		complain("heartbeatMinutes is %d; it is the number of minutes between two heartbeats, or 0 for none", r.HeartbeatMinutes)
	}
	for _, point := range slices.Sorted(maps.Keys(r.Topics)) {
		if !isARN(r.Topics[point]) {
			complain("topics.%s is %q, but it is the ARN of the extension point's topic", point, r.Topics[point])
		}
	}
	queues := map[string]string{}
	for i, s := range r.Subscriptions {
		at := fmt.Sprintf("subscriptions[%d]", i)
		if s.Extension == "" || s.Plugin == "" || s.ExtensionPoint == "" {
			complain("%s lacks its extension, plugin or extensionPoint", at)
		}
		if !isARN(s.QueueARN) {
			complain("%s.queueArn is %q, but it is the ARN of the extension's queue", at, s.QueueARN)
		}
		if s.DeadLetterARN != "" && !isARN(s.DeadLetterARN) {
			complain("%s.deadLetterArn is %q, but it is the ARN of the queue for what cannot be delivered", at, s.DeadLetterARN)
		}
		if other := queues[s.QueueARN]; s.QueueARN != "" && other != "" {
			complain("%s.queueArn is also that of %s; each extension has a queue of its own", at, other)
		}
		queues[s.QueueARN] = at
		filter(at, s, complain)
	}
	if text, err := json.Marshal([]any{r.Topics, r.Subscriptions}); err != nil || len(text) > maxWiring {
		complain("topics and subscriptions take %d bytes, at most %d are possible; split the plugin", len(text), maxWiring)
	}
}

// filter says what is wrong with a filter policy as such.
func filter(at string, s protocol.Subscription, complain func(format string, args ...any)) {
	var policy map[string]any
	if s.FilterPolicy != "" && json.Unmarshal([]byte(s.FilterPolicy), &policy) != nil {
		complain("%s.filterPolicy is not the text of a JSON object", at)
	}
	if s.FilterPolicyScope != "" && s.FilterPolicyScope != protocol.ScopeMessageAttributes && s.FilterPolicyScope != protocol.ScopeMessageBody {
		complain("%s.filterPolicyScope is %q, but it is %s or %s", at, s.FilterPolicyScope, protocol.ScopeMessageAttributes, protocol.ScopeMessageBody)
	}
}
