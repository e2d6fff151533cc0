package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

func TestConnectedPluginsOfTheRegistry(t *testing.T) {
	t.Parallel()
	db := eventlogtest.New(eventlogtest.Table{Name: "log", Log: true}, eventlogtest.Table{Name: "plugins"})
	store := registry.NewStore(db, "log", "plugins", "")
	packed, err := registry.Pack("type Query { shelf: Int }")
	require.NoError(t, err)
	request := registry.Request{ID: "1", Type: registry.TypeConnect, Connect: &registry.Connect{
		Plugin: "shelf", Version: "1.0.0", Stack: "o/shelf/alpha", Hash: "h", Nonce: "1", Fragment: packed,
	}}
	events, problem, err := registry.Rules{}.Decide(registry.State{}, request)
	require.NoError(t, err)
	require.Nil(t, problem)
	state, err := store.Append(t.Context(), registry.State{}, request, "2026-03-01T12:00:00Z", events...)
	require.NoError(t, err)
	row := registry.Row{ID: "shelf"}
	row.Show(state, []string{"Query.shelf"})
	require.NoError(t, store.Save(t.Context(), &row))

	found, err := connected(t.Context(), db, stack.Platform{PluginsTable: "plugins", LogTable: "log"})
	require.NoError(t, err)
	want := Connected{Plugin: "shelf", Version: "1.0.0", Stack: "o/shelf/alpha", Fields: []string{"Query.shelf"}, Fragment: "type Query { shelf: Int }"}
	assert.Equal(t, []Connected{want}, found)
}
