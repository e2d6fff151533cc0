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
		Aggregates: map[string]reventless.AggregateInput{
			"Customer": reventless.AggregateArgs{
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
		ReadModels: map[string]reventless.ReadModelInput{
			"Customers": reventless.ReadModelArgs{
				From: []reventless.SourceInput{
					reventless.SourceArgs{Aggregate: pulumi.StringRef("Customer")},
					reventless.SourceArgs{Tag: pulumi.StringRef("customerId"), Events: []string{"OrderPlaced"}},
				},
				Owner:   reventless.OwnerArgs{Field: "id", ElevatedGroups: []string{"Admin", "Fulfilment"}},
				Queries: map[string]reventless.QueryInput{"customer": reventless.QueryArgs{Get: pulumi.StringRef("id")}},
			},
		},
		Dcb: reventless.DCBArgs{
			Tags: map[string]reventless.TagInput{
				"orderId":    reventless.TagArgs{},
				"customerId": reventless.TagArgs{},
				"productId":  reventless.TagArgs{Fields: []string{"productId", "lineItems.productId"}},
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
			StateChangeSlices: map[string]reventless.StateChangeSliceInput{
				"PlaceOrder": reventless.StateChangeSliceArgs{
					Commands: map[string]string{"placeOrder": "PlaceOrder"},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{Events: []string{"OrderPlaced"}, Tags: []string{"orderId"}},
						reventless.CriterionArgs{
							Tags:   []string{"productId"},
							Events: productEvents,
						},
					},
					Emits: []string{"OrderPlaced"},
				},
				"Order": reventless.StateChangeSliceArgs{
					Commands: map[string]string{"shipOrder": "ShipOrder", "cancelOrder": "CancelOrder"},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
							Tags:   []string{"orderId"},
							Events: orderEvents,
						},
					},
					Emits: []string{"OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"},
				},
				"Refund": reventless.StateChangeSliceArgs{
					Commands: map[string]string{"requestRefund": "RequestRefund"},
					Async:    pulumi.BoolRef(true),
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
							Tags:   []string{"orderId"},
							Events: orderEvents,
						},
					},
					Emits: []string{"RefundIssued"},
				},
				"CatalogProduct": reventless.StateChangeSliceArgs{
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
							Tags:   []string{"productId"},
							Events: productEvents,
						},
					},
					Emits: productEvents,
				},
			},
			StateViewSlices: map[string]reventless.ReadModelInput{
				"Orders": reventless.ReadModelArgs{
					From:  []reventless.SourceInput{reventless.SourceArgs{Tag: pulumi.StringRef("orderId")}},
					Owner: reventless.OwnerArgs{Field: "customerId", ElevatedGroups: []string{"Admin", "Fulfilment"}},
					Queries: map[string]reventless.QueryInput{
						"order":            reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"orders":           reventless.QueryArgs{List: pulumi.BoolRef(true)},
						"ordersByCustomer": reventless.QueryArgs{ByIndex: pulumi.StringRef("customerId")},
					},
					Subscriptions: map[string]reventless.SubscriptionInput{"orderChanged": reventless.SubscriptionArgs{}},
				},
				"AvailableProducts": reventless.ReadModelArgs{
					From: []reventless.SourceInput{reventless.SourceArgs{Tag: pulumi.StringRef("productId")}},
					Queries: map[string]reventless.QueryInput{
						"availableProduct":  reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"availableProducts": reventless.QueryArgs{List: pulumi.BoolRef(true)},
					},
				},
				"CatalogProducts": reventless.ReadModelArgs{
					From: []reventless.SourceInput{reventless.SourceArgs{Tag: pulumi.StringRef("productId")}},
					Queries: map[string]reventless.QueryInput{
						"catalogProduct": reventless.QueryArgs{Get: pulumi.StringRef("id")},
					},
				},
			},
			Automations: map[string]reventless.AutomationInput{
				"AutoShipOrder": reventless.AutomationArgs{
					From: []reventless.SourceInput{
						reventless.SourceArgs{
							Tag:    pulumi.StringRef("orderId"),
							Events: []string{"OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened"},
						},
					},
					Attempts:     pulumi.IntRef(5),
					RetrySeconds: pulumi.IntRef(5),
				},
			},
			OutboundTranslations: map[string]reventless.OutboundTranslationInput{
				"SendOrderConfirmation": reventless.OutboundTranslationArgs{
					From: []reventless.SourceInput{
						reventless.SourceArgs{Tag: pulumi.StringRef("orderId"), Events: []string{"OrderPlaced"}},
					},
					Attempts:     pulumi.IntRef(3),
					RetrySeconds: pulumi.IntRef(5),
					Owner:        reventless.OwnerArgs{Field: "customerId", ElevatedGroups: []string{"Admin", "Fulfilment"}},
					Queries: map[string]reventless.QueryInput{
						"orderConfirmation": reventless.QueryArgs{Get: pulumi.StringRef("id")},
					},
				},
			},
		},
		ExtensionPoints: map[string]reventless.ExtensionPointInput{
			"Orders": reventless.ExtensionPointArgs{
				From: []reventless.PublishedSourceInput{
					reventless.PublishedSourceArgs{Events: []string{"OrderPlaced", "OrderCancelled", "OrderReopened"}},
				},
				Commands: map[string]reventless.PointCommandInput{"ShipOrder": reventless.PointCommandArgs{To: "Order"}},
			},
		},
		Extensions: map[string]reventless.ExtensionInput{
			"CatalogProducts": reventless.ExtensionArgs{Plugin: "catalog", ExtensionPoint: "Products"},
		},
	})
	if err != nil {
		return err
	}
	// The stacks of plugins that extend this one read it.
	ctx.Export("_interopMeta", plugin.InteropMeta)
	return nil
}
