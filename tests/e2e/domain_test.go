package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// domain is the whole shop, deployed.
type domain struct {
	*world
	client graphqlclient.Client
}

// TestDomain follows orders through the three plugins.
func TestDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.inventory()
	w.disposable(platform)
	w.up(platform, catalog, ordering, shipping)
	w.unchanged(catalog, ordering, shipping)
	w.permitted(platform, catalog, ordering, shipping)
	shop := domain{w, w.client(platform)}
	require.True(t, w.step("products reach ordering", shop.fill))
	for _, part := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"a product needs a category that takes some", shop.categories},
		{"an order is shipped by shipping and counted by the catalog", shop.standard},
		{"an express order ships itself", shop.express},
		{"a cancelled order is not wanted any more, and refunded once", shop.cancelled},
		{"a withdrawn product cannot be ordered", shop.withdrawn},
		{"an order is confirmed by mail, if there is a mailbox", shop.confirmed},
		{"a supplier's file becomes products", shop.imported},
		{"a basket is added up", shop.basket},
		{"customers see and change what is their own", shop.owners},
		{"an order that nobody dispatches is overdue", shop.overdue},
	} {
		w.step(part.name, part.do)
	}
	w.step("what is destroyed leaves nothing behind", func(t *testing.T) {
		w.destroy(shipping, ordering, catalog, platform)
		assert.Equal(t, empty, w.inventory())
	})
}

func (d domain) fill(t *testing.T) {
	d.accepted(`addCategory(categoryId: "lighting", name: "Lighting")`)
	for id, amount := range map[string]int{"lamp": 4990, "torch": 1250} {
		d.accepted(fmt.Sprintf(`addProduct(productId: %[1]q, name: %[1]q, description: "", price: {amount: %d, currency: "EUR"}, categoryId: "lighting")`, id, amount))
		d.eventually(d.client, fmt.Sprintf(`{ availableProduct(id: %q) { name } }`, id), present("availableProduct"))
	}
}

func (d domain) categories(t *testing.T) {
	add := `addProduct(productId: "rake", name: "Rake", description: "", price: {amount: 1, currency: "EUR"}, categoryId: "garden")`
	assert.Equal(t, "CategoryNotFound", d.command(add)["code"])
	d.accepted(`addCategory(categoryId: "garden", name: "Garden")`)
	d.accepted(`archiveCategory(categoryId: "garden")`)
	assert.Equal(t, "CategoryNotFound", d.command(add)["code"])
	d.accepted(`unarchiveCategory(categoryId: "garden")`)
	d.accepted(add)
	assert.Equal(t, "ProductAlreadyExists", d.command(add)["code"])
}

func (d domain) standard(t *testing.T) {
	changes := d.subscribe(d.client, `subscription { orderChanged(id: "o-standard") { lifecycle } }`)
	d.accepted(`placeOrder(orderId: "o-standard", customerId: "ada", lineItems: [{productId: "lamp", quantity: 2}, {productId: "torch"}, {productId: "lamp"}])`)
	assert.Equal(t, "OrderAlreadyPlaced", d.command(`placeOrder(orderId: "o-standard", customerId: "ada", lineItems: [{productId: "lamp"}])`)["code"])
	d.eventually(d.client, `{ shipment(id: "o-standard") { status } }`, present("shipment"))
	d.wanted("lamp", 1)
	d.wanted("torch", 1)
	assert.Equal(t, "ShipmentNotFound", d.command(`dispatchShipment(orderId: "o-nothing")`)["code"])
	d.accepted(`dispatchShipment(orderId: "o-standard")`)
	order := d.lifecycle("o-standard", "SHIPPED")
	assert.Equal(t, map[string]any{"amount": 3*4990.0 + 1250, "currency": "EUR"}, order["total"])
	d.eventually(d.client, `{ shipment(id: "o-standard") { status } }`, shipmentIs("REPORTED"))
	for _, lifecycle := range []string{"PLACED", "SHIPPED"} {
		assert.Equal(t, map[string]any{"lifecycle": lifecycle}, d.next(changes)["orderChanged"])
	}
	d.eventually(d.client, `{ customer(id: "ada") { orderCount email } }`, func(data map[string]any) bool {
		customer, _ := data["customer"].(map[string]any)
		return customer != nil && customer["orderCount"] == 1.0 && customer["email"] == nil
	})
}

