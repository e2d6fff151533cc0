package registry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func connected(stack, hash, nonce string) registry.State {
	return registry.State{Plugin: "catalog", LogVersion: 3, Status: registry.StatusConnected, Version: "1.0.0", Stack: stack, Hash: hash, Nonce: nonce, ConnectedEvent: 3}
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
	gone.Status = registry.StatusRetired
	retired := gone
	retired.Detached, retired.DetachedEvent = []string{"Query.a"}, 2
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
		"another stack after disconnect":    {state: gone, request: connect("catalog", "o/p/beta", "h1", "1"), event: "PluginConnected PluginReconnected"},
		"the same revision after that":      {state: gone, request: connect("catalog", "o/p/alpha", "h1", "1"), event: "PluginConnected PluginReconnected"},
		"disconnect":                        {state: connected("o/p/alpha", "h1", "1"), request: disconnect("o/p/alpha", "h1"), event: registry.EventDisconnected},
		"stale disconnect":                  {state: connected("o/p/alpha", "h2", "1"), request: disconnect("o/p/alpha", "h1")},
		"disconnect of a refused stack":     {state: connected("o/p/alpha", "h1", "1"), request: disconnect("o/p/beta", "h1")},
		"disconnect of nothing":             {request: disconnect("o/p/alpha", "h1")},
		"disconnect twice":                  {state: gone, request: disconnect("o/p/alpha", "h1")},
		"disconnect of what was given up":   {state: retired, request: disconnect("o/p/alpha", "h1"), event: registry.EventDisconnected},
		"disconnect of another revision":    {state: retired, request: disconnect("o/p/alpha", "h2")},
		"disconnect by another stack":       {state: retired, request: disconnect("o/p/beta", "h1")},
		"sweep":                             {request: registry.Request{ID: "1", Type: registry.TypeSweep, Sweep: &registry.Sweep{}}},
		"the platform":                      {request: connect("Platform", "o/platform/alpha", "h1", "1"), event: registry.EventConnected},
		"a plugin with the platform's name": {request: connect("Platform", "o/p/alpha", "h1", "1"), code: protocol.CodeNameTaken, text: "o/p/alpha"},
		"the platform's name in lower case": {request: connect("platform", "o/platform/alpha", "h1", "1"), code: protocol.CodeNameTaken},
	}
	rules := registry.Rules{PlatformStack: "o/platform/alpha"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, problem, err := rules.Decide(c.state, c.request)
			require.NoError(t, err)
			if c.code != "" {
				require.NotNil(t, problem)
				assert.Equal(t, c.code, problem.Code)
				assert.Contains(t, problem.Message, c.text)
				return
			}
			assert.Nil(t, problem)
			var kinds []string
			for _, e := range events {
				kinds = append(kinds, e.Type)
			}
			assert.Equal(t, c.event, strings.Join(kinds, " "))
		})
	}
}

// in is the state of a plugin with a status.
func in(status string) registry.State {
	s := connected("o/p/alpha", "h1", "1")
	s.Status = status
	return s
}

// operation is an operator's request.
func operation(kind string) registry.Request {
	r, o := registry.Request{ID: "1", Type: kind}, &registry.Operation{Plugin: "catalog", Reason: "why"}
	switch kind {
	case registry.TypeDeactivate:
		r.Deactivate = o
	case registry.TypeActivate:
		r.Activate = o
	default:
		r.Retire = o
	}
	return r
}

