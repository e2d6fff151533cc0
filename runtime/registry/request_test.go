package registry_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
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

func TestRequestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, c := range firstRelease {
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
		`{"format":2,"id":"r1","type":"sweep","sweep":{}}`:           {"format 2", "update the platform's stack"},
		`{"format":1,"type":"praise"}`:                               {"id is empty", `type "praise"`},
		`{"format":1,"id":"r1","type":"connect"}`:                    {"member connect is missing"},
		`{"format":1,"id":"r1","type":"disconnect","disconnect":{}}`: {"disconnect.plugin is empty"},
	} {
		_, err := registry.DecodeRequest(text)
		for _, want := range wants {
			assert.ErrorContains(t, err, want, text)
		}
	}
}

func TestEventsRoundTrip(t *testing.T) {
	t.Parallel()
	text := `{"plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","nonce":"1","fragment":"H4sI","extensionPoints":["Products"]}`
	var connected registry.PluginConnected
	require.NoError(t, json.Unmarshal([]byte(text), &connected))
	assert.Equal(t, registry.PluginConnected{
		Plugin: "catalog", Version: "1.0.0", Stack: "o/p/alpha", Hash: "h1", Nonce: "1", Fragment: "H4sI", ExtensionPoints: []string{"Products"},
	}, connected)
	encoded, err := json.Marshal(connected)
	require.NoError(t, err)
	assert.JSONEq(t, text, string(encoded))

	var gone registry.PluginDisconnected
	require.NoError(t, json.Unmarshal([]byte(`{"hash":"h1"}`), &gone))
	encoded, err = json.Marshal(gone)
	require.NoError(t, err)
	assert.JSONEq(t, `{"hash":"h1"}`, string(encoded))
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
