package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// TestConcurrentCommands sends 200 commands to one aggregate id at once, and one of
// them twice.
func TestConcurrentCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.up(platform, catalog, ordering)
	client := w.client(platform)
	w.ask(client, `mutation { registerCustomer(customerId: "busy", email: "busy@example.com", address: "street 0") { status } }`)

	const commands = 200
	versions := make([]float64, commands)
	var group sync.WaitGroup
	for i := range commands {
		group.Go(func() {
			data := w.move(client, i+1)
			if data.Status == "ACCEPTED" {
				versions[i] = data.Version
			} else if data.Code != "CONFLICT" {
				t.Errorf("command %d: %+v", i+1, data)
			}
		})
	}
	group.Wait()
	require.False(t, t.Failed())

	log := w.eventLog("online-shop-ordering-alpha-ordering-Customer-events", "busy")
	accepted := map[string]float64{}
	for i, version := range versions {
		if version > 0 {
			accepted[fmt.Sprintf("move-%d", i+1)] = version
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
	again := w.ask(client, fmt.Sprintf(`mutation { updateCustomerAddress(customerId: "busy", address: "another", commandId: %q) { status version } }`, first.commandID))
	assert.Equal(t, map[string]any{"status": "ACCEPTED", "version": float64(first.seq)}, again["updateCustomerAddress"], "the first answer")
	assert.Len(t, w.eventLog("online-shop-ordering-alpha-ordering-Customer-events", "busy"), len(log), "no second event")
}

// moved is the answer to a move.
type moved struct {
	Status, Code string
	Version      float64
}

// move sends one of the commands. When Lambda has no environment left for it, it is
// sent again, as a client would: the command's id makes that safe.
func (w *world) move(client graphqlclient.Client, number int) moved {
	query := fmt.Sprintf(`mutation { result: updateCustomerAddress(customerId: "busy", address: "street %[1]d", commandId: "move-%[1]d") { status code version } }`, number)
	for {
		var data struct{ Result moved }
		err := client.Data(w.t.Context(), &data, query, nil)
		if err == nil {
			return data.Result
		}
		if !strings.Contains(err.Error(), "TooManyRequestsException") {
			return moved{Status: err.Error()}
		}
	}
}
