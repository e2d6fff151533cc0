package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

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
			assert.NoError(t, w.upUntilRead(project))
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

// TestMadeAndNotRead deploys a plugin while AppSync makes its data sources and resolvers and
// does not let each of them be read at once, as while it alters the schema. What was made is in
// the state, so that deploying again goes on with it and makes nothing a second time.
func TestMadeAndNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.up(platform)
	w.faults(map[string]any{"schema": map[string]any{"readConflictEvery": 4}})
	_, err := w.stack(catalog).Up(t.Context())
	require.True(t, onlyBusy(err, "reading it back: operation error AppSync: Get"), "%v", err)
	w.faults(map[string]any{"schema": map[string]any{"readConflictEvery": 0}})
	w.up(catalog)
	w.unchanged(catalog)
	client := w.client(platform)
	w.ask(client, addLamp)
}

// upUntilRead deploys a project, and again when nothing but reading what was made failed since
// AppSync altered the schema.
func (w *world) upUntilRead(project string) error {
	for began := time.Now(); ; {
		_, err := w.stack(project).Up(w.t.Context())
		if err == nil || !onlyBusy(err, "reading it back: operation error AppSync: Get") || time.Since(began) > persistence {
			return err
		}
	}
}

// onlyBusy says that all that failed in a run of pulumi is of one kind, and failed since
// AppSync altered the schema.
func onlyBusy(err error, kind string) bool {
	if err == nil {
		return false
	}
	failed := 0
	for line := range strings.Lines(err.Error()) {
		if !strings.Contains(line, "* creating ") && !strings.Contains(line, "* deleting ") && !strings.Contains(line, "* updating ") {
			continue
		}
		failed++
		if !strings.Contains(line, kind) || !strings.Contains(line, "ConcurrentModificationException: Schema is currently being altered") {
			return false
		}
	}
	return failed > 0
}
