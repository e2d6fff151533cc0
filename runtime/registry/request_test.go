package registry_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The texts are what the first release wrote. They must stay readable for ever, so
// they are never changed, only added to.
var firstRelease = map[string]struct {
	text    string
	request registry.Request
}{
	"connect": {
		`{"format":1,"id":"r1","type":"connect","time":"2026-01-01T00:00:00.000Z","connect":{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","nonce":"1","fragment":"H4sI","extensionPoints":["Products"]}}`,
		registry.Request{Format: 1, ID: "r1", Type: "connect", Time: "2026-01-01T00:00:00.000Z", Connect: &registry.Connect{
			Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Nonce: "1", Fragment: "H4sI", ExtensionPoints: []string{"Products"},
		}},
	},
	"connect without optional members": {
		`{"format":1,"id":"r1","type":"connect","connect":{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","fragment":"H4sI"}}`,
		registry.Request{Format: 1, ID: "r1", Type: "connect", Connect: &registry.Connect{
			Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Fragment: "H4sI",
		}},
	},
	"disconnect": {
		`{"format":1,"id":"r2","type":"disconnect","disconnect":{"plugin":"catalog","stack":"o/p/alpha","hash":"h1"}}`,
		registry.Request{Format: 1, ID: "r2", Type: "disconnect", Disconnect: &registry.Disconnect{Plugin: "catalog", Stack: "o/p/alpha", Hash: "h1"}},
	},
	"sweep": {
		`{"format":1,"id":"r3","type":"sweep","sweep":{"attempt":2}}`,
		registry.Request{Format: 1, ID: "r3", Type: "sweep", Sweep: &registry.Sweep{Attempt: 2}},
	},
}

// secondRelease is what was added.
var secondRelease = map[string]struct {
	text    string
	request registry.Request
}{
	"connect with wiring": {
		`{"format":1,"id":"r1","type":"connect","connect":{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","fragment":"H4sI","heartbeatMinutes":5,` +
			`"topics":{"Products":"arn:t"},"subscriptions":[{"extension":"Orders","plugin":"ordering","extensionPoint":"Orders","queueArn":"arn:q","filterPolicy":"{}","filterPolicyScope":"MessageBody"}]}}`,
		registry.Request{Format: 1, ID: "r1", Type: "connect", Connect: &registry.Connect{
			Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Fragment: "H4sI", HeartbeatMinutes: 5, Topics: map[string]string{"Products": "arn:t"},
			Subscriptions: []protocol.Subscription{{
				Extension: "Orders", Plugin: "ordering", ExtensionPoint: "Orders", QueueARN: "arn:q", FilterPolicy: "{}", FilterPolicyScope: "MessageBody",
			}},
		}},
	},
	"lapse": {
		`{"format":1,"id":"r4","type":"lapse","lapse":{"plugin":"catalog","logVersion":3,"lastSeen":"2026-01-01T00:00:00.000Z","minutes":5}}`,
		registry.Request{Format: 1, ID: "r4", Type: "lapse", Lapse: &registry.Beats{Plugin: "catalog", LogVersion: 3, LastSeen: "2026-01-01T00:00:00.000Z", Minutes: 5}},
	},
	"resume": {
		`{"format":1,"id":"r5","type":"resume","resume":{"plugin":"catalog","logVersion":4}}`,
		registry.Request{Format: 1, ID: "r5", Type: "resume", Resume: &registry.Beats{Plugin: "catalog", LogVersion: 4}},
	},
	"deactivate": {
		`{"format":1,"id":"r6","type":"deactivate","deactivate":{"plugin":"catalog","reason":"broken"},"actor":{"sub":"ada"}}`,
		registry.Request{Format: 1, ID: "r6", Type: "deactivate", Deactivate: &registry.Operation{Plugin: "catalog", Reason: "broken"}, Actor: json.RawMessage(`{"sub":"ada"}`)},
	},
	"activate": {
		`{"format":1,"id":"r7","type":"activate","activate":{"plugin":"catalog"}}`,
		registry.Request{Format: 1, ID: "r7", Type: "activate", Activate: &registry.Operation{Plugin: "catalog"}},
	},
	"retire": {
		`{"format":1,"id":"r8","type":"retire","retire":{"plugin":"catalog"}}`,
		registry.Request{Format: 1, ID: "r8", Type: "retire", Retire: &registry.Operation{Plugin: "catalog"}},
	},
	"wire": {
		`{"format":1,"id":"r9","type":"wire","wire":{}}`,
		registry.Request{Format: 1, ID: "r9", Type: "wire", Wire: &registry.Wire{}},
	},
	"release": {
		`{"format":1,"id":"r10","type":"release","release":{"plugin":"catalog","stack":"o/p/alpha","field":"Query.product"}}`,
		registry.Request{Format: 1, ID: "r10", Type: "release", Release: &registry.Release{Plugin: "catalog", Stack: "o/p/alpha", Field: "Query.product"}},
	},
}

