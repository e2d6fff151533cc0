package e2e

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSlowSchema deploys both plugins at once while AppSync refuses resolvers of new
// fields for 5 seconds after a push and answers 409 during it.
func TestSlowSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(map[string]any{"schema": map[string]any{"creationMillis": 1500, "propagationMillis": 5000, "conflictMillisAfter": 500}})
	w.up(platform)
	// Side by side, ordering cannot read catalog's outputs: here it has no extension.
	w.edit("ordering-aws/Pulumi.yaml",
		"      extensions:\n        CatalogProducts:\n          plugin: catalog\n          extensionPoint: Products\n", "")
	w.edit("ordering-aws/Pulumi.alpha.yaml", "  interstack:\n    dependencies:\n      - organization/online-shop-catalog/alpha\n", "")
	var group sync.WaitGroup
	for _, project := range []string{catalog, ordering} {
		group.Go(func() {
			_, err := w.stack(project).Up(t.Context())
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.False(t, t.Failed())
	client := w.client(platform)
	w.ask(client, addLamp)
	w.ask(client, `mutation { registerCustomer(customerId: "ada", email: "ada@example.com", address: "1 Main Street") { status } }`)
	w.eventually(client, `{ customer(id: "ada") { email } product(id: "lamp") { name } }`, func(data map[string]any) bool {
		return data["customer"] != nil && data["product"] != nil
	})
}
