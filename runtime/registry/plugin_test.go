package registry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func connected(stack, hash, nonce string) registry.State {
	return registry.State{Plugin: "catalog", LogVersion: 3, Connected: true, Stack: stack, Hash: hash, Nonce: nonce, ConnectedEvent: 3}
}

func connect(plugin, stack, hash, nonce string) registry.Request {
	return registry.Request{ID: "1", Type: registry.TypeConnect, Connect: &registry.Connect{
		Plugin: plugin, Version: "1.0.0", Stack: stack, Hash: hash, Nonce: nonce, Fragment: "x",
	}}
}

func disconnect(stack, hash string) registry.Request {
	return registry.Request{ID: "1", Type: registry.TypeDisconnect, Disconnect: &registry.Disconnect{Plugin: "catalog", Stack: stack, Hash: hash}}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	gone := connected("o/p/alpha", "h1", "1")
	gone.Connected = false
	cases := map[string]struct {
		state   registry.State
		request registry.Request
		event   string
		code    string
		text    string
	}{
		"first connect":                     {request: connect("catalog", "o/p/alpha", "h1", "1"), event: registry.EventConnected},
		"same hash and nonce":               {state: connected("o/p/alpha", "h1", "1"), request: connect("catalog", "o/p/alpha", "h1", "1")},
		"same hash, no nonce":               {state: connected("o/p/alpha", "h1", "1"), request: connect("catalog", "o/p/alpha", "h1", "")},
		"same hash, new nonce":              {state: connected("o/p/alpha", "h1", "1"), request: connect("catalog", "o/p/alpha", "h1", "2"), event: registry.EventConnected},
		"new revision":                      {state: connected("o/p/alpha", "h1", "1"), request: connect("catalog", "o/p/alpha", "h2", "1"), event: registry.EventConnected},
		"another stack":                     {state: connected("o/p/alpha", "h1", "1"), request: connect("catalog", "o/p/beta", "h1", "1"), code: protocol.CodeNameTaken, text: "o/p/alpha"},
		"another stack after disconnect":    {state: gone, request: connect("catalog", "o/p/beta", "h1", "1"), event: registry.EventConnected},
		"the same revision after that":      {state: gone, request: connect("catalog", "o/p/alpha", "h1", "1"), event: registry.EventConnected},
		"disconnect":                        {state: connected("o/p/alpha", "h1", "1"), request: disconnect("o/p/alpha", "h1"), event: registry.EventDisconnected},
		"stale disconnect":                  {state: connected("o/p/alpha", "h2", "1"), request: disconnect("o/p/alpha", "h1")},
		"disconnect of a refused stack":     {state: connected("o/p/alpha", "h1", "1"), request: disconnect("o/p/beta", "h1")},
		"disconnect of nothing":             {request: disconnect("o/p/alpha", "h1")},
		"disconnect twice":                  {state: gone, request: disconnect("o/p/alpha", "h1")},
		"sweep":                             {request: registry.Request{ID: "1", Type: registry.TypeSweep, Sweep: &registry.Sweep{}}},
		"the platform":                      {request: connect("Platform", "o/platform/alpha", "h1", "1"), event: registry.EventConnected},
		"a plugin with the platform's name": {request: connect("Platform", "o/p/alpha", "h1", "1"), code: protocol.CodeNameTaken, text: "o/p/alpha"},
		"the platform's name in lower case": {request: connect("platform", "o/platform/alpha", "h1", "1"), code: protocol.CodeNameTaken},
	}
	rules := registry.Rules{PlatformStack: "o/platform/alpha"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, problem, err := rules.Decide(c.state, c.request)
			require.NoError(t, err)
			if c.code != "" {
				require.NotNil(t, problem)
				assert.Equal(t, c.code, problem.Code)
				assert.Contains(t, problem.Message, c.text)
				return
			}
			assert.Nil(t, problem)
			if c.event == "" {
				assert.Nil(t, event)
				return
			}
			require.NotNil(t, event)
			assert.Equal(t, c.event, event.Type)
		})
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	rules := registry.Rules{}
	var state registry.State
	for i, request := range []registry.Request{
		connect("catalog", "o/p/alpha", "h1", "1"), connect("catalog", "o/p/alpha", "h2", "2"), disconnect("o/p/alpha", "h2"),
	} {
		event, _, err := rules.Decide(state, request)
		require.NoError(t, err)
		require.NotNil(t, event)
		state, err = state.Apply(turn.RecordedEvent{Type: event.Type, Data: event.Data, ID: "catalog", Number: int64(i + 1), Time: "t"})
		require.NoError(t, err)
	}
	assert.Equal(t, registry.State{
		Plugin: "catalog", LogVersion: 3, Version: "1.0.0", Stack: "o/p/alpha", Hash: "h2", Nonce: "2", ConnectedEvent: 2, ConnectedAt: "t",
	}, state)
}

func TestApplySkipsUnknownEvents(t *testing.T) {
	t.Parallel()
	before := connected("o/p/alpha", "h1", "1")
	after, err := before.Apply(turn.RecordedEvent{Type: "PluginPraised", Data: []byte(`{}`), ID: "catalog", Number: 4})
	require.NoError(t, err)
	before.LogVersion = 4
	assert.Equal(t, before, after)
}

func TestNextNonce(t *testing.T) {
	t.Parallel()
	state := connected("o/p/alpha", "h1", "2")
	assert.Equal(t, "2", state.NextNonce("h1", 9), "the recorded one while connected")
	assert.Equal(t, "4", state.NextNonce("h2", 0))
	assert.Equal(t, "5", state.NextNonce("h2", 1), "another one after every attempt")
	assert.Equal(t, "1", registry.State{}.NextNonce("h1", 0))
}
