package connect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/connect"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// field calls the connect function as AppSync does.
func (p *platform) field(name, arguments string) map[string]any {
	p.t.Helper()
	payload := fmt.Sprintf(`{"field":%q,"arguments":%s,"identity":{"sub":"ada"}}`, name, arguments)
	answer, err := p.connect.Handle(context.Background(), json.RawMessage(payload))
	require.NoError(p.t, err)
	var value map[string]any
	require.NoError(p.t, json.Unmarshal(answer, &value))
	return value
}

// beat is a heartbeat.
func beat(plugin, version string) protocol.ConnectRequest {
	return protocol.ConnectRequest{Action: protocol.ActionHeartbeat, Plugin: plugin, Version: version, Stack: "o/" + plugin + "/alpha", Hash: "h1", Minutes: 5}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.must(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
	sent := len(p.dedup)
	before := p.db.Requests()
	result := p.must(beat("catalog", "1.0.0"))
	assert.True(t, result.OK)
	after := p.db.Requests()
	assert.Equal(t, 1, after["GetItem"]-before["GetItem"])
	assert.Equal(t, 1, after["PutItem"]-before["PutItem"])
	first := p.field("Platform_plugin", `{"id":"catalog"}`)["lastSeen"]
	assert.NotEmpty(t, first)
	p.clock.Advance(5 * time.Minute)
	assert.True(t, p.must(beat("catalog", "1.1.0")).OK, "a newer one is about to connect")
	seen := p.field("Platform_plugin", `{"id":"catalog"}`)["lastSeen"]
	assert.Greater(t, seen, first)

	p.clock.Advance(5 * time.Minute)
	rival := beat("catalog", "1.0.0")
	rival.Stack = "o/rival/alpha"
	for name, r := range map[string]protocol.ConnectRequest{
		"another stack": rival, "unknown": beat("nobody", "1.0.0"), "older": beat("catalog", "0.9.0"), "nameless": {Action: protocol.ActionHeartbeat},
	} {
		assert.False(t, p.must(r).OK, name)
	}
	assert.Equal(t, seen, p.field("Platform_plugin", `{"id":"catalog"}`)["lastSeen"])
	assert.Len(t, p.dedup, sent, "no queue hop")
	p.must(lifecycle(revision("catalog", "h1", ""), protocol.ActionDelete))
	assert.False(t, p.must(beat("catalog", "1.0.0")).OK, "retired")
}

func TestIgnoredHeartbeatsWarnOnce(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	var log strings.Builder
	config := p.connect.Config
	config.Logger = slog.New(slog.NewTextHandler(&log, nil))
	p.connect = connect.New(config)
	for range 3 {
		p.must(beat("nobody", "1.0.0"))
	}
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
}

func TestOperator(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	catalog := revision("catalog", "h1", "type Query { a: Int }")
	p.must(lifecycle(revision("other", "h1", "type Query { b: Int }"), protocol.ActionCreate))
	state, _ := p.deploy(catalog, "")
	refused := p.field("Platform_retirePlugin", `{"id":"catalog"}`)
	assert.Equal(t, "REJECTED", refused["status"])
	assert.Equal(t, protocol.CodeWrongStatus, refused["code"])
	assert.Contains(t, refused["message"], "destroy its stack")

	result := p.field("Platform_deactivatePlugin", `{"id":"catalog","reason":"too slow"}`)
	assert.Equal(t, "ACCEPTED", result["status"])
	assert.Equal(t, "catalog", result["id"])
	assert.InDelta(t, 2, result["version"], 0)
	assert.NotEmpty(t, result["correlationId"])
	shown := p.field("Platform_plugin", `{"id":"catalog"}`)
	assert.Equal(t, registry.StatusInactive, shown["status"])
	assert.Equal(t, "too slow", shown["reason"])
	assert.NotEmpty(t, shown["statusChangedAt"])

	checked := p.must(checking(catalog, false))
	assert.True(t, checked.Connected)
	assert.Equal(t, registry.StatusInactive, checked.Status)
	assert.Len(t, checked.Notices, 1)
	same, deployed := p.deploy(catalog, state)
	assert.Nil(t, deployed, "an unchanged deployment changes nothing")
	assert.Equal(t, state, same)
	catalog.Hash, catalog.Version, catalog.Fragment = "h2", "1.1.0", "type Query { a: Int c: Int }"
	checked = p.must(checking(catalog, false))
	require.False(t, checked.OK, "AppSync would make no resolver for the field")
	assert.Contains(t, checked.Problems[len(checked.Problems)-1].Message, `Query.c is a new field`)
	assert.Contains(t, checked.Problems[0].Message, `Platform_activatePlugin(id: "catalog")`)
	_, deployed = p.deploy(catalog, state)
	require.NotNil(t, deployed)
	assert.True(t, deployed.OK)
	assert.Equal(t, registry.StatusInactive, deployed.Status)
	assert.Contains(t, deployed.Notices[0], "too slow")
	assert.Equal(t, []string{"catalog", "other"}, p.must(checking(protocol.ConnectRequest{Guard: true}, false)).Plugins, "its stack is still there")

	assert.Equal(t, "ACCEPTED", p.field("Platform_activatePlugin", `{"id":"catalog"}`)["status"])
	shown = p.field("Platform_plugin", `{"id":"catalog"}`)
	assert.Equal(t, registry.StatusConnected, shown["status"])
	assert.Equal(t, "1.1.0", shown["version"])
	assert.Equal(t, "1.0.0", shown["previousVersion"])
	assert.Equal(t, []any{"Query.a", "Query.c"}, shown["fields"])

	unknown := p.field("Platform_deactivatePlugin", `{"id":"nobody"}`)
	assert.Equal(t, protocol.CodeUnknownPlugin, unknown["code"])
	assert.Len(t, p.db.Items("plugins"), 3, "no row for what does not exist")
}

func TestOperatorIsPending(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.must(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
	p.down = true
	begin := p.clock.Now()
	result := p.field("Platform_deactivatePlugin", `{"id":"catalog"}`)
	assert.Equal(t, "PENDING", result["status"])
	assert.Less(t, p.clock.Now().Sub(begin), 27*time.Second)
	p.down = false
	p.work()
	events := p.field("Platform_pluginEvents", `{"id":"catalog"}`)["items"].([]any)
	latest := events[0].(map[string]any)
	assert.Equal(t, registry.EventDeactivated, latest["type"])
	assert.Equal(t, result["correlationId"], latest["correlationId"])
}

func TestQueries(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	for _, name := range []string{"a", "b", "c"} {
		p.must(lifecycle(revision(name, "h1", "type Query { "+name+": Int }"), protocol.ActionCreate))
	}
	seen := map[string]bool{}
	token := "null"
	for pages := 0; ; pages++ {
		require.Less(t, pages, 9)
		page := p.field("Platform_plugins", `{"limit":2,"nextToken":`+token+`}`)
		for _, item := range page["items"].([]any) {
			plugin := item.(map[string]any)
			for _, required := range []string{"id", "version", "status", "hash", "fields", "extensionPoints"} {
				assert.Contains(t, plugin, required, "non-null in the GraphQL type")
			}
			seen[plugin["id"].(string)] = true
		}
		if page["nextToken"] == nil {
			break
		}
		token = fmt.Sprintf("%q", page["nextToken"])
	}
	assert.Equal(t, map[string]bool{"a": true, "b": true, "c": true}, seen)

	event := p.field("Platform_pluginEvents", `{"id":"a","limit":1}`)["items"].([]any)[0].(map[string]any)
	assert.Equal(t, "1.0.0", event["version"])
	assert.InDelta(t, 1, event["number"], 0)
	assert.JSONEq(t, `{"plugin":"a","version":"1.0.0","stack":"o/a/alpha","hash":"h1","requestedAt":"2026-01-01T00:00:00.000Z"}`, event["detail"].(string))
	assert.Empty(t, p.field("Platform_plugin", `{"id":"nobody"}`))
	for field, arguments := range map[string]string{"Platform_pluginEvents": `{"id":"a","nextToken":"x"}`, "Platform_praise": `{}`, "Platform_plugin": `[]`} {
		assert.Contains(t, p.field(field, arguments), "__error", field)
	}
}

func TestValidationOfWiring(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	bad := revision("catalog", "h1", "type Query { a: Int }")
	bad.HeartbeatMinutes = -1
	bad.Topics = map[string]string{"Products": "products"}
	bad.Subscriptions = []protocol.Subscription{
		{QueueARN: "arn:q", FilterPolicy: "[]"}, {Extension: "x", Plugin: "x", ExtensionPoint: "x", QueueARN: "arn:q", FilterPolicyScope: "Mind"}, {QueueARN: "q"},
	}
	texts := registry.Texts(p.must(checking(bad, false)).Problems)
	for _, want := range []string{
		"heartbeatMinutes is -1", `topics.Products is "products"`, "subscriptions[0] lacks", "subscriptions[0].filterPolicy",
		"subscriptions[1].queueArn is also that of subscriptions[0]", `"Mind"`, `subscriptions[2].queueArn is "q"`,
	} {
		assert.Contains(t, texts, want)
	}
	large := revision("catalog", "h1", "type Query { a: Int }")
	large.Topics = map[string]string{"Products": "arn:" + strings.Repeat("x", 20_000)}
	assert.Contains(t, registry.Texts(p.must(checking(large, false)).Problems), "split the plugin")
	early := revision("catalog", "h1", "type Query { a: Int }")
	early.Subscriptions = []protocol.Subscription{{Extension: "x", Plugin: "b", ExtensionPoint: "x"}, {Extension: "y", Plugin: "b", ExtensionPoint: "y"}}
	assert.True(t, p.must(checking(early, false)).OK, "a preview does not know ARNs")
	assert.Contains(t, registry.Texts(p.must(lifecycle(early, protocol.ActionCreate)).Problems), `subscriptions[1].queueArn is ""`)
	good := revision("catalog", "h1", "type Query { a: Int }")
	good.HeartbeatMinutes, good.Topics = 5, map[string]string{"Products": "arn:t"}
	good.Subscriptions = []protocol.Subscription{{Extension: "x", Plugin: "nobody", ExtensionPoint: "x", QueueARN: "arn:q", FilterPolicy: `{"type":["A"]}`}}
	assert.True(t, p.must(lifecycle(good, protocol.ActionCreate)).OK)
}

func TestRelease(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.deploy(revision("catalog", "h1", "type Query { a: Int }"), "")
	release := protocol.ConnectRequest{Action: protocol.ActionRelease, Plugin: "catalog", Stack: "o/catalog/alpha", RootField: "Query.a"}
	assert.True(t, p.must(release).OK, "the field has no resolver")
	before := len(p.dedup)
	for name, change := range map[string]func(r *protocol.ConnectRequest){
		"plugin": func(r *protocol.ConnectRequest) { r.Plugin = "_" }, "stack": func(r *protocol.ConnectRequest) { r.Stack = "" },
		"field": func(r *protocol.ConnectRequest) { r.RootField = "Note.a" }, "no field": func(r *protocol.ConnectRequest) { r.RootField = "" },
	} {
		r := release
		change(&r)
		result := p.must(r)
		require.Len(t, result.Problems, 1, name)
		assert.Equal(t, protocol.CodeInvalidRequest, result.Problems[0].Code)
	}
	assert.Len(t, p.dedup, before, "nothing is asked")
	p.down = true
	result := p.must(release)
	require.False(t, result.OK)
	assert.Contains(t, result.Problems[0].Message, "within 2m0s; run the deployment again")
}
