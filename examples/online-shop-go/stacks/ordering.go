package stacks

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/sdk/go/reventless"
)

var (
	orderEvents   = []string{"OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"}
	productEvents = []string{
		"CatalogProductSynced",
		"CatalogProductPriceChanged",
		"CatalogProductWithdrawn",
		"CatalogProductRelisted",
		"CatalogProductImageChanged",
	}
)

// Ordering declares the plugin of customers and their orders.
// What each part of it means is said in ../../online-shop/ordering-aws/Pulumi.yaml.
func Ordering(ctx *pulumi.Context) error {
	schema, err := os.ReadFile("../../online-shop/ordering/schema.graphql")
	if err != nil {
		return err
	}
	plugin, err := reventless.NewPlugin(ctx, "ordering", &reventless.PluginArgs{
		Version: pulumi.StringRef("1.0.0"),
		Code:    pulumi.NewFileArchive("../../online-shop/ordering/src"),
		Runtime: pulumi.StringRef("python3.12"),
		Handler: pulumi.StringRef("handler.handler"),
		Schema:  string(schema),
		Aggregates: map[string]reventless.AggregateArgs{
			"Customer": {
				Id: pulumi.StringRef("customerId"),
				Commands: map[string]string{
					"registerCustomer":           "Register",
					"updateCustomerEmail":        "UpdateEmail",
					"updateCustomerAddress":      "UpdateAddress",
					"setCustomerAddressLocation": "SetAddressLocation",
					"deactivateCustomer":         "Deactivate",
					"reactivateCustomer":         "Reactivate",
				},
				SnapshotEvery: pulumi.IntRef(50),
			},
		},
		ReadModels: map[string]reventless.ReadModelArgs{
			"Customers": {
				From: []reventless.SourceArgs{
					{Aggregate: pulumi.StringRef("Customer")},
					{Tag: pulumi.StringRef("customerId"), Events: []string{"OrderPlaced"}},
				},
				Owner:   &reventless.OwnerArgs{Field: "id", ElevatedGroups: []string{"Admin", "Fulfilment"}},
				Queries: map[string]reventless.QueryArgs{"customer": {Get: pulumi.StringRef("id")}},
			},
		},
		Dcb: &reventless.DCBArgs{
			Tags: map[string]reventless.TagArgs{
				"orderId":    {},
				"customerId": {},
				"productId":  {Fields: []string{"productId", "lineItems.productId"}},
			},
			Events: map[string][]string{
				"OrderPlaced":                {"orderId", "customerId"},
				"OrderShipped":               {"orderId"},
				"OrderCancelled":             {"orderId"},
				"OrderReopened":              {"orderId"},
				"RefundIssued":               {"orderId"},
				"CatalogProductSynced":       {"productId"},
				"CatalogProductPriceChanged": {"productId"},
				"CatalogProductWithdrawn":    {"productId"},
				"CatalogProductRelisted":     {"productId"},
				"CatalogProductImageChanged": {"productId"},
			},
			StateChangeSlices: map[string]reventless.StateChangeSliceArgs{
				"PlaceOrder": {
					Commands: map[string]string{"placeOrder": "PlaceOrder"},
					Reads: []reventless.CriterionArgs{
						{Events: []string{"OrderPlaced"}, Tags: []string{"orderId"}},
						{
							Tags:   []string{"productId"},
							Events: productEvents,
						},
					},
					Emits: []string{"OrderPlaced"},
				},
				"Order": {
					Commands: map[string]string{"shipOrder": "ShipOrder", "cancelOrder": "CancelOrder"},
					Reads: []reventless.CriterionArgs{
						{
							Tags:   []string{"orderId"},
							Events: orderEvents,
						},
					},
					Emits: []string{"OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"},
				},
				"Refund": {
					Commands: map[string]string{"requestRefund": "RequestRefund"},
					Async:    pulumi.BoolRef(true),
					Reads: []reventless.CriterionArgs{
						{
							Tags:   []string{"orderId"},
							Events: orderEvents,
						},
					},
					Emits: []string{"RefundIssued"},
				},
				"CatalogProduct": {
					Reads: []reventless.CriterionArgs{
						{
							Tags:   []string{"productId"},
							Events: productEvents,
						},
					},
					Emits: productEvents,
				},
			},
			StateViewSlices: map[string]reventless.ReadModelArgs{
				"Orders": {
					From:  []reventless.SourceArgs{{Tag: pulumi.StringRef("orderId")}},
					Owner: &reventless.OwnerArgs{Field: "customerId", ElevatedGroups: []string{"Admin", "Fulfilment"}},
					Queries: map[string]reventless.QueryArgs{
						"order":            {Get: pulumi.StringRef("id")},
						"orders":           {List: pulumi.BoolRef(true)},
						"ordersByCustomer": {ByIndex: pulumi.StringRef("customerId")},
					},
					Subscriptions: map[string]reventless.SubscriptionArgs{"orderChanged": {}},
				},
				"AvailableProducts": {
					From: []reventless.SourceArgs{{Tag: pulumi.StringRef("productId")}},
					Queries: map[string]reventless.QueryArgs{
						"availableProduct":  {Get: pulumi.StringRef("id")},
						"availableProducts": {List: pulumi.BoolRef(true)},
					},
				},
				"CatalogProducts": {
					From: []reventless.SourceArgs{{Tag: pulumi.StringRef("productId")}},
					Queries: map[string]reventless.QueryArgs{
						"catalogProduct": {Get: pulumi.StringRef("id")},
					},
				},
			},
			Automations: map[string]reventless.AutomationArgs{
				"AutoShipOrder": {
					From: []reventless.SourceArgs{
						{
							Tag:    pulumi.StringRef("orderId"),
							Events: []string{"OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened"},
						},
					},
					Attempts:     pulumi.IntRef(5),
					RetrySeconds: pulumi.IntRef(5),
				},
			},
			OutboundTranslations: map[string]reventless.OutboundTranslationArgs{
				"SendOrderConfirmation": {
					From: []reventless.SourceArgs{
						{Tag: pulumi.StringRef("orderId"), Events: []string{"OrderPlaced"}},
					},
					Attempts:     pulumi.IntRef(3),
					RetrySeconds: pulumi.IntRef(5),
					Owner:        &reventless.OwnerArgs{Field: "customerId", ElevatedGroups: []string{"Admin", "Fulfilment"}},
					Queries: map[string]reventless.QueryArgs{
						"orderConfirmation": {Get: pulumi.StringRef("id")},
					},
				},
			},
		},
		ExtensionPoints: map[string]reventless.ExtensionPointArgs{
			"Orders": {
				From: []reventless.PublishedSourceArgs{
					{Events: []string{"OrderPlaced", "OrderCancelled", "OrderReopened"}},
				},
				Commands: map[string]reventless.PointCommandArgs{"ShipOrder": {To: "Order"}},
			},
		},
		Extensions: map[string]reventless.ExtensionArgs{
			"CatalogProducts": {Plugin: "catalog", ExtensionPoint: "Products"},
		},
	})
	if err != nil {
		return err
	}
	// The stacks of plugins that extend this one read it.
	ctx.Export("_interopMeta", plugin.InteropMeta)
	return nil
}
