package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// patience is how long an event may take from one plugin's log to another's rows.
const patience = 60 * time.Second

// shop tells the story of one order.
type shop struct {
	users   *users
	started time.Time
	asked   bool
}

const (
	fillCatalog = `mutation {
  addCategory(categoryId: "lighting", name: "Lighting") { status }
  addProduct(productId: "lamp", name: "Reading lamp", description: "Gives light.",
             price: {amount: 4990, currency: "EUR"}, categoryId: "lighting") { status version }
}`
	productArrived = `query { catalogProduct(id: "lamp") { name price { amount currency } available } }`
	// The customer's id is that of the user.
	placeOrder = `mutation {
  registerCustomer(customerId: %q, email: "shopper@example.com", address: "1 Main Street") { status }
  placeOrder(orderId: "order-1", lineItems: [{productId: "lamp", quantity: 2}]) { status version }
}`
	refusedOrder = `mutation {
  placeOrder(orderId: "order-1", lineItems: [{productId: "lamp"}]) { status code message }
}`
	shopWindow = `query { products { items { name price { amount currency } } } }`
	hisOrder   = `query { order(id: "order-1") { lifecycle } }`
	notHis     = `mutation { cancelOrder(orderId: "order-1") { status code message } }`
	orderKnown = `query {
  shipment(id: "order-1") { status }
  productDemand(id: "lamp") { name orderCount }
}`
	dispatch = `mutation {
  dispatchShipment(orderId: "order-1") { status }
}`
	readOrder = `query {
  order(id: "order-1") { lifecycle total { amount currency } lines { name quantity lineTotal { amount } } }
}`
)

// order puts a product into the catalog and orders it.
func (s *shop) order(ctx context.Context) error {
	step("A product for the catalog, written in JavaScript")
	if _, err := s.ask(ctx, "merch", fillCatalog); err != nil {
		return err
	}
	step("The catalog's event reaches ordering, written in Python")
	if err := s.await(ctx, "merch", productArrived, func(data map[string]any) bool { return data["catalogProduct"] != nil }); err != nil {
		return err
	}
	step("An order for it")
	if _, err := s.ask(ctx, "shopper", fmt.Sprintf(placeOrder, s.users.signedIn["shopper"].ID)); err != nil {
		return err
	}
	step("The same order again is refused by ordering's rules")
	if _, err := s.ask(ctx, "shopper", refusedOrder); err != nil {
		return err
	}
	if err := s.look(ctx); err != nil {
		return err
	}
	step("Its events reach shipping, written in Go, and the catalog, which counts what is wanted")
	if err := s.await(ctx, "admin", orderKnown, func(data map[string]any) bool {
		demand, _ := data["productDemand"].(map[string]any)
		return data["shipment"] != nil && demand != nil && demand["orderCount"] != 0.0
	}); err != nil {
		return err
	}
	return s.ship(ctx)
}

// look shows what is whose.
func (s *shop) look(ctx context.Context) error {
	step("A visitor sees the shop window, with the API key")
	if _, err := s.ask(ctx, visitor, shopWindow); err != nil {
		return err
	}
	step("The order is the shopper's: others see none and cannot cancel it, fulfilment and admins see all")
	if err := s.await(ctx, "fulfil", hisOrder, func(data map[string]any) bool { return data["order"] != nil }); err != nil {
		return err
	}
	for _, query := range []string{hisOrder, notHis} {
		if _, err := s.ask(ctx, "merch", query); err != nil {
			return err
		}
	}
	return nil
}

// ship dispatches the order and waits until ordering knows.
func (s *shop) ship(ctx context.Context) error {
	step("Shipping dispatches it, and sends ordering a command by its extension point")
	if _, err := s.ask(ctx, "fulfil", dispatch); err != nil {
		return err
	}
	step("The order in ordering's read model; the name comes from the catalog's event")
	return s.await(ctx, "shopper", readOrder, func(data map[string]any) bool {
		order, _ := data["order"].(map[string]any)
		return order != nil && order["lifecycle"] == "SHIPPED"
	})
}

// ask sends a user's request and prints it with its answer.
func (s *shop) ask(ctx context.Context, user, query string) (map[string]any, error) {
	raw := json.RawMessage{}
	if err := s.users.client(user).Data(ctx, &raw, query, nil); err != nil {
		return nil, fmt.Errorf("%w, asked\n%s", err, query)
	}
	if !s.asked {
		s.asked = true
		say("(first GraphQL answer %s after the start)", time.Since(s.started).Round(100*time.Millisecond))
	}
	s.print(user, query, raw)
	return decode(raw)
}

// await sends a user's request until its answer is there, and prints that one.
func (s *shop) await(ctx context.Context, user, query string, there func(map[string]any) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for began := time.Now(); ; {
		raw := json.RawMessage{}
		if err := s.users.client(user).Data(ctx, &raw, query, nil); err != nil {
			return fmt.Errorf("%w, asked\n%s", err, query)
		}
		data, err := decode(raw)
		if err != nil {
			return err
		}
		if there(data) {
			say("(visible after %s)", time.Since(began).Round(10*time.Millisecond))
			s.print(user, query, raw)
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the answer stayed empty for " + patience.String() + ", asked\n" + query)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func decode(raw json.RawMessage) (map[string]any, error) {
	data := map[string]any{}
	return data, json.Unmarshal(raw, &data)
}

func (s *shop) print(user, query string, raw json.RawMessage) {
	var answer bytes.Buffer
	if err := json.Indent(&answer, raw, "", "  "); err != nil {
		answer.Write(raw)
	}
	say("# %s", user)
	say("%s", strings.ReplaceAll(query, "\n", "\n    "))
	say("%s", strings.ReplaceAll(answer.String(), "\n", "\n    "))
}
