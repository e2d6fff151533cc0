// Package registry knows which plugins are connected to a platform.
//
// The registry is an event-sourced aggregate, "Plugin", with one instance per plugin
// name:
//
//  1. The connect function sends a [Request] to the registry queue, an SQS FIFO queue
//     with one message group, so that the admin function, its only consumer, is the
//     only writer.
//  2. [Rules.Decide] says which events a request leads to, or why it is refused;
//     [State.Apply] folds events into a state. Both are pure.
//  3. The events go to the event log, which is the truth. A [Row] of the plugins
//     table holds what Platform_plugins shows, a snapshot of the folded state with
//     the number of its last event, and the [Outcome] of the latest requests.
//  4. [Store.Load] lists the plugins from the rows and reads what the log has beyond
//     a row, wherever a crash may have left the row behind. Without rows it finds the
//     plugins in the log, so deleting all rows rebuilds them.
//  5. The liveness table holds the latest heartbeat of each plugin, written by the
//     connect function. [State.Silent] and [State.Alive] say what they mean; missing
//     heartbeats change what is shown, and never the API.
//  6. [Snapshot.Wanted] derives which extensions are subscribed to which topics.
//  7. A [Workspace] keeps the fragments of all plugins that are served in a schema composer
//     and replaces only those that changed.
//
// # Evolution
//
// Requests, events and rows outlive the release that wrote them: queues keep messages
// for days, logs for ever. Therefore a member is only ever added, never renamed,
// removed or given another meaning, and every added one is optional: its absence must
// mean what it meant before. Unknown members are ignored. The tests read examples of
// every message as the first release wrote them.
package registry

import (
	"fmt"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Aggregate is the name of the aggregate in the event log and in positions of rows.
const Aggregate = "Plugin"

// MessageGroup is the one message group of the registry queue.
const MessageGroup = "registry"

// Problem makes a problem without a place.
func Problem(code, format string, args ...any) protocol.Problem {
	return protocol.Problem{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Texts joins problems into one line for people.
func Texts(problems []protocol.Problem) string {
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Message
		if p.Line > 0 {
			texts[i] = fmt.Sprintf("line %d:%d: %s", p.Line, p.Column, p.Message)
		}
	}
	return strings.Join(texts, "; ")
}