func TestDecideOnOperations(t *testing.T) {
	t.Parallel()
	const none, unknown, refused = "", protocol.CodeUnknownPlugin, protocol.CodeWrongStatus
	want := map[string][3]string{ // deactivate, activate, retire
		"":                          {unknown, unknown, unknown},
		registry.StatusConnected:    {registry.EventDeactivated, none, refused},
		registry.StatusDisconnected: {registry.EventDeactivated, none, registry.EventRetired},
		registry.StatusInactive:     {none, registry.EventActivated, registry.EventRetired},
		registry.StatusRetired:      {refused, refused, none},
	}
	for status, outcomes := range want {
		for i, kind := range []string{registry.TypeDeactivate, registry.TypeActivate, registry.TypeRetire} {
			events, problem, err := registry.Rules{}.Decide(in(status), operation(kind))
			require.NoError(t, err)
			got := none
			switch {
			case problem != nil:
				got = problem.Code
			case len(events) > 0:
				got = events[0].Type
				assert.Contains(t, string(events[0].Data), "why")
			}
			assert.Equal(t, outcomes[i], got, "%s in status %q", kind, status)
		}
	}
	own := operation(registry.TypeDeactivate)
	own.Deactivate.Plugin = protocol.PlatformPlugin
	_, problem, err := registry.Rules{}.Decide(in(registry.StatusConnected), own)
	require.NoError(t, err)
	require.NotNil(t, problem)
}

func TestDecideOnHeartbeats(t *testing.T) {
	t.Parallel()
	for status, want := range map[string][2]string{ // lapse, resume
		registry.StatusConnected: {registry.EventHeartbeatMissed, ""}, registry.StatusDisconnected: {"", registry.EventHeartbeatResumed},
		registry.StatusInactive: {}, registry.StatusRetired: {}, "": {},
	} {
		for logVersion, current := range map[int64]bool{3: true, 2: false} {
			beats := &registry.Beats{Plugin: "catalog", LogVersion: logVersion, LastSeen: "t", Minutes: 5}
			for i, r := range []registry.Request{{Type: registry.TypeLapse, Lapse: beats}, {Type: registry.TypeResume, Resume: beats}} {
				events, problem, err := registry.Rules{}.Decide(in(status), r)
				require.NoError(t, err)
				assert.Nil(t, problem)
				if want[i] == "" || !current {
					assert.Empty(t, events, "%s in status %q", r.Type, status)
					continue
				}
				assert.Equal(t, want[i], events[0].Type)
			}
		}
	}
}

func TestDecideOnVersions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ old, next, event string }{
		"higher":           {"1.9.0", "1.10.0", registry.EventSuperseded},
		"lower":            {"1.10.0", "1.9.0", registry.EventDowngraded},
		"of a prerelease":  {"2.0.0-alpha.2", "2.0.0", registry.EventSuperseded},
		"the same":         {"1.0.0", "1.0.0", ""},
		"build":            {"1.0.0+1", "1.0.0+2", ""},
		"no semver before": {"one", "1.0.0", ""},
	}
	for name, c := range cases {
		state, request := in(registry.StatusConnected), connect("catalog", "o/p/alpha", "h2", "2")
		state.Version, request.Connect.Version = c.old, c.next
		events, _, err := registry.Rules{}.Decide(state, request)
		require.NoError(t, err)
		assert.Equal(t, registry.EventConnected, events[0].Type)
		if c.event == "" {
			assert.Len(t, events, 1, name)
			continue
		}
		require.Len(t, events, 2, name)
		assert.Equal(t, c.event, events[1].Type, name)
		assert.JSONEq(t, fmt.Sprintf(`{"old":%q,"new":%q}`, c.old, c.next), string(events[1].Data))
	}
}

func TestDecideOnWiringAlone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *registry.Connect){
		"topic":        func(c *registry.Connect) { c.Topics = map[string]string{"Products": "arn:2"} },
		"subscription": func(c *registry.Connect) { c.Subscriptions = []protocol.Subscription{{Extension: "Orders"}} },
		"heartbeat":    func(c *registry.Connect) { c.HeartbeatMinutes = 5 },
	} {
		request := connect("catalog", "o/p/alpha", "h1", "1")
		change(request.Connect)
		events, _, err := registry.Rules{}.Decide(in(registry.StatusConnected), request)
		require.NoError(t, err)
		assert.Len(t, events, 1, name)
	}
}

