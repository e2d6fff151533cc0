package e2e

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	mover := newMover(w, client)
	var group sync.WaitGroup
	for i := range commands {
		group.Go(func() {
			data := mover.move(i + 1)
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
	t.Logf("%d of %d accepted, the others gave up with CONFLICT; %d times one was sent again", len(accepted), commands, mover.again.Load())
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

// late is how long a request takes at least that fails because the computer is slow.
// AppSync gives one 30 s, and so does Lambda, whose environments it waits for.
const late = 10 * time.Second

// mover sends commands, and again those that the computer was too slow for: when Lambda has
// no environment left, or the time of a request was over. A client would do so too, as
// the command's id makes that safe. What fails without having taken long is not sent again.
type mover struct {
	*world
	client graphqlclient.Client
	// answered is when a command was answered last, again how often one was sent again.
	answered atomic.Int64
	again    atomic.Int64
}

func newMover(w *world, client graphqlclient.Client) *mover {
	m := &mover{world: w, client: client}
	m.answered.Store(time.Now().UnixNano())
	return m
}

// move sends one of the commands.
func (m *mover) move(number int) moved {
	query := fmt.Sprintf(`mutation { result: updateCustomerAddress(customerId: "busy", address: "street %[1]d", commandId: "move-%[1]d") { status code version } }`, number)
	for {
		var data struct{ Result moved }
		sent := time.Now()
		err := m.client.Data(m.t.Context(), &data, query, nil)
		if err == nil {
			m.answered.Store(time.Now().UnixNano())
			return data.Result
		}
		slow := strings.Contains(err.Error(), "TooManyRequestsException") || time.Since(sent) > late
		if !slow || time.Since(time.Unix(0, m.answered.Load())) > patience {
			return moved{Status: err.Error()}
		}
		m.again.Add(1)
	}
}