func TestRequestRoundTrip(t *testing.T) {
	t.Parallel()
	all := maps.Clone(firstRelease)
	maps.Copy(all, secondRelease)
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decoded, err := registry.DecodeRequest(c.text)
			require.NoError(t, err)
			assert.Equal(t, c.request, decoded)
			encoded, err := decoded.Encode()
			require.NoError(t, err)
			assert.JSONEq(t, c.text, encoded)
			withMore := strings.Replace(c.text, `{"format":1,`, `{"format":1,"addedLater":{"a":[1]},`, 1)
			decoded, err = registry.DecodeRequest(withMore)
			require.NoError(t, err, "unknown members are ignored")
			assert.Equal(t, c.request, decoded)
		})
	}
}

func TestDecodeRequestRefuses(t *testing.T) {
	t.Parallel()
	for text, wants := range map[string][]string{
		`nonsense`: {"not a registry request"},
		`{"format":2,"id":"r1","type":"sweep","sweep":{}}`:                                                     {"format 2", "update the platform's stack"},
		`{"format":1,"type":"praise"}`:                                                                         {"id is empty", `type "praise"`},
		`{"format":1,"id":"r1","type":"connect"}`:                                                              {"member connect is missing"},
		`{"format":1,"id":"r1","type":"disconnect","disconnect":{}}`:                                           {"disconnect.plugin is empty"},
		`{"format":1,"id":"r1","type":"release","release":{"plugin":"catalog","stack":"s","field":"product"}}`: {`release.field is "product"`, "Query.product"},
	} {
		_, err := registry.DecodeRequest(text)
		for _, want := range wants {
			assert.ErrorContains(t, err, want, text)
		}
	}
}