// fold applies what requests lead to, at the times 1, 2 and so on.
func fold(t *testing.T, state registry.State, requests ...registry.Request) registry.State {
	t.Helper()
	for _, request := range requests {
		events, problem, err := registry.Rules{}.Decide(state, request)
		require.NoError(t, err)
		require.Nil(t, problem)
		for _, e := range events {
			number := state.LogVersion + 1
			state, err = state.Apply(turn.RecordedEvent{Type: e.Type, Data: e.Data, ID: "catalog", Number: number, Time: fmt.Sprint(number)})
			require.NoError(t, err)
		}
	}
	return state
}

func TestApply(t *testing.T) {
	t.Parallel()
	second := connect("catalog", "o/p/alpha", "h2", "2")
	second.Connect.Version = "2.0.0"
	state := fold(t, registry.State{}, connect("catalog", "o/p/alpha", "h1", "1"), second, disconnect("o/p/alpha", "h2"))
	assert.Equal(t, registry.State{
		Plugin: "catalog", LogVersion: 4, Status: registry.StatusRetired, Version: "2.0.0", PreviousVersion: "1.0.0", Stack: "o/p/alpha",
		Hash: "h2", Nonce: "2", ConnectedEvent: 2, ConnectedAt: "2", StatusChangedAt: "4",
	}, state)
}

func TestInactivePluginStaysInactive(t *testing.T) {
	t.Parallel()
	state := fold(t, registry.State{}, connect("catalog", "o/p/alpha", "h1", "1"), operation(registry.TypeDeactivate))
	assert.Equal(t, registry.StatusInactive, state.Status)
	assert.Equal(t, "why", state.Reason)
	assert.True(t, state.Registered())
	assert.False(t, state.Served())
	state = fold(t, state, connect("catalog", "o/p/alpha", "h2", "2"))
	assert.Equal(t, registry.StatusInactive, state.Status)
	assert.Equal(t, "2", state.StatusChangedAt)
	assert.Equal(t, "h2", state.Hash)
	assert.Len(t, state.Notices(), 1)
	active := fold(t, state, operation(registry.TypeActivate))
	assert.Equal(t, registry.StatusConnected, active.Status)
	assert.Empty(t, active.Reason)
	assert.Equal(t, registry.StatusRetired, fold(t, state, disconnect("o/p/alpha", "h2")).Status, "its stack can be destroyed")
}

func TestGrace(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]int{1: 3, 5: 7, 10: 15, 60: 90} {
		assert.Equal(t, time.Duration(want)*time.Minute, registry.Grace(minutes))
	}
}

