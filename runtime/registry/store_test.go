package registry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

func newStore() (*eventlogtest.DynamoDB, *registry.Store) {
	db := eventlogtest.New(eventlogtest.Table{Name: "log", Log: true}, eventlogtest.Table{Name: "plugins"}, eventlogtest.Table{Name: "liveness"})
	db.PageSize = 2
	return db, registry.NewStore(db, "log", "plugins", "liveness")
}

// appendConnect records a connect event and returns the state after it.
func appendConnect(t *testing.T, store *registry.Store, state registry.State, plugin, hash, sdl string) registry.State {
	t.Helper()
	packed, err := registry.Pack(sdl)
	require.NoError(t, err)
	request := connect(plugin, "o/p/"+plugin, hash, hash)
	request.Connect.Fragment = packed
	request.ID = "request-" + hash
	events, problem, err := registry.Rules{}.Decide(state, request)
	require.NoError(t, err)
	require.Nil(t, problem)
	state, err = store.Append(context.Background(), state, request, "", events...)
	require.NoError(t, err)
	return state
}

func save(t *testing.T, store *registry.Store, state registry.State, fields ...string) {
	t.Helper()
	row, err := store.Row(context.Background(), state.Plugin)
	require.NoError(t, err)
	row.Show(state, fields)
	require.NoError(t, store.Save(context.Background(), &row))
}

func saveJournal(t *testing.T, store *registry.Store, journal registry.Journal) {
	t.Helper()
	row, err := store.Row(context.Background(), protocol.PlatformPlugin)
	require.NoError(t, err)
	row.Journal, row.Deleted = &journal, row.Status == ""
	require.NoError(t, store.Save(context.Background(), &row))
}

func TestLoad(t *testing.T) {
	t.Parallel()
	_, store := newStore()
	saveJournal(t, store, registry.Journal{Appending: []string{"b"}})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		save(t, store, appendConnect(t, store, registry.State{}, name, name+"1", "type Query { "+name+": Int }"), "Query."+name)
	}
	snapshot, err := store.Load(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, snapshot.Plugins())
	before := snapshot.Entries["b"].State
	assert.Equal(t, "b1", before.Hash)
	assert.Equal(t, []string{"Query.b"}, snapshot.Entries["b"].Row.Fields)

	for _, name := range []string{"b", "c", "f"} {
		appendConnect(t, store, stateOf(snapshot, name), name, name+"2", "type Query { "+name+": String }")
	}
	snapshot, err = store.Load(context.Background(), "c", "f")
	require.NoError(t, err)
	for name, hash := range map[string]string{"a": "a1", "b": "b2", "c": "c2", "f": "f2"} {
		assert.Equal(t, hash, snapshot.Entries[name].State.Hash, name)
		assert.Equal(t, hash != "a1", snapshot.Entries[name].Behind(), name)
	}
	assert.True(t, snapshot.Entries["f"].Recorded["request-f2"])
	sdl, err := store.Fragment(context.Background(), snapshot.Entries["b"].State)
	require.NoError(t, err)
	assert.Equal(t, "type Query { b: String }", sdl)
}

func stateOf(s *registry.Snapshot, name string) registry.State {
	if entry := s.Entries[name]; entry != nil {
		return entry.State
	}
	return registry.State{Plugin: name}
}

func TestLoadRebuildsFromTheLog(t *testing.T) {
	t.Parallel()
	_, store := newStore()
	for i := range 5 {
		name := fmt.Sprint("p", i)
		appendConnect(t, store, appendConnect(t, store, registry.State{}, name, "1", "type Query { a: Int }"), name, "2", "type Query { a: Int }")
	}
	snapshot, err := store.Load(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"p0", "p1", "p2", "p3", "p4"}, snapshot.Served())
	assert.Equal(t, int64(2), snapshot.Entries["p3"].State.LogVersion)
}

