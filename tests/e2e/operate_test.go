package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOperating changes what is deployed while it is at work: it deploys the owner of an
// extension point anew, rebuilds a read model and brings back what was given up.
func TestOperating(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.disposable(platform)
	w.up(platform, catalog, ordering)
	shop := domain{w, w.client(platform)}
	shop.accepted(`addCategory(categoryId: "lighting", name: "Lighting")`)

	w.step("a plugin is deployed anew, and who extends it misses nothing", func(t *testing.T) {
		w.edit("catalog/src/products.js",
			"({ id, name, description, price, categoryId })", "({ id, name, description: `${description}!`, price, categoryId })",
			"export const project = (row, event) => {\n", "export const project = (row, event) => {\n  if (event.data.name === 'poison') throw new Error('This handler cannot read it.');\n")
		added := shop.meanwhile(t, func(i int) {
			shop.accepted(fmt.Sprintf(`addProduct(productId: "p-%d", name: "n", description: "d", price: {amount: 1, currency: "EUR"}, categoryId: "lighting")`, i))
		}, func() { w.up(catalog) })
		t.Logf("%d products were added meanwhile", added)
		for i := range added {
			w.eventually(shop.client, fmt.Sprintf(`{ availableProduct(id: "p-%d") { name } }`, i), present("availableProduct"))
		}
	})

	w.step("a read model is rebuilt, and no live event is lost", func(t *testing.T) {
		const products = 20
		for i := range products {
			shop.command(fmt.Sprintf(`addProduct(productId: "p-%d", name: "n", description: "d", price: {amount: 1, currency: "EUR"}, categoryId: "lighting")`, i))
		}
		w.edit("catalog/src/products.js", "`${description}!`", "`${description}?`")
		w.up(catalog)
		var look struct{ Differ int }
		require.NoError(t, json.Unmarshal(w.reventless(catalog, "rebuild", "Products", "--dry-run", "-o", "json"), &look))
		assert.Positive(t, look.Differ)

		var done struct{ Status string }
		changed := shop.meanwhile(t, func(i int) {
			shop.accepted(fmt.Sprintf(`changeProductPrice(productId: "p-%d", price: {amount: %d, currency: "EUR"})`, i%products, 100+i))
		}, func() {
			require.NoError(t, json.Unmarshal(w.reventless(catalog, "rebuild", "Products", "-o", "json"), &done))
		})
		t.Logf("%d prices were changed meanwhile", changed)
		for i := range products {
			price := 1.0
			if changed > i {
				price = float64(100 + i + (changed-1-i)/products*products)
			}
			want := map[string]any{"description": "d?", "price": map[string]any{"amount": price}}
			w.eventually(shop.client, fmt.Sprintf(`{ product(id: "p-%d") { description price { amount } } }`, i), func(data map[string]any) bool {
				return assert.ObjectsAreEqual(want, data["product"])
			})
		}
		require.NoError(t, json.Unmarshal(w.reventless(catalog, "rebuild", "Products", "--dry-run", "-o", "json"), &look))
		assert.Zero(t, look.Differ)
	})

	w.step("what was given up is found and brought back", func(t *testing.T) {
		shop.accepted(`addProduct(productId: "bad", name: "poison", description: "d", price: {amount: 1, currency: "EUR"}, categoryId: "lighting")`)
		shop.accepted(`addProduct(productId: "good", name: "n", description: "d", price: {amount: 1, currency: "EUR"}, categoryId: "lighting")`)
		w.eventually(shop.client, `{ product(id: "good") { name } }`, present("product"))
		until(t, func() error { return w.letters("online-shop-catalog-alpha-catalog-stream-failures") })
		assert.Equal(t, 1, shop.deadLetters("stream-failures"))
		shown := string(w.reventless(catalog, "dlq", "show", "stream-failures"))
		assert.Contains(t, shown, "online-shop-catalog-alpha-catalog-projections")
		assert.NotContains(t, shown, "poison", "payloads are not shown unless asked for")

		w.edit("catalog/src/products.js", "  if (event.data.name === 'poison') throw new Error('This handler cannot read it.');\n", "")
		w.up(catalog)
		w.reventless(catalog, "dlq", "redrive", "stream-failures")
		w.eventually(shop.client, `{ product(id: "bad") { name } }`, present("product"))
		assert.Zero(t, shop.deadLetters("stream-failures"))
	})
	w.destroy(ordering, catalog, platform)
}

// meanwhile does something and until it is done does something else, one after the other.
// It returns how often it did that.
func (d domain) meanwhile(t *testing.T, again func(i int), do func()) int {
	t.Helper()
	var stop atomic.Bool
	count := make(chan int, 1)
	go func() {
		i := 0
		defer func() { count <- i }()
		for ; !stop.Load() && !t.Failed(); i++ {
			again(i)
			time.Sleep(10 * time.Millisecond)
		}
	}()
	do()
	stop.Store(true)
	return <-count
}

// deadLetters is how many messages the command line finds in a part's dead-letter queue.
func (d domain) deadLetters(part string) int {
	d.t.Helper()
	var queues []struct {
		Owner, Part string
		Messages    int
	}
	require.NoError(d.t, json.Unmarshal(d.reventless(catalog, "dlq", "list", "-o", "json"), &queues))
	for _, queue := range queues {
		if queue.Owner == "catalog" && queue.Part == part {
			return queue.Messages
		}
	}
	require.Fail(d.t, "no such queue", "%s in %+v", part, queues)
	return 0
}

// reventless runs the command line in a project and returns what it prints.
func (w *world) reventless(project string, arguments ...string) []byte {
	w.t.Helper()
	command := w.program("bin/reventless", append([]string{"--cwd", filepath.Join(w.projects, project), "--stack", "alpha"}, arguments...)...)
	var talk bytes.Buffer
	command.Stderr = &talk
	printed, err := command.Output()
	require.NoError(w.t, err, "reventless %q: %s%s", arguments, printed, talk.String())
	return printed
}

// program is a program of the repository, to be run as a user of the workspace would.
func (w *world) program(name string, arguments ...string) *exec.Cmd {
	w.t.Helper()
	root := moduleRoot(w.t)
	command := exec.CommandContext(w.t.Context(), filepath.Join(root, filepath.FromSlash(name)), arguments...)
	command.Env = append(os.Environ(), w.workspace.Variables()...)
	command.Env = append(command.Env, "PATH="+filepath.Join(root, ".tools", "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	return command
}
