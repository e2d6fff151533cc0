package admin_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// wired is a connect request of a plugin with one extension point and one extension of
// another plugin.
func (w *world) wired(plugin, id, other string) registry.Request {
	r := w.connect(plugin, id, query(plugin))
	r.Connect.Topics = map[string]string{"Events": "arn:" + plugin}
	r.Connect.Subscriptions = []protocol.Subscription{{Extension: "From", Plugin: other, ExtensionPoint: "Events", QueueARN: "arn:" + plugin + "-queue"}}
	return r
}

// cycle is a world in which two plugins extend each other.
func cycle(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.send(w.wired("a", "a1", "b"))
	w.deliver(10)
	assert.Empty(t, w.sns.wires(), "the partner is missing, and that blocks nothing")
	w.send(w.wired("b", "b1", "a"))
	w.deliver(10)
	return w
}

var bothWays = []string{"arn:a→arn:b-queue", "arn:b→arn:a-queue"}

func TestCycleIsWired(t *testing.T) {
	t.Parallel()
	w := cycle(t)
	assert.Equal(t, bothWays, w.sns.wires())
	for _, sub := range w.sns.subscriptions {
		assert.Equal(t, map[string]string{"RawMessageDelivery": "true"}, sub.attributes)
	}
	w.crash.calls = 0
	w.watch()
	assert.Empty(t, w.fifo)
	w.lapse("a")
	assert.Equal(t, registry.StatusDisconnected, w.row("a").Status)
	assert.Equal(t, bothWays, w.sns.wires(), "a missed heartbeat unwires nothing")

	w.send(operation(registry.TypeDeactivate, "b", "d1"))
	w.deliver(10)
	assert.Equal(t, bothWays, w.sns.wires(), "an operator takes fields away, and no messages")
	w.send(operation(registry.TypeActivate, "b", "d2"))
	w.deliver(10)
	assert.Equal(t, bothWays, w.sns.wires())
	w.send(disconnect("a", "a2", "a1"))
	w.deliver(10)
	assert.Empty(t, w.sns.wires())
	assert.Empty(t, w.row("a").Wires)
	assert.Empty(t, w.row("b").Wires)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := cycle(t)
	made := w.sns.made
	attributes := func() map[string]string {
		return w.sns.subscriptions[w.sns.find("arn:b", "arn:a-queue")].attributes
	}
	for i, c := range []struct{ filter, scope, wantFilter, wantScope string }{
		{`{"type":["A"]}`, "", `{"type":["A"]}`, "MessageAttributes"},
		{`{"type":["A"]}`, "MessageBody", `{"type":["A"]}`, "MessageBody"},
		{`{"type":["B"]}`, "MessageAttributes", `{"type":["B"]}`, "MessageAttributes"},
		{"", "", "{}", "MessageAttributes"},
	} {
		request := w.wired("a", fmt.Sprint("a", i+2), "b")
		request.Connect.Subscriptions[0].FilterPolicy, request.Connect.Subscriptions[0].FilterPolicyScope = c.filter, c.scope
		w.send(request)
		w.deliver(10)
		assert.Equal(t, c.wantFilter, attributes()["FilterPolicy"])
		assert.Equal(t, c.wantScope, attributes()["FilterPolicyScope"])
	}
	assert.Equal(t, made, w.sns.made, "changed in place")
	w.watch()
	assert.Empty(t, w.fifo)
}

func TestReplacedTopicAndQueue(t *testing.T) {
	t.Parallel()
	w := cycle(t)
	w.sns.log = nil
	request := w.wired("a", "a2", "b")
	request.Connect.Topics["Events"], request.Connect.Subscriptions[0].QueueARN = "arn:a-new", "arn:a-new-queue"
	w.send(request)
	w.deliver(10)
	assert.Equal(t, []string{"+arn:b→arn:a-new-queue", "+arn:a-new→arn:b-queue", "-arn:b→arn:a-queue", "-arn:a→arn:b-queue"}, w.sns.log, "the old ones go last")

	w.sns.refuse = map[string]error{"Subscribe": errors.New("no permission")}
	request = w.wired("a", "a3", "b")
	request.Connect.Topics["Events"] = "arn:a-third"
	w.send(request)
	w.deliver(10)
	assert.True(t, w.outcome("a", "a3").OK, "it blocks nobody")
	assert.Contains(t, w.sns.wires(), "arn:a-new→arn:b-queue", "the old one stays while the new one is missing")
	assert.Contains(t, w.row("b").Message, "no permission")
	assert.Contains(t, w.row("a").Message, "no permission")
	w.watch()
	w.deliverAll()
	w.sns.refuse = nil
	w.watch()
	w.deliverAll()
	assert.Equal(t, []string{"arn:a-third→arn:b-queue", "arn:b→arn:a-queue"}, w.sns.wires())
	assert.Empty(t, w.row("b").Message)
	assert.Empty(t, w.row("a").Message)
}