func TestRowHidesBookkeeping(t *testing.T) {
	t.Parallel()
	db, store := newStore()
	saveJournal(t, store, registry.Journal{Pushed: "x"})
	require.NoError(t, store.CountAttempt(context.Background(), "catalog"))
	for _, item := range db.Items("plugins") {
		assert.Contains(t, item, "_deleted", "rows with bookkeeping only are hidden")
	}
	save(t, store, appendConnect(t, store, registry.State{}, "catalog", "h1", "type Query { a: Int }"), "Query.a")
	require.NoError(t, store.CountAttempt(context.Background(), "catalog"))
	for _, item := range db.Items("plugins") {
		if _, hidden := item["_deleted"]; !hidden {
			for _, attribute := range []string{"id", "version", "status", "hash", "fields", "extensionPoints"} {
				assert.Contains(t, item, attribute, "non-null in the GraphQL type")
			}
		}
	}
	row, err := store.Row(context.Background(), "catalog")
	require.NoError(t, err)
	assert.Equal(t, int64(2), row.Attempts)
	assert.Equal(t, registry.StatusConnected, row.Status)
}

func TestSaveKeepsAttemptsAndSeesOtherWriters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, store := newStore()
	row, err := store.Row(ctx, "catalog")
	require.NoError(t, err)
	require.NoError(t, store.CountAttempt(ctx, "catalog"))
	row.Record(registry.Outcome{Request: "r1", OK: true})
	require.NoError(t, store.Save(ctx, &row), "attempts that were counted meanwhile do not disturb")
	stored, err := store.Row(ctx, "catalog")
	require.NoError(t, err)
	assert.Equal(t, int64(1), stored.Attempts)
	assert.Len(t, stored.Outcomes, 1)

	require.NoError(t, store.Save(ctx, &stored))
	require.ErrorIs(t, store.Save(ctx, &row), registry.ErrOtherWriter)
}

func TestStoreErrorsAreNotSwallowed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, store := newStore()
	save(t, store, appendConnect(t, store, registry.State{}, "a", "1", "type Query { a: Int }"))
	down := errors.New("down")
	for _, operation := range []string{"Scan", "Query", "GetItem", "PutItem"} {
		db.Before = func(op, _ string) error {
			if op == operation {
				return down
			}
			return nil
		}
		errs := errors.Join(second(store.Load(ctx, "a")), store.CountAttempt(ctx, "a"), second(store.Row(ctx, "a")))
		assert.ErrorIs(t, errs, down, operation)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWorkspace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, store := newStore()
	saveJournal(t, store, registry.Journal{})
	save(t, store, appendConnect(t, store, registry.State{}, "a", "1", "type Query { x: Int }"), "Query.x")
	b := appendConnect(t, store, registry.State{}, "b", "2", "type Query { y: Int }")
	save(t, store, b, "Query.y")
	workspace := registry.NewWorkspace(store, []string{"API_KEY"})

	snapshot, err := store.Load(ctx)
	require.NoError(t, err)
	broken, err := workspace.Sync(ctx, snapshot)
	require.NoError(t, err)
	assert.Empty(t, broken)
	queries := db.Requests()["Query"]
	_, err = workspace.Sync(ctx, snapshot)
	require.NoError(t, err)
	assert.Equal(t, queries, db.Requests()["Query"], "what is held is not read again")

	problems := workspace.Put("b", "trial", "type Query { x: Int y: Int }")
	require.Len(t, problems, 1)
	assert.Equal(t, protocol.CodeFieldConflict, problems[0].Code)
	assert.Equal(t, []string{"Query.y"}, workspace.Fields("b"), "a refused revision changes nothing")
	require.Empty(t, workspace.Put("b", "trial", "type Query { z: Int }"))
	_, err = workspace.Sync(ctx, snapshot)
	require.NoError(t, err)
	assert.Equal(t, []string{"Query.y"}, workspace.Fields("b"), "a trial is undone")

	// The two move a field from one to the other in whatever order they are read.
	save(t, store, appendConnect(t, store, snapshot.Entries["a"].State, "a", "3", "type Query { y: Int }"), "Query.y")
	save(t, store, appendConnect(t, store, b, "b", "4", "type Query { x: Int }"), "Query.x")
	snapshot, err = store.Load(ctx)
	require.NoError(t, err)
	broken, err = workspace.Sync(ctx, snapshot)
	require.NoError(t, err)
	assert.Empty(t, broken)
	composition, problems := workspace.Compose()
	require.Empty(t, problems)
	assert.Equal(t, map[string]string{"Query.x": "b", "Query.y": "a"}, composition.Fields)
}

