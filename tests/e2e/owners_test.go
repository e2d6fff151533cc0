package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// owners is the story of two customers, of whom each sees and changes what is its own, and
// of those who see all.
func (d domain) owners(t *testing.T) {
	mia, miaID := d.user(platform, "mia", "Shopper")
	bob, bobID := d.user(platform, "bob")
	fulfil, _ := d.user(platform, "fay", "Fulfilment")
	as := func(client graphqlclient.Client) domain { return domain{d.world, client} }
	order := func(id, more string) string {
		return fmt.Sprintf(`placeOrder(orderId: %q, lineItems: [{productId: "lamp"}]%s)`, id, more)
	}
	register := func(id string) string {
		return fmt.Sprintf(`registerCustomer(customerId: %q, email: "a@example.com", address: "x")`, id)
	}
	forMia := fmt.Sprintf(", customerId: %q", miaID)

	as(mia).accepted(register(miaID))
	as(mia).accepted(order("m-1", ""))
	as(bob).accepted(register(bobID))
	as(bob).accepted(order("b-1", ""))
	as(fulfil).accepted(order("m-2", forMia))
	for _, command := range []string{order("m-3", forMia), `cancelOrder(orderId: "m-1")`, register("somebody"), fmt.Sprintf(`deactivateCustomer(customerId: %q)`, miaID)} {
		assert.Equal(t, "NotOwner", as(bob).command(command)["code"], command)
	}
	for _, id := range []string{"m-1", "m-2", "b-1"} {
		d.eventually(d.client, fmt.Sprintf(`{ order(id: %q) { id } shipment(id: %[1]q) { id } orderConfirmation(id: %[1]q) { id } }`, id), func(data map[string]any) bool {
			return data["order"] != nil && data["shipment"] != nil && data["orderConfirmation"] != nil
		})
	}
	for _, id := range []string{miaID, bobID} {
		d.eventually(d.client, fmt.Sprintf(`{ customer(id: %q) { email } }`, id), present("customer"))
	}

	t.Run("rows by key", func(t *testing.T) {
		query := fmt.Sprintf(`{ mine: order(id: "m-1") { id } theirs: order(id: "b-1") { id } none: order(id: "x-1") { id } me: customer(id: %q) { id } them: customer(id: %q) { id }
			mail: orderConfirmation(id: "m-2") { id } theirMail: orderConfirmation(id: "b-1") { id } way: shipment(id: "m-1") { id } theirWay: shipment(id: "b-1") { id } }`, miaID, bobID)
		row := func(id string) map[string]any { return map[string]any{"id": id} }
		assert.Equal(t, map[string]any{"mine": row("m-1"), "theirs": nil, "none": nil, "me": row(miaID), "them": nil,
			"mail": row("m-2"), "theirMail": nil, "way": row("m-1"), "theirWay": nil}, d.ask(mia, query))
		for alias, found := range d.ask(fulfil, query) {
			assert.Equal(t, alias == "none", found == nil, alias)
		}
	})
	t.Run("pages", func(t *testing.T) {
		query := fmt.Sprintf(`{ orders { items { id } } shipments { items { id } } own: ordersByCustomer(customerId: %q) { items { id } } theirs: ordersByCustomer(customerId: %q) { items { id } } }`, miaID, bobID)
		pages := d.ask(mia, query)
		for _, field := range []string{"orders", "shipments", "own"} {
			assert.Equal(t, []string{"m-1", "m-2"}, ids(pages[field]), field)
		}
		assert.Empty(t, ids(pages["theirs"]))
		pages = d.ask(fulfil, query)
		for _, field := range []string{"orders", "shipments"} {
			assert.Subset(t, ids(pages[field]), []string{"m-1", "b-1", "o-standard"}, field)
		}
		assert.Equal(t, []string{"b-1"}, ids(pages["theirs"]))
	})
	t.Run("pages go on where they ended", func(t *testing.T) {
		first := d.ask(mia, `{ orders(limit: 1) { items { id } nextToken } }`)["orders"].(map[string]any)
		require.Len(t, ids(first), 1)
		second := d.ask(mia, fmt.Sprintf(`{ orders(nextToken: %q) { items { id } } }`, first["nextToken"]))["orders"]
		assert.ElementsMatch(t, []string{"m-1", "m-2"}, append(ids(first), ids(second)...))
	})
	t.Run("signed requests see all", func(t *testing.T) {
		program := graphqlclient.Client{URL: mia.URL, Region: "eu-west-1", Credentials: d.aws().Credentials}
		assert.Subset(t, ids(d.ask(program, `{ shipments { items { id } } }`)["shipments"]), []string{"m-1", "b-1"})
	})
	t.Run("subscriptions are for those who see all", func(t *testing.T) {
		const changes = `subscription { orderChanged { id } }`
		_, err := mia.Subscribe(t.Context(), changes, nil)
		assert.ErrorContains(t, err, "Not Authorized to access orderChanged on type Subscription")
		_, err = fulfil.Subscribe(t.Context(), changes, nil)
		assert.NoError(t, err)
	})
	as(mia).accepted(`cancelOrder(orderId: "m-1")`)
	as(fulfil).accepted(`cancelOrder(orderId: "b-1")`)
}

// ids are those of a page's rows, in order of the ids.
func ids(page any) []string {
	found := []string{}
	for _, item := range page.(map[string]any)["items"].([]any) {
		found = append(found, item.(map[string]any)["id"].(string))
	}
	slices.Sort(found)
	return found
}
