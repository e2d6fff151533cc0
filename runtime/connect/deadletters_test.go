package connect_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/connect"
	"github.com/reventless/pulumi-reventless/runtime/deadletters/deadletterstest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// told is a heartbeat that tells of dead letters.
func told(plugin string, messages map[string]*int) protocol.ConnectRequest {
	r := beat(plugin, "1.0.0")
	r.DeadLetters = &protocol.DeadLetterReport{CountedAt: "2026-01-01T08:00:00.000Z", Messages: messages}
	return r
}

func TestDeadLettersOfAPlugin(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.must(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
	shown := func() (any, any) {
		t.Helper()
		one := p.field("Platform_plugin", `{"id":"catalog"}`)
		listed := p.field("Platform_plugins", `{}`)["items"].([]any)
		assert.Contains(t, listed, any(one), "the list shows the same")
		return one["deadLetters"], one["deadLettersAt"]
	}
	queues, at := shown()
	assert.Nil(t, queues, "nothing is known")
	assert.Nil(t, at)

	before := p.db.Requests()
	assert.True(t, p.must(told("catalog", map[string]*int{"tasks": aws.Int(0), "commands": aws.Int(3), "to-dos": nil})).OK)
	assert.Equal(t, 1, p.db.Requests()["PutItem"]-before["PutItem"], "one write, as without dead letters")
	queues, at = shown()
	assert.Equal(t, []any{
		map[string]any{"part": "commands", "messages": 3.0}, map[string]any{"part": "tasks", "messages": 0.0}, map[string]any{"part": "to-dos", "messages": nil},
	}, queues)
	assert.Equal(t, "2026-01-01T08:00:00.000Z", at)

	p.clock.Advance(5 * time.Minute)
	p.must(told("catalog", map[string]*int{}))
	queues, _ = shown()
	assert.Equal(t, []any{}, queues, "it has no queues")

	p.clock.Advance(5 * time.Minute)
	p.must(beat("catalog", "1.0.0"))
	queues, at = shown()
	assert.Nil(t, queues, "an older release does not count")
	assert.Nil(t, at)

	p.clock.Advance(5 * time.Minute)
	p.must(told("catalog", map[string]*int{"commands": aws.Int(1)}))
	p.must(lifecycle(revision("catalog", "h1", ""), protocol.ActionDelete))
	queues, _ = shown()
	assert.Nil(t, queues, "the queues are gone with the stack")
}

// TestStrangeReports checks that a plugin is alive whatever it says of dead letters.
func TestStrangeReports(t *testing.T) {
	t.Parallel()
	many := map[string]*int{}
	for i := range 600 {
		many[fmt.Sprint(i)] = nil
	}
	strange := told("catalog", nil)
	strange.DeadLetters.CountedAt = "yesterday"
	tests := map[string]struct {
		request protocol.ConnectRequest
		want    string
	}{
		"no time":    {strange, "which is no time"},
		"negative":   {told("catalog", map[string]*int{"tasks": aws.Int(-1)}), "no proper name or number"},
		"nameless":   {told("catalog", map[string]*int{"": nil}), "no proper name or number"},
		"long":       {told("catalog", map[string]*int{strings.Repeat("x", 101): nil}), "no proper name or number"},
		"many":       {told("catalog", many), "tells of 600"},
		"a good one": {told("catalog", map[string]*int{"tasks": nil}), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			var log strings.Builder
			config := p.connect.Config
			config.Logger = slog.New(slog.NewTextHandler(&log, nil))
			p.connect = connect.New(config)
			p.must(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
			for range 2 {
				assert.True(t, p.must(test.request).OK)
			}
			shown := p.field("Platform_plugin", `{"id":"catalog"}`)
			assert.NotEmpty(t, shown["lastSeen"])
			assert.Equal(t, test.want == "", shown["deadLetters"] != nil)
			assert.Equal(t, test.want != "", strings.Count(log.String(), "level=WARN") == 1, log.String())
			assert.Contains(t, log.String(), test.want)
		})
	}
}

func TestDeadLettersOfThePlatform(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	own := revision(protocol.PlatformPlugin, "h1", "type Query { Platform_a: Int }")
	own.Stack = platformStack
	p.must(lifecycle(own, protocol.ActionCreate))
	assert.Nil(t, p.field("Platform_plugin", `{"id":"Platform"}`)["deadLetters"], "no queues are known")
	config := p.connect.Config
	config.DeadLetterQueues = map[string]string{"registry": "u/registry", "sweeps": "u/sweeps"}
	config.DeadLetters = deadletterstest.Queues{"u/registry": {1, 0}}
	p.connect = connect.New(config)
	p.clock.Advance(time.Hour)
	shown := p.field("Platform_plugin", `{"id":"Platform"}`)
	assert.Equal(t, []any{map[string]any{"part": "registry", "messages": 1.0}, map[string]any{"part": "sweeps", "messages": nil}}, shown["deadLetters"])
	assert.Equal(t, p.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"), shown["deadLettersAt"], "as they are now")
}