func TestRowsOfTheFirstRelease(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for status, want := range map[string]string{"CONNECTED": registry.StatusConnected, "DISCONNECTED": registry.StatusRetired} {
		db, store := newStore()
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		number := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
		table := "plugins"
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
			"id": text("catalog"), "version": text("1.0.0"), "status": text(status), "hash": text("h1"), "stack": text("o/p/alpha"), "message": text("no"),
			"_nonce": text("1"), "_connectedEvent": number("1"), "_revision": number("3"),
			"_position": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"Plugin": number("2")}},
		}})
		require.NoError(t, err)
		row, err := store.Row(ctx, "catalog")
		require.NoError(t, err)
		state := row.Shown()
		assert.Equal(t, want, state.Status)
		assert.Equal(t, int64(2), state.LogVersion)
		assert.Equal(t, "1", state.Nonce)
		row.Show(state, nil)
		require.NoError(t, store.Save(ctx, &row))
		again, err := store.Row(ctx, "catalog")
		require.NoError(t, err)
		assert.Equal(t, state, again.Shown())
		assert.Equal(t, "no", again.Message)
	}
}

func TestMessageOfARow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, store := newStore()
	row := registry.Row{ID: "catalog", Answer: "refused", Wiring: "not subscribed"}
	require.NoError(t, store.Save(ctx, &row))
	for _, want := range []string{"refused; not subscribed", "not subscribed", ""} {
		stored, err := store.Row(ctx, "catalog")
		require.NoError(t, err)
		assert.Equal(t, want, stored.Message)
		if stored.Answer == "" {
			stored.Wiring = ""
		}
		stored.Answer = ""
		require.NoError(t, store.Save(ctx, &stored))
	}
}

func TestBeats(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, store := newStore()
	first := registry.Beat{Plugin: "catalog", LastSeen: "2026-01-01T00:00:00.000Z", Minutes: 5, Version: "1.0.0", Stack: "o/p/alpha"}
	second := first
	second.LastSeen = "2026-01-01T00:05:00.000Z"
	for _, b := range []registry.Beat{first, second, second, first} {
		require.NoError(t, store.Beat(ctx, b))
	}
	beats, err := store.Beats(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]registry.Beat{"catalog": second}, beats, "beats that come late change nothing")
	last, err := store.LastBeat(ctx, "catalog")
	require.NoError(t, err)
	assert.Equal(t, second, last)
	last, err = store.LastBeat(ctx, "nobody")
	require.NoError(t, err)
	assert.Zero(t, last)

	without := registry.NewStore(db, "log", "plugins", "")
	require.NoError(t, without.Beat(ctx, registry.Beat{Plugin: "other"}))
	beats, err = without.Beats(ctx)
	require.NoError(t, err)
	assert.Empty(t, beats)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, store := newStore()
	db.PageSize = 0
	state := registry.State{}
	for i := range 3 {
		request := connect("catalog", "o/p/alpha", fmt.Sprint("h", i), fmt.Sprint(i))
		request.ID, request.Connect.Version = fmt.Sprint("request-", i), fmt.Sprintf("1.%d.0", i)
		events, _, err := registry.Rules{}.Decide(state, request)
		require.NoError(t, err)
		state, err = store.Append(ctx, state, request, "", events...)
		require.NoError(t, err)
	}
	require.Equal(t, int64(5), state.LogVersion)
	var seen []string
	for before, pages := int64(0), 0; ; pages++ {
		require.Less(t, pages, 4)
		past, next, err := store.History(ctx, "catalog", before, 2)
		require.NoError(t, err)
		for _, e := range past {
			seen = append(seen, fmt.Sprint(e.Number, " ", e.Type, " ", e.Version, " ", e.CorrelationID))
			assert.NotContains(t, e.Detail, "fragment")
			assert.NotEmpty(t, e.Time)
		}
		if before = next; next == 0 {
			break
		}
	}
	assert.Equal(t, []string{
		"5 PluginSuperseded 1.2.0 request-2", "4 PluginConnected 1.2.0 request-2",
		"3 PluginSuperseded 1.1.0 request-1", "2 PluginConnected 1.1.0 request-1", "1 PluginConnected 1.0.0 request-0",
	}, seen)
	past, next, err := store.History(ctx, "nobody", 0, 2)
	require.NoError(t, err)
	assert.Empty(t, past)
	assert.Zero(t, next)
}
