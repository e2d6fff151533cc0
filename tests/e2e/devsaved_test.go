package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// order places an order of ada's.
const order = `mutation($id: ID!) { placeOrder(orderId: $id, customerId: "ada", lineItems: [{productId: "lamp", quantity: 1}]) { status } }`

// orders are ada's orders in the read model.
const orders = `{ customer(id: "ada") { orderCount } ordersByCustomer(customerId: "ada") { items { id } } }`

func (d *developing) ask(client graphqlclient.Client, query string, variables map[string]any) map[string]any {
	d.t.Helper()
	answer := map[string]any{}
	require.NoError(d.t, client.Data(d.t.Context(), &answer, query, variables))
	return answer
}

// place places an order, and waits until the read models have as many.
func (d *developing) place(client graphqlclient.Client, id string, count int) {
	d.t.Helper()
	answer := d.ask(client, order, map[string]any{"id": id})
	require.Equal(d.t, map[string]any{"status": "ACCEPTED"}, answer["placeOrder"])
	d.ordered(client, count)
}

// ordered waits until the read models have as many orders.
func (d *developing) ordered(client graphqlclient.Client, count int) {
	d.t.Helper()
	until(d.t, func() error {
		answer, err := json.Marshal(d.ask(client, orders, nil))
		var read struct {
			Customer struct{ OrderCount int }
			Orders   struct{ Items []struct{ ID string } } `json:"ordersByCustomer"`
		}
		if err := json.Unmarshal(answer, &read); err != nil {
			return err
		}
		return unless(err == nil && read.Customer.OrderCount == count && len(read.Orders.Items) == count, string(answer))
	})
}

// allSaved waits until nothing has been saved for so long that there is nothing left to save.
func (d *developing) allSaved() {
	d.t.Helper()
	last, since := "", time.Now()
	until(d.t, func() error {
		entries, err := filepath.Glob(filepath.Join(d.folder, ".reventless", "dev", "saved", "alpha", "[0-9]*"))
		require.NoError(d.t, err)
		if now := strings.Join(entries, " "); now != last {
			last, since = now, time.Now()
		}
		return unless(time.Since(since) > 7*time.Second, "saved last is "+last)
	})
}

// deploys says whether a pulumi command of this dev runs; it can be seen on Linux only.
func (d *developing) deploys() bool {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		command, _ := os.ReadFile(name)
		environment, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "environ"))
		if string(command) == "pulumi\n" && strings.Contains(string(environment), "PULUMI_HOME="+d.folder) {
			return true
		}
	}
	return false
}

// unless is an error with a text, unless something holds.
func unless(holds bool, text string) error {
	if holds {
		return nil
	}
	return errors.New(text)
}

// TestDevGoesOn ends dev in each way, and begins another one.
func TestDevGoesOn(t *testing.T) {
	t.Parallel()
	d := develop(t, "catalog", "ordering")
	d.start("--quiet")
	client, _ := d.client(0)
	d.ask(client, addLamp, nil)
	until(t, func() error {
		return unless(d.ask(client, lampArrived, nil)["catalogProduct"] != nil, "the product has not arrived")
	})
	d.ask(client, `mutation { registerCustomer(customerId: "ada", email: "ada@example.com", address: "1 Main Street") { status } }`, nil)
	d.place(client, "one", 1)
	d.end()

	t.Run("ended by Ctrl-C", func(t *testing.T) {
		at := len(d.printed())
		d.edit("catalog/src/products.js", "({ id, name, description, price, categoryId })", "({ id, name, description, price, categoryId, listed: true })")
		d.start("--quiet")
		d.said(at, "goes on with what was saved on")
		again, _ := d.client(at)
		assert.Equal(t, client.URL, again.URL)
		client = again
		for stack, want := range map[string]string{"platform | up in": "no changes", "ordering | up in": "no changes", "catalog  | up in": "6 update"} {
			line, _ := d.said(at, stack)
			assert.Contains(t, line, want, "nothing is deployed but what changed")
		}
		line, _ := d.said(at, "live page")
		plugins := d.plugins(address(line))
		require.Len(t, plugins, 2)
		for _, plugin := range plugins {
			assert.Equal(t, "CONNECTED", plugin.Status, plugin.Name)
		}
		d.ordered(client, 1)
		assert.Equal(t, map[string]any{"status": "REJECTED"}, d.ask(client, order, map[string]any{"id": "one"})["placeOrder"], "the events are there too")
		d.place(client, "two", 2)
	})

	t.Run("killed", func(t *testing.T) {
		d.allSaved()
		d.ask(client, order, map[string]any{"id": "three"})
		require.NoError(t, d.command.Process.Kill())
		_ = d.command.Wait()
		at := len(d.printed())
		d.start("--quiet")
		client, _ = d.client(at)
		d.ask(client, order, map[string]any{"id": "three"}) // refused if it is there
		d.ordered(client, 3)
		d.place(client, "four", 4)
	})

	t.Run("killed while it deploys", func(t *testing.T) {
		d.allSaved()
		at := len(d.printed())
		d.edit("catalog/src/products.js", "listed: true", "listed: false")
		d.said(at, "catalog  | up begins")
		if runtime.GOOS == "linux" {
			until(t, func() error { return unless(d.deploys(), "pulumi does not run") })
		}
		require.NoError(t, d.command.Process.Kill())
		_ = d.command.Wait()
		// It would go on with the local AWS of the next dev, which has the same address.
		until(t, func() error { return unless(!d.deploys(), "pulumi goes on") })
		at = len(d.printed())
		d.start("--quiet")
		client, _ = d.client(at)
		line, _ := d.said(at, "catalog  | up in")
		assert.Contains(t, line, "6 update")
		d.place(client, "five", 5)
		d.end()
	})

	t.Run("saved by other programs", func(t *testing.T) {
		labels, err := filepath.Glob(filepath.Join(d.folder, ".reventless", "dev", "saved", "alpha", "*", "saved.json"))
		require.NoError(t, err)
		require.Len(t, labels, 1)
		require.NoError(t, os.WriteFile(labels[0], []byte(`{"Version": "0.0.1"}`), 0o600))
		at := len(d.printed())
		d.start("--quiet")
		line, _ := d.said(at, "begins empty")
		assert.Contains(t, line, "it was made with reventless 0.0.1")
		client, _ = d.client(at)
		assert.Nil(t, d.ask(client, orders, nil)["customer"])
		assert.FileExists(t, filepath.Join(d.folder, ".reventless", "dev", "saved", "alpha.unusable", "saved.json"))
		d.ask(client, addLamp, nil)
		d.end()
	})

	t.Run("--fresh", func(t *testing.T) {
		at := len(d.printed())
		d.start("--quiet", "--fresh", "--prune")
		client, _ = d.client(at)
		assert.Nil(t, d.ask(client, `{ product(id: "lamp") { name } }`, nil)["product"])
		_, at = d.said(at, "waiting for changes")
		d.manifest("catalog")
		d.said(at, "online-shop-ordering is no project of the manifest any more, and is destroyed")
		d.said(at, "waiting for changes")
		d.end()
		at = len(d.printed())
		d.start("--quiet")
		d.client(at)
		d.end()
		for _, line := range d.printed()[at:] {
			assert.NotContains(t, line, "ordering", "it is gone")
		}
	})
}