func TestLostAndForeignSubscriptions(t *testing.T) {
	t.Parallel()
	w := cycle(t)
	delete(w.sns.subscriptions, w.sns.find("arn:a", "arn:b-queue"))
	w.watch()
	w.deliverAll()
	assert.Equal(t, bothWays, w.sns.wires(), "what somebody took away comes back")

	w.sns.subscriptions["arn:mail"] = subscription{topic: "arn:a", queue: "arn:somebody"}
	w.sns.subscriptions["arn:pulumi"] = subscription{topic: "arn:a", queue: "arn:c-queue"}
	w.send(w.wired("c", "c1", "a"))
	w.deliver(10)
	assert.Equal(t, "arn:pulumi", w.sns.find("arn:a", "arn:c-queue"))
	w.watch()
	assert.Empty(t, w.fifo, "it serves")
	w.send(disconnect("c", "c2", "c1"), disconnect("b", "b2", "b1"))
	w.deliver(10)
	assert.Equal(t, []string{"arn:a→arn:c-queue", "arn:a→arn:somebody"}, w.sns.wires(), "what others made stays")

	w.send(w.wired("c", "c3", "a"))
	w.deliver(10)
	delete(w.sns.subscriptions, "arn:pulumi")
	w.watch()
	w.deliverAll()
	assert.NotEmpty(t, w.sns.find("arn:a", "arn:c-queue"))
}

func TestTopicIsGone(t *testing.T) {
	t.Parallel()
	w := cycle(t)
	w.sns.gone = map[string]bool{"arn:a": true}
	clear(w.sns.subscriptions)
	w.send(disconnect("a", "a2", "a1"))
	w.deliver(10)
	w.watch()
	assert.Empty(t, w.fifo)
	assert.Empty(t, w.row("b").Message)
}

// TestWiringCrashesAtEveryRequest ends the function at each request of a batch that
// replaces both ends. The next watch finds what is missing.
func TestWiringCrashesAtEveryRequest(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) *world {
		w := cycle(t)
		w.sns.subscriptions["arn:mail"] = subscription{topic: "arn:a", queue: "arn:somebody"}
		request := w.wired("a", "a2", "b")
		request.Connect.Topics["Events"], request.Connect.Subscriptions[0].QueueARN = "arn:a-new", "arn:a-new-queue"
		request.Connect.Subscriptions[0].FilterPolicy = `{"type":["A"]}`
		w.send(request)
		w.crash.calls = 0
		return w
	}
	w := start(t)
	w.deliver(10)
	for _, mode := range crashModes {
		for at := 1; at <= w.crash.calls+3; at++ {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				w := start(t)
				w.crash.at, w.crash.mode = at, mode
				w.deliver(10)
				w.crash.at = 0
				w.deliverAll()
				for range 3 {
					w.watch()
					w.deliverAll()
				}
				assert.True(t, w.outcome("a", "a2").OK)
				assert.Equal(t, []string{"arn:a-new→arn:b-queue", "arn:a→arn:somebody", "arn:b→arn:a-new-queue"}, w.sns.wires())
				arn := w.sns.find("arn:b", "arn:a-new-queue")
				assert.Equal(t, `{"type":["A"]}`, w.sns.subscriptions[arn].attributes["FilterPolicy"])
				require.Len(t, w.row("a").Wires, 1)
				assert.Equal(t, arn, w.row("a").Wires[0].ARN)
				assert.Empty(t, w.row("a").Message)
				w.watch()
				assert.Empty(t, w.fifo)
			})
		}
	}
}