// The texts are what each release wrote; see firstRelease.
func TestEventsRoundTrip(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		into func() any
		want any
	}{
		"connected, first release": {
			`{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","nonce":"1","fragment":"H4sI","extensionPoints":["Products"]}`,
			func() any { return &registry.PluginConnected{} },
			&registry.PluginConnected{Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Nonce: "1", Fragment: "H4sI", ExtensionPoints: []string{"Products"}},
		},
		"connected": {
			`{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","fragment":"H4sI","heartbeatMinutes":5,"topics":{"Products":"arn:t"},` +
				`"subscriptions":[{"extension":"Orders","plugin":"ordering","extensionPoint":"Orders","queueArn":"arn:q"}]}`,
			func() any { return &registry.PluginConnected{} },
			&registry.PluginConnected{
				Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Fragment: "H4sI", HeartbeatMinutes: 5, Topics: map[string]string{"Products": "arn:t"},
				Subscriptions: []protocol.Subscription{{Extension: "Orders", Plugin: "ordering", ExtensionPoint: "Orders", QueueARN: "arn:q"}},
			},
		},
		"disconnected, first release": {`{"hash":"h1"}`, func() any { return &registry.PluginDisconnected{} }, &registry.PluginDisconnected{Hash: "h1"}},
		"disconnected":                {`{"hash":"h1","version":"1.0.0"}`, func() any { return &registry.PluginDisconnected{} }, &registry.PluginDisconnected{Hash: "h1", Version: "1.0.0"}},
		"reconnected":                 {`{"version":"1.0.0","from":"RETIRED"}`, func() any { return &registry.PluginReconnected{} }, &registry.PluginReconnected{Version: "1.0.0", From: "RETIRED"}},
		"superseded, downgraded":      {`{"old":"1.0.0","new":"2.0.0"}`, func() any { return &registry.VersionChanged{} }, &registry.VersionChanged{Old: "1.0.0", New: "2.0.0"}},
		"heartbeat missed, resumed": {
			`{"version":"1.0.0","lastSeen":"t","minutes":5}`, func() any { return &registry.Heartbeat{} }, &registry.Heartbeat{Version: "1.0.0", LastSeen: "t", Minutes: 5},
		},
		"deactivated, activated, retired": {
			`{"version":"1.0.0","reason":"broken","fields":["Query.a"],"resolvers":"H4sI"}`, func() any { return &registry.Operated{} },
			&registry.Operated{Version: "1.0.0", Reason: "broken", Fields: []string{"Query.a"}, Resolvers: "H4sI"},
		},
		"released": {`{"version":"1.0.0","field":"Query.a"}`, func() any { return &registry.ResolverReleased{} }, &registry.ResolverReleased{Version: "1.0.0", Field: "Query.a"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decoded := c.into()
			require.NoError(t, json.Unmarshal([]byte(c.text), decoded))
			assert.Equal(t, c.want, decoded)
			encoded, err := json.Marshal(decoded)
			require.NoError(t, err)
			assert.JSONEq(t, c.text, string(encoded))
		})
	}
}

// TestOldLog folds a log that the first release wrote.
func TestOldLog(t *testing.T) {
	t.Parallel()
	connected := turn.RecordedEvent{Type: "PluginConnected", ID: "catalog", Number: 1, Time: "t1", Data: json.RawMessage(
		`{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","nonce":"1","fragment":"H4sI","extensionPoints":["Products"]}`)}
	state, err := registry.State{}.Apply(connected)
	require.NoError(t, err)
	assert.Equal(t, registry.StatusConnected, state.Status)
	state, err = state.Apply(turn.RecordedEvent{Type: "PluginDisconnected", ID: "catalog", Number: 2, Time: "t2", Data: json.RawMessage(`{"hash":"h1"}`)})
	require.NoError(t, err)
	assert.Equal(t, registry.StatusRetired, state.Status)
}

func TestResolversRoundTrip(t *testing.T) {
	t.Parallel()
	text := `[{"type":"Query","field":"a","kind":"UNIT","dataSource":"d","functions":["f"],"code":"c","runtime":"APPSYNC_JS","runtimeVersion":"1.0.0","requestTemplate":"q",` +
		`"responseTemplate":"r","maxBatchSize":2,"metrics":"ENABLED","cachingSeconds":3,"cachingKeys":["k"],"conflictDetector":"VERSION","conflictHandler":"LAMBDA","conflictFunction":"arn"}]`
	var resolvers []schemapush.Resolver
	require.NoError(t, json.Unmarshal([]byte(text), &resolvers))
	packed, err := registry.PackResolvers(resolvers)
	require.NoError(t, err)
	unpacked, err := registry.UnpackResolvers(packed)
	require.NoError(t, err)
	assert.Equal(t, resolvers, unpacked)
	encoded, err := json.Marshal(unpacked)
	require.NoError(t, err)
	assert.JSONEq(t, text, string(encoded))
	_, err = registry.UnpackResolvers("!")
	require.Error(t, err)
	_, err = registry.PackResolvers([]schemapush.Resolver{{Code: strings.Repeat("x", 9<<20)}})
	require.ErrorContains(t, err, "split the plugin")
}