func TestSilentAndAlive(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(minute int) string { return eventlog.FormatTime(begin.Add(time.Duration(minute) * time.Minute)) }
	beat := func(minute, minutes int) registry.Beat {
		return registry.Beat{Plugin: "catalog", LastSeen: at(minute), Minutes: minutes, Stack: "o/p/alpha"}
	}
	cases := map[string]struct {
		status        string
		minutes       int // of the connect request, at minute 10
		beat          registry.Beat
		now           int
		silent, alive bool
	}{
		"never beat, within the grace":        {status: registry.StatusConnected, minutes: 5, now: 17},
		"never beat, after the grace":         {status: registry.StatusConnected, minutes: 5, now: 18, silent: true},
		"does not beat":                       {status: registry.StatusConnected, now: 1000},
		"beats":                               {status: registry.StatusConnected, minutes: 5, beat: beat(30, 5), now: 37},
		"stopped":                             {status: registry.StatusConnected, minutes: 5, beat: beat(30, 5), now: 38, silent: true},
		"last beat of what was switched off":  {status: registry.StatusConnected, beat: beat(11, 5), now: 1000},
		"switched off, and heard of again":    {status: registry.StatusDisconnected, beat: beat(50, 5), now: 51, alive: true},
		"another pace since it connected":     {status: registry.StatusConnected, minutes: 5, beat: beat(30, 60), now: 119},
		"another pace before it connected":    {status: registry.StatusConnected, minutes: 60, beat: beat(5, 5), now: 90},
		"does not beat any more":              {status: registry.StatusConnected, beat: beat(5, 5), now: 1000},
		"beats of another stack":              {status: registry.StatusConnected, minutes: 5, beat: registry.Beat{LastSeen: at(30), Minutes: 5, Stack: "x"}, now: 31, silent: true},
		"heard of again":                      {status: registry.StatusDisconnected, minutes: 5, beat: beat(50, 5), now: 51, alive: true},
		"not heard of":                        {status: registry.StatusDisconnected, minutes: 5, beat: beat(30, 5), now: 51},
		"inactive":                            {status: registry.StatusInactive, minutes: 5, beat: beat(30, 5), now: 51},
		"retired":                             {status: registry.StatusRetired, minutes: 5, beat: beat(50, 5), now: 51},
		"disconnected and was never heard of": {status: registry.StatusDisconnected, minutes: 5, now: 51},
	}
	for name, c := range cases {
		state := in(c.status)
		state.HeartbeatMinutes, state.ConnectedAt = c.minutes, at(10)
		now := begin.Add(time.Duration(c.now)*time.Minute + time.Second)
		if c.now == 17 || c.now == 37 {
			now = now.Add(-time.Second)
		}
		_, silent := state.Silent(c.beat, now)
		_, alive := state.Alive(c.beat, now)
		assert.Equal(t, c.silent, silent, name)
		assert.Equal(t, c.alive, alive, name)
	}
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

func TestReleaseOfAttachedResolvers(t *testing.T) {
	t.Parallel()
	release := func(stack, field string) registry.Request {
		return registry.Request{ID: "1", Type: registry.TypeRelease, Release: &registry.Release{Plugin: "catalog", Stack: stack, Field: field}}
	}
	inactive := in(registry.StatusInactive)
	inactive.Detached, inactive.DetachedEvent = []string{"Query.a", "Query.b"}, 3
	active := fold(t, inactive, operation(registry.TypeActivate))
	assert.Equal(t, inactive.Detached, active.Attached)
	assert.Empty(t, active.Detached)
	released := fold(t, active, release("o/p/alpha", "Query.a"))
	assert.Equal(t, []string{"Query.b"}, released.Attached)
	assert.Equal(t, inactive.Detached, active.Attached, "a fold changes no other state")
	redeployed := fold(t, released, connect("catalog", "o/p/alpha", "h2", "2"))
	assert.Equal(t, released.Attached, redeployed.Attached)

	retired := fold(t, inactive, operation(registry.TypeRetire))
	assert.Equal(t, inactive.Detached, fold(t, retired, connect("catalog", "o/p/alpha", "h2", "2")).Attached)
	assert.Empty(t, fold(t, retired, connect("catalog", "o/p/beta", "h2", "2")).Attached, "resolvers come back for the same stack only")
	assert.Empty(t, fold(t, active, operation(registry.TypeDeactivate)).Attached)

	for name, c := range map[string]struct {
		state   registry.State
		request registry.Request
	}{
		"released before": {released, release("o/p/alpha", "Query.a")},
		"never attached":  {active, release("o/p/alpha", "Query.c")},
		"another stack":   {active, release("o/p/beta", "Query.a")},
		"not in the API":  {inactive, release("o/p/alpha", "Query.a")},
	} {
		events, problem, err := registry.Rules{}.Decide(c.state, c.request)
		require.NoError(t, err)
		assert.Empty(t, events, name)
		require.NotNil(t, problem, name)
		assert.Equal(t, protocol.CodeNotReleasable, problem.Code)
		assert.Contains(t, problem.Message, c.request.Release.Field)
	}
}