func (d domain) express(t *testing.T) {
	d.accepted(`placeOrder(orderId: "o-express", customerId: "bob", shippingMethod: EXPRESS, lineItems: [{productId: "torch"}])`)
	d.lifecycle("o-express", "SHIPPED")
	assert.Nil(t, d.ask(d.client, `{ shipment(id: "o-express") { status } }`)["shipment"])
}

func (d domain) cancelled(t *testing.T) {
	d.accepted(`placeOrder(orderId: "o-cancelled", customerId: "bob", lineItems: [{productId: "lamp"}])`)
	d.wanted("lamp", 2)
	d.eventually(d.client, `{ shipment(id: "o-cancelled") { status } }`, present("shipment"))
	outcomes := d.subscribe(d.client, `subscription { Platform_commandCompleted(id: "o-cancelled") { status code } }`)
	refund := func() map[string]any {
		assert.Equal(t, "PENDING", d.command(`requestRefund(orderId: "o-cancelled", reason: "changed my mind")`)["status"])
		return d.next(outcomes)["Platform_commandCompleted"].(map[string]any)
	}
	assert.Equal(t, "REJECTED", refund()["status"], "it is not cancelled yet")
	d.accepted(`cancelOrder(orderId: "o-cancelled")`)
	d.eventually(d.client, `{ shipment(id: "o-cancelled") { status } }`, shipmentIs("CANCELLED"))
	d.wanted("lamp", 1)
	assert.Equal(t, "ACCEPTED", refund()["status"])
	assert.Equal(t, "ShipmentAlreadyCancelled", d.command(`dispatchShipment(orderId: "o-cancelled")`)["code"])
}

func (d domain) withdrawn(t *testing.T) {
	place := func(order string) map[string]any {
		return d.command(fmt.Sprintf(`placeOrder(orderId: %q, customerId: "bob", lineItems: [{productId: "torch"}])`, order))
	}
	available := func(wanted bool) {
		d.eventually(d.client, `{ catalogProduct(id: "torch") { available } }`, func(data map[string]any) bool {
			return data["catalogProduct"].(map[string]any)["available"] == wanted
		})
	}
	d.accepted(`archiveProduct(productId: "torch")`)
	available(false)
	assert.Equal(t, "ProductsNotAvailable", place("o-withdrawn")["code"])
	d.accepted(`unarchiveProduct(productId: "torch")`)
	available(true)
	assert.Equal(t, "ACCEPTED", place("o-withdrawn")["status"])
}

func (d domain) confirmed(t *testing.T) {
	d.accepted(`placeOrder(orderId: "o-bounce", customerId: "bounce-1", lineItems: [{productId: "lamp"}])`)
	confirmation := func(order, status string) map[string]any {
		query := fmt.Sprintf(`{ orderConfirmation(id: %q) { _status _attempt _error _result { sentTo } } }`, order)
		data := d.eventually(d.client, query, func(data map[string]any) bool {
			row, _ := data["orderConfirmation"].(map[string]any)
			return row != nil && row["_status"] == status
		})
		return data["orderConfirmation"].(map[string]any)
	}
	assert.Equal(t, map[string]any{"sentTo": "ada@example.com"}, confirmation("o-standard", "COMPLETED")["_result"])
	bounced := confirmation("o-bounce", "GIVEN_UP")
	assert.Equal(t, 3.0, bounced["_attempt"])
	assert.Contains(t, bounced["_error"], "does not exist")
}

