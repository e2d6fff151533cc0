package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

const (
	platform = "platform-aws"
	catalog  = "catalog-aws"
	ordering = "ordering-aws"
	shipping = "shipping-aws"

	addLamp = `mutation {
		addCategory(categoryId: "lighting", name: "Lighting") { status }
		addProduct(productId: "lamp", name: "Reading lamp", description: "Gives light.",
			price: {amount: 4990, currency: "EUR"}, categoryId: "lighting") { status version }
	}`
	lampArrived = `{ catalogProduct(id: "lamp") { name available price { amount currency } } }`
	orderLamp   = `mutation {
		registerCustomer(customerId: "ada", email: "ada@example.com", address: "1 Main Street") { status }
		placeOrder(orderId: "order-1", customerId: "ada", lineItems: [{productId: "lamp", quantity: 2}]) { status }
	}`
	lampOrder = `{ order(id: "order-1") { lifecycle itemCount lines { productId quantity } } catalogProduct(id: "lamp") { name } }`
)

// TestShop tells the life of the shop: deployed, used, changed, taken down and gone.
func TestShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.inventory()
	w.up(platform, catalog, ordering)
	client := w.client(platform)

	w.step("the API's log is kept as long as the class says", func(t *testing.T) {
		assert.Equal(t, map[string]int{w.apiLog(client): 30}, w.apiLogs())
		w.permitted(platform)
	})

	require.True(t, w.step("an order is placed across the plugins", func(t *testing.T) {
		w.ask(client, addLamp)
		w.eventually(client, lampArrived, present("catalogProduct"))
		w.ask(client, orderLamp)
		data := w.eventually(client, lampOrder, present("order"))
		assert.Equal(t, map[string]any{
			"lifecycle": "PLACED", "itemCount": 2.0,
			"lines": []any{map[string]any{"productId": "lamp", "quantity": 2.0}},
		}, data["order"])
		assert.Equal(t, map[string]any{"name": "Reading lamp"}, data["catalogProduct"], "the name from the catalog's event")
	}))

	w.step("lists page and indexes select", func(t *testing.T) {
		w.ask(client, `mutation { addCategory(categoryId: "outdoor", name: "Outdoor") { status } }`)
		w.ask(client, `mutation { a: addProduct(productId: "torch", name: "Torch", description: "", price: {amount: 1, currency: "EUR"}, categoryId: "outdoor") { status } }`)
		w.eventually(client, `{ product(id: "torch") { name } }`, present("product"))
		page := w.ask(client, `{ products(limit: 1) { items { id } nextToken } }`)["products"].(map[string]any)
		assert.Len(t, page["items"], 1)
		assert.NotNil(t, page["nextToken"])
		byCategory := w.eventually(client, `{ productsByCategory(categoryId: "lighting") { items { name } } }`, present("productsByCategory"))
		assert.Equal(t, map[string]any{"items": []any{map[string]any{"name": "Reading lamp"}}}, byCategory["productsByCategory"])
	})

	w.step("a refusal of the domain is an answer", func(t *testing.T) {
		answer := w.ask(client, `mutation { addProduct(productId: "lamp", name: "x", description: "x", price: {amount: 1, currency: "EUR"}, categoryId: "x") { status code version } }`)
		assert.Equal(t, map[string]any{"status": "REJECTED", "code": "ProductAlreadyExists", "version": 2.0}, answer["addProduct"])
	})

	w.step("another up changes nothing", func(t *testing.T) {
		pushes := w.requests("appsync.StartSchemaCreation")
		w.unchanged(platform, catalog, ordering)
		assert.Equal(t, pushes, w.requests("appsync.StartSchemaCreation"), "schema pushes")
	})

	w.step("a refresh finds no drift", func(t *testing.T) {
		for _, project := range []string{platform, catalog, ordering} {
			_, err := w.stack(project).Refresh(t.Context(), "--expect-no-changes")
			require.NoError(t, err)
		}
	})

	w.step("a changed handler changes its plugin's functions alone", func(t *testing.T) {
		w.edit("catalog/src/products.js", "({ id, name, description, price, categoryId })", "({ id, name, description, price, categoryId, listed: true })")
		printed, err := w.stack(catalog).Up(t.Context())
		require.NoError(t, err)
		for line := range strings.Lines(printed) {
			if strings.Contains(line, "updated (") {
				assert.Contains(t, line, "aws:lambda:Function")
			}
			assert.NotContains(t, line, "created (")
			assert.NotContains(t, line, "replaced")
		}
		assert.Contains(t, printed, "~ 6 updated")
		w.unchanged(platform, ordering)
	})

	w.step("a platform with plugins is not destroyed", func(t *testing.T) {
		w.disposable(platform) // or it would be kept for its users
		w.up(platform)
		before := w.inventory()
		_, err := w.stack(platform).Destroy(t.Context())
		require.Error(t, err)
		assert.Contains(t, err.Error(), "catalog")
		assert.Contains(t, err.Error(), "ordering")
		assert.Equal(t, before, w.inventory())
		w.unchanged(platform)
	})

	w.step("a revision drops and renames fields in one up", func(t *testing.T) {
		w.edit("catalog/schema.graphql", "  \"All categories, the archived ones among them, in no order.\"\n  categories(limit: Int, nextToken: String): CategoryConnection!\n", "", "  category(id: ID!): Category\n", "  productCategory(id: ID!): Category\n")
		w.edit("catalog-aws/Pulumi.yaml", "              categories: {list: true}\n", "", "              category: {get: id}\n", "              productCategory: {get: id}\n")
		w.up(catalog)
		until(t, func() error {
			return missing(w.rootFields(client), "categories", "category")
		})
		assert.Contains(t, w.rootFields(client), "productCategory")
		assert.Contains(t, w.rootFields(client), "products")
		for _, item := range w.inventory() {
			assert.False(t, strings.HasSuffix(item, "Query.categories") || strings.HasSuffix(item, "Query.category"), "orphaned resolver: %s", item)
		}
		assert.NotNil(t, w.ask(client, `{ productCategory(id: "lighting") { name } }`)["productCategory"])
		w.unchanged(catalog)
	})

	w.step("a platform with another admin schema drops no plugin's field", func(t *testing.T) {
		before := w.rootFields(client)
		const sdl = "\nextend type Query { Platform_motto: String }"
		fragment, problems := schema.ParseFragment(protocol.PlatformPlugin, "platform.graphql", schema.PlatformSDL+sdl)
		require.Empty(t, problems)
		result := w.connect("online-shop-platform-alpha-platform-connect", protocol.ConnectRequest{
			Plugin: protocol.PlatformPlugin, Version: "99.0.0", Stack: "organization/online-shop-platform/alpha",
			Fragment: fragment.SDL(), Hash: schema.Hash("99.0.0", fragment.SDL(), nil), Nonce: "upgrade",
			Lifecycle: &protocol.Lifecycle{Action: protocol.ActionUpdate},
		})
		require.True(t, result.OK, "%v", result.Problems)
		assert.ElementsMatch(t, append(before, "Platform_motto"), w.rootFields(client))

		w.up(platform) // it finds out that the registry has another revision than its own
		assert.Equal(t, before, w.rootFields(client))
		w.unchanged(platform)
	})

	w.step("a destroyed plugin takes its fields with it", func(t *testing.T) {
		before := w.rootFields(client)
		w.destroy(ordering)
		after := w.rootFields(client)
		assert.NotContains(t, after, "order")
		assert.NotContains(t, after, "placeOrder")
		assert.NotNil(t, w.ask(client, `{ product(id: "lamp") { name } }`)["product"])
		w.up(ordering)
		assert.Equal(t, before, w.rootFields(client))
		// What was published before is not published again: the new ordering knows no product yet.
		w.ask(client, `mutation { addProduct(productId: "bulb", name: "Bulb", description: "", price: {amount: 1, currency: "EUR"}, categoryId: "lighting") { status } }`)
		w.eventually(client, `{ catalogProduct(id: "bulb") { name } }`, present("catalogProduct"))
		w.ask(client, `mutation { placeOrder(orderId: "order-2", customerId: "ada", lineItems: [{productId: "bulb"}]) { status } }`)
		w.eventually(client, `{ order(id: "order-2") { lifecycle } }`, present("order"))
	})

	w.step("what is destroyed leaves nothing behind", func(t *testing.T) {
		w.destroy(ordering, catalog, platform)
		assert.Equal(t, empty, w.inventory())
	})
}

// TestMonolith deploys platform and plugins by one program into one stack.
func TestMonolith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.inventory()
	const monolith = "monolith-aws"
	w.disposable(monolith)
	_, err := w.stack(monolith).Preview(t.Context())
	require.NoError(t, err, "the first preview, before anything exists")
	w.up(monolith)
	client := w.client(monolith)
	w.ask(client, addLamp)
	w.eventually(client, lampArrived, present("catalogProduct"))
	w.ask(client, orderLamp)
	w.eventually(client, lampOrder, present("order"))
	w.unchanged(monolith)
	w.permitted(monolith)
	w.destroy(monolith)
	assert.Equal(t, empty, w.inventory())
}

// missing wants none of the unwanted names to be among names.
func missing(names []string, unwanted ...string) error {
	for _, name := range names {
		for _, other := range unwanted {
			if name == other {
				return fmt.Errorf("%s is still a field", name)
			}
		}
	}
	return nil
}
