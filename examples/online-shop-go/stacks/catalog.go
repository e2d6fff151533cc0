package stacks

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/sdk/go/reventless"
)

// Catalog declares the plugin of categories and products.
// What each part of it means is said in ../../online-shop/catalog-aws/Pulumi.yaml.
func Catalog(ctx *pulumi.Context) error {
	schema, err := os.ReadFile("../../online-shop/catalog/schema.graphql")
	if err != nil {
		return err
	}
	plugin, err := reventless.NewPlugin(ctx, "catalog", &reventless.PluginArgs{
		Version: pulumi.StringRef("1.0.0"),
		Code:    pulumi.NewFileArchive("../../online-shop/catalog/src"),
		Runtime: pulumi.StringRef("nodejs22.x"),
		Handler: pulumi.StringRef("index.handler"),
		Schema:  string(schema),
		Dcb: &reventless.DCBArgs{
			Tags: map[string]reventless.TagArgs{
				"productId":  {},
				"categoryId": {},
				"orderId":    {},
			},
			Events: map[string][]string{
				"CategoryAdded":                 {"categoryId"},
				"CategoryRenamed":               {"categoryId"},
				"CategoryArchived":              {"categoryId"},
				"CategoryUnarchived":            {"categoryId"},
				"CategoryImageAttached":         {"categoryId"},
				"CategoryImageRemoved":          {"categoryId"},
				"CategoryImageAltTextSet":       {"categoryId"},
				"CategoryEffectiveImageChanged": {"categoryId"},
				"ProductAdded":                  {"productId"},
				"ProductNameChanged":            {"productId"},
				"ProductDescriptionChanged":     {"productId"},
				"ProductPriceChanged":           {"productId"},
				"ProductArchived":               {"productId"},
				"ProductUnarchived":             {"productId"},
				"ProductDiscontinued":           {"productId"},
				"ProductImageAttached":          {"productId"},
				"ProductImageRemoved":           {"productId"},
				"ProductPrimaryImageSet":        {"productId"},
				"ProductImageAltTextSet":        {"productId"},
				"ProductEffectiveImageChanged":  {"productId"},
				"ProductDemandRecorded":         {"productId", "orderId"},
				"ProductDemandRevoked":          {"productId", "orderId"},
			},
			StateChangeSlices: map[string]reventless.StateChangeSliceArgs{
				"AddProduct": {
					Commands: map[string]string{"addProduct": "AddProduct"},
					Reads: []reventless.CriterionArgs{
						{Events: []string{"ProductAdded"}, Tags: []string{"productId"}},
						{
							Events: []string{"CategoryAdded", "CategoryArchived", "CategoryUnarchived"},
							Tags:   []string{"categoryId"},
						},
					},
				},
				"Product": {
					Commands: map[string]string{
						"changeProductName":        "ChangeProductName",
						"changeProductDescription": "ChangeProductDescription",
						"changeProductPrice":       "ChangeProductPrice",
						"archiveProduct":           "ArchiveProduct",
						"unarchiveProduct":         "UnarchiveProduct",
						"discontinueProduct":       "DiscontinueProduct",
					},
					Reads: []reventless.CriterionArgs{
						{
							Events: []string{
								"ProductAdded",
								"ProductNameChanged",
								"ProductDescriptionChanged",
								"ProductPriceChanged",
								"ProductArchived",
								"ProductUnarchived",
								"ProductDiscontinued",
							},
							Tags: []string{"productId"},
						},
					},
				},
				"ProductImages": {
					Commands: map[string]string{
						"attachProductImage":     "AttachProductImage",
						"removeProductImage":     "RemoveProductImage",
						"setPrimaryProductImage": "SetPrimaryProductImage",
						"setProductImageAltText": "SetProductImageAltText",
					},
					Reads: []reventless.CriterionArgs{
						{
							Events: []string{
								"ProductAdded",
								"ProductDiscontinued",
								"ProductImageAttached",
								"ProductImageRemoved",
								"ProductPrimaryImageSet",
								"ProductImageAltTextSet",
							},
							Tags: []string{"productId"},
						},
					},
				},
				"Category": {
					Commands: map[string]string{
						"addCategory":             "AddCategory",
						"renameCategory":          "RenameCategory",
						"archiveCategory":         "ArchiveCategory",
						"unarchiveCategory":       "UnarchiveCategory",
						"setCategoryImage":        "SetCategoryImage",
						"removeCategoryImage":     "RemoveCategoryImage",
						"setCategoryImageAltText": "SetCategoryImageAltText",
					},
					Reads: []reventless.CriterionArgs{
						{
							Events: []string{
								"CategoryAdded",
								"CategoryRenamed",
								"CategoryArchived",
								"CategoryUnarchived",
								"CategoryImageAttached",
								"CategoryImageRemoved",
								"CategoryImageAltTextSet",
							},
							Tags: []string{"categoryId"},
						},
					},
				},
				"ProductDemand": {
					Reads: []reventless.CriterionArgs{
						{
							Events: []string{"ProductDemandRecorded", "ProductDemandRevoked"},
							Tags:   []string{"orderId", "productId"},
						},
					},
				},
			},
			StateViewSlices: map[string]reventless.ReadModelArgs{
				"Categories": {
					From: []reventless.SourceArgs{{Tag: pulumi.StringRef("categoryId")}},
					Queries: map[string]reventless.QueryArgs{
						"category":   {Get: pulumi.StringRef("id")},
						"categories": {List: pulumi.BoolRef(true)},
					},
				},
				"Products": {
					From: []reventless.SourceArgs{
						{
							Tag: pulumi.StringRef("productId"),
							Events: []string{
								"ProductAdded",
								"ProductNameChanged",
								"ProductDescriptionChanged",
								"ProductPriceChanged",
								"ProductArchived",
								"ProductUnarchived",
								"ProductDiscontinued",
								"ProductImageAttached",
								"ProductImageRemoved",
								"ProductPrimaryImageSet",
								"ProductImageAltTextSet",
							},
						},
					},
					Queries: map[string]reventless.QueryArgs{
						"product":  {Get: pulumi.StringRef("id")},
						"products": {List: pulumi.BoolRef(true)},
						"productsByCategory": {
							ByIndex: pulumi.StringRef("categoryId"),
							SortBy:  pulumi.StringRef("listedSince"),
						},
					},
					Subscriptions: map[string]reventless.SubscriptionArgs{"productChanged": {}},
				},
				"ProductDemand": {
					From: []reventless.SourceArgs{
						{
							Tag: pulumi.StringRef("productId"),
							Events: []string{
								"ProductAdded",
								"ProductNameChanged",
								"ProductDemandRecorded",
								"ProductDemandRevoked",
							},
						},
					},
					Queries: map[string]reventless.QueryArgs{
						"productDemand":  {Get: pulumi.StringRef("id")},
						"productDemands": {List: pulumi.BoolRef(true)},
					},
				},
			},
			InboundTranslations: map[string]reventless.InboundTranslationArgs{
				"ImportProduct": {
					Field: "importProduct",
					Queries: map[string]reventless.QueryArgs{
						"productImport":  {Get: pulumi.StringRef("id")},
						"productImports": {List: pulumi.BoolRef(true)},
					},
				},
			},
		},
		Tasks: map[string]reventless.TaskArgs{
			"ImportProducts": {
				Bucket: &reventless.BucketArgs{
					Suffix:       pulumi.StringRef(".csv"),
					Content:      new(reventless.BucketContentLines),
					Lines:        pulumi.IntRef(200),
					ForceDestroy: pulumi.BoolRef(true),
				},
			},
		},
		Queries: map[string]reventless.CustomQueryArgs{
			"basket": {
				Loads: map[string]reventless.LoadArgs{
					"products": {ReadModel: "Products", Argument: "productIds"},
				},
			},
		},
		ExtensionPoints: map[string]reventless.ExtensionPointArgs{
			"Products": {
				From: []reventless.PublishedSourceArgs{
					{
						Events: []string{
							"ProductAdded",
							"ProductPriceChanged",
							"ProductArchived",
							"ProductUnarchived",
							"ProductDiscontinued",
							"ProductEffectiveImageChanged",
						},
					},
				},
			},
		},
		Extensions: map[string]reventless.ExtensionArgs{
			"OrderedItems": {
				Plugin:         "ordering",
				ExtensionPoint: "Orders",
				Events:         []string{"ItemOrdered", "ItemOrderCancelled"},
				ViaPlatform:    pulumi.BoolRef(true),
			},
		},
	})
	if err != nil {
		return err
	}
	// The stacks of plugins that extend this one read it.
	ctx.Export("_interopMeta", plugin.InteropMeta)
	return nil
}