// imported puts a file with more lines than go into one turn into the bucket.
func (d domain) imported(t *testing.T) {
	const products = 210
	var file strings.Builder
	file.WriteString("sku,title,desc,unitPrice,currency,category\n")
	for i := range products {
		fmt.Fprintf(&file, "bulk-%d,\"Bulb, No. %d\",\"glows \"\"warm\"\"\",%d,EUR,lighting\n", i, i, 100+i)
	}
	file.WriteString("broken line\n")
	buckets, err := d.s3().ListBuckets(t.Context(), &s3.ListBucketsInput{})
	require.NoError(t, err)
	require.Len(t, buckets.Buckets, 1)
	d.upload(aws.ToString(buckets.Buckets[0].Name), "März 2026.csv", file.String())
	until(t, func() error {
		if have := d.rows("online-shop-catalog-alpha-catalog-Products-rows", "bulk-"); have < products {
			return fmt.Errorf("%d of %d products are there", have, products)
		}
		return nil
	})
	for _, i := range []int{0, 199, 200, products - 1} {
		data := d.eventually(d.client, fmt.Sprintf(`{ product(id: "bulk-%d") { name description price { amount } } }`, i), present("product"))
		assert.Equal(t, map[string]any{"name": fmt.Sprintf("Bulb, No. %d", i), "description": `glows "warm"`,
			"price": map[string]any{"amount": 100.0 + float64(i)}}, data["product"])
	}
	refused := d.command(`importProduct(sku: "one", title: "One", desc: "", unitPrice: 1, currency: "XXX", category: "lighting", commandId: "import-1")`)
	assert.Equal(t, "UnknownCurrency", refused["code"])
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "UnknownCurrency"},
		d.ask(d.client, `{ productImport(id: "import-1") { status code } }`)["productImport"])
}

func (d domain) basket(t *testing.T) {
	answer := d.ask(d.client, `{ basket(productIds: ["lamp", "torch", "lamp", "none"]) { total { amount } items { id } } }`)
	assert.Equal(t, map[string]any{
		"total": map[string]any{"amount": 2*4990.0 + 1250}, "items": []any{map[string]any{"id": "lamp"}, map[string]any{"id": "torch"}, map[string]any{"id": "lamp"}},
	}, answer["basket"])
}

func (d domain) overdue(t *testing.T) {
	d.accepted(`placeOrder(orderId: "o-late", customerId: "ada", lineItems: [{productId: "lamp"}])`)
	d.eventually(d.client, `{ shipment(id: "o-late") { status } }`, present("shipment"))
	until(t, func() error {
		for _, item := range d.inventory() {
			if strings.Contains(item, "/Overdue-") {
				return nil
			}
		}
		return fmt.Errorf("nothing is scheduled")
	})
	d.advance(49 * time.Hour)
	d.eventually(d.client, `{ shipment(id: "o-late") { status } }`, shipmentIs("OVERDUE"))
}

// command sends a mutation and returns its result.
func (d domain) command(mutation string) map[string]any {
	d.t.Helper()
	return d.ask(d.client, `mutation { result: `+mutation+` { status code } }`)["result"].(map[string]any)
}

// accepted sends a mutation whose command must be accepted.
func (d domain) accepted(mutation string) {
	d.t.Helper()
	require.Equal(d.t, map[string]any{"status": "ACCEPTED", "code": nil}, d.command(mutation), mutation)
}

// wanted waits until so many orders want a product.
func (d domain) wanted(product string, orders int) {
	d.t.Helper()
	d.eventually(d.client, fmt.Sprintf(`{ productDemand(id: %q) { orderCount } }`, product), func(data map[string]any) bool {
		demand, _ := data["productDemand"].(map[string]any)
		return demand != nil && demand["orderCount"] == float64(orders)
	})
}

// lifecycle waits until an order has come so far.
func (d domain) lifecycle(order, lifecycle string) map[string]any {
	d.t.Helper()
	data := d.eventually(d.client, fmt.Sprintf(`{ order(id: %q) { lifecycle total { amount currency } } }`, order), func(data map[string]any) bool {
		found, _ := data["order"].(map[string]any)
		return found != nil && found["lifecycle"] == lifecycle
	})
	return data["order"].(map[string]any)
}

// shipmentIs says whether a shipment has come so far.
func shipmentIs(status string) func(map[string]any) bool {
	return func(data map[string]any) bool {
		return assert.ObjectsAreEqual(map[string]any{"status": status}, data["shipment"])
	}
}