func TestExpired(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		request registry.Request
		want    bool
	}{
		"fresh":           {registry.Request{Time: "2026-01-01T00:45:00.000Z", Connect: &registry.Connect{}}, false},
		"old":             {registry.Request{Time: "2026-01-01T00:44:59.000Z", Connect: &registry.Connect{}}, true},
		"old disconnect":  {registry.Request{Time: "2025-12-31T00:00:00.000Z", Disconnect: &registry.Disconnect{}}, true},
		"old retirement":  {registry.Request{Time: "2025-12-31T00:00:00.000Z", Retire: &registry.Operation{}}, true},
		"old release":     {registry.Request{Time: "2025-12-31T00:00:00.000Z", Release: &registry.Release{}}, true},
		"old sweep":       {registry.Request{Time: "2025-12-31T00:00:00.000Z", Sweep: &registry.Sweep{}}, false},
		"without a time":  {registry.Request{Connect: &registry.Connect{}}, false},
		"old observation": {registry.Request{Time: "2025-12-31T00:00:00.000Z", Lapse: &registry.Beats{}}, false},
	} {
		assert.Equal(t, c.want, c.request.Expired(now), name)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var journal registry.Journal
	for i := range 40 {
		journal.Fail(fmt.Sprint("h", i), []protocol.Problem{registry.Problem(protocol.CodeSchemaRefused, "%s", strings.Repeat("ä", 5000))}, now)
	}
	text, err := json.Marshal(journal)
	require.NoError(t, err)
	assert.Less(t, len(text), 30_000)
	assert.NotEmpty(t, journal.HasFailed("h39", now.Add(time.Minute)))
	assert.Empty(t, journal.HasFailed("h39", now.Add(time.Hour)), "AppSync may think otherwise now")
	assert.Empty(t, journal.HasFailed("other", now))
}

func TestPack(t *testing.T) {
	t.Parallel()
	sdl := "type Query { products: [Int!]! } # ä\n"
	packed, err := registry.Pack(sdl)
	require.NoError(t, err)
	again, err := registry.Pack(sdl)
	require.NoError(t, err)
	assert.Equal(t, packed, again)
	unpacked, err := registry.Unpack(packed)
	require.NoError(t, err)
	assert.Equal(t, sdl, unpacked)
	for _, broken := range []string{"", "!", "aGVsbG8=", packed[:len(packed)-8]} {
		_, err := registry.Unpack(broken)
		assert.Error(t, err, broken)
	}
	bomb, err := registry.Pack(strings.Repeat("x", 9<<20))
	require.NoError(t, err)
	_, err = registry.Unpack(bomb)
	assert.ErrorContains(t, err, "more than")
}

func TestRefusedIsBounded(t *testing.T) {
	t.Parallel()
	var problems []protocol.Problem
	for range 400 {
		problems = append(problems, registry.Problem(protocol.CodeFieldConflict, "%s", strings.Repeat("x", 5000)))
	}
	outcome := registry.Refused("r1", problems...)
	text, err := json.Marshal(outcome)
	require.NoError(t, err)
	assert.Less(t, len(text)*registry.MaxOutcomes, 170_000, "a row has this twice at most, and must fit into an item")
	assert.Contains(t, outcome.Problems[len(outcome.Problems)-1].Message, "more problems")
	assert.Len(t, problems[0].Message, 5000, "the caller's problems stay as they are")

	var row registry.Row
	for i := range 3 * registry.MaxOutcomes {
		row.Record(registry.Outcome{Request: strings.Repeat("r", i+1), OK: true})
	}
	assert.Len(t, row.Outcomes, registry.MaxOutcomes)
	_, found := row.Outcome(strings.Repeat("r", 3*registry.MaxOutcomes))
	assert.True(t, found)
}
