package e2e

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestConcurrentCommands sends 200 commands to one aggregate id at once, and one of
// them twice.
func TestConcurrentCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.up(platform, catalog)
	client := w.client(platform)
	w.ask(client, `mutation { addCategory(categoryId: "busy", name: "name 0") { status } }`)

	const commands = 200
	versions := make([]float64, commands)
	var group sync.WaitGroup
	for i := range commands {
		group.Go(func() {
			var data struct {
				Result struct {
					Status, Code string
					Version      float64
				}
			}
			query := fmt.Sprintf(`mutation { result: renameCategory(categoryId: "busy", name: "name %d", commandId: "rename-%d") { status code version } }`, i+1, i+1)
			if err := client.Data(t.Context(), &data, query, nil); err != nil {
				t.Errorf("command %d: %v", i+1, err)
				return
			}
			if data.Result.Status == "ACCEPTED" {
				versions[i] = data.Result.Version
			} else if data.Result.Code != "CONFLICT" {
				t.Errorf("command %d: %s %s", i+1, data.Result.Status, data.Result.Code)
			}
		})
	}
	group.Wait()
	require.False(t, t.Failed())

	log := w.eventLog("online-shop-catalog-alpha-catalog-Category-events", "busy")
	accepted := map[string]float64{}
	for i, version := range versions {
		if version > 0 {
			accepted[fmt.Sprintf("rename-%d", i+1)] = version
		}
	}
	t.Logf("%d of %d accepted, the others gave up with CONFLICT", len(accepted), commands)
	require.NotEmpty(t, accepted)
	require.Len(t, log, len(accepted)+1, "the accepted ones are in the log, and no others")
	for i, commit := range log {
		assert.EqualValues(t, i+1, commit.seq, "in order, without gaps")
		if i > 0 {
			assert.EqualValues(t, accepted[commit.commandID], commit.seq, "%s, none twice", commit.commandID)
		}
	}

	first := log[1]
	again := w.ask(client, fmt.Sprintf(`mutation { renameCategory(categoryId: "busy", name: "another", commandId: %q) { status version } }`, first.commandID))
	assert.Equal(t, map[string]any{"status": "ACCEPTED", "version": float64(first.seq)}, again["renameCategory"], "the first answer")
	assert.Len(t, w.eventLog("online-shop-catalog-alpha-catalog-Category-events", "busy"), len(log), "no second event")
}
