package doctor

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

func TestReadRegistryReadsAllPages(t *testing.T) {
	t.Parallel()
	db := eventlogtest.New(eventlogtest.Table{Name: "plugins"}, eventlogtest.Table{Name: "liveness"})
	db.PageSize = 2
	store := registry.NewStore(db, "", "plugins", "liveness")
	for i := range 5 {
		name := fmt.Sprintf("plugin%d", i)
		require.NoError(t, store.Save(t.Context(), &registry.Row{ID: name, Status: registry.StatusConnected}))
		require.NoError(t, store.Beat(t.Context(), registry.Beat{Plugin: name, LastSeen: "2026-03-01T12:00:00.000Z"}))
	}
	require.NoError(t, store.Save(t.Context(), &registry.Row{ID: "hidden", Deleted: true}))
	read, err := readRegistry(t.Context(), store)
	require.NoError(t, err)
	assert.Len(t, read.Rows, 5)
	assert.Len(t, read.Beats, 5)
}

func TestWhatWasAskedIsRemembered(t *testing.T) {
	t.Parallel()
	var memory sync.Map
	asked := 0
	for range 2 {
		_, err := remember(&memory, "key", func() (int, error) { asked++; return 0, errors.New("denied") })
		require.ErrorContains(t, err, "denied")
	}
	assert.Equal(t, 1, asked)
}
