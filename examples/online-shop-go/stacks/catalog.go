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
		Dcb: reventless.DCBArgs{
			Tags: map[string]reventless.TagInput{
				"productId":  reventless.TagArgs{},
				"categoryId": reventless.TagArgs{},
				"orderId":    reventless.TagArgs{},
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
			StateChangeSlices: map[string]reventless.StateChangeSliceInput{
				"AddProduct": reventless.StateChangeSliceArgs{
					Commands: map[string]string{"addProduct": "AddProduct"},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{Events: []string{"ProductAdded"}, Tags: []string{"productId"}},
						reventless.CriterionArgs{
							Events: []string{"CategoryAdded", "CategoryArchived", "CategoryUnarchived"},
							Tags:   []string{"categoryId"},
						},
					},
				},
				"Product": reventless.StateChangeSliceArgs{
					Commands: map[string]string{
						"changeProductName":        "ChangeProductName",
						"changeProductDescription": "ChangeProductDescription",
						"changeProductPrice":       "ChangeProductPrice",
						"archiveProduct":           "ArchiveProduct",
						"unarchiveProduct":         "UnarchiveProduct",
						"discontinueProduct":       "DiscontinueProduct",
					},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
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
				"ProductImages": reventless.StateChangeSliceArgs{
					Commands: map[string]string{
						"attachProductImage":     "AttachProductImage",
						"removeProductImage":     "RemoveProductImage",
						"setPrimaryProductImage": "SetPrimaryProductImage",
						"setProductImageAltText": "SetProductImageAltText",
					},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
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
				"Category": reventless.StateChangeSliceArgs{
					Commands: map[string]string{
						"addCategory":             "AddCategory",
						"renameCategory":          "RenameCategory",
						"archiveCategory":         "ArchiveCategory",
						"unarchiveCategory":       "UnarchiveCategory",
						"setCategoryImage":        "SetCategoryImage",
						"removeCategoryImage":     "RemoveCategoryImage",
						"setCategoryImageAltText": "SetCategoryImageAltText",
					},
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
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
				"ProductDemand": reventless.StateChangeSliceArgs{
					Reads: []reventless.CriterionInput{
						reventless.CriterionArgs{
							Events: []string{"ProductDemandRecorded", "ProductDemandRevoked"},
							Tags:   []string{"orderId", "productId"},
						},
					},
				},
			},
			StateViewSlices: map[string]reventless.ReadModelInput{
				"Categories": reventless.ReadModelArgs{
					From: []reventless.SourceInput{reventless.SourceArgs{Tag: pulumi.StringRef("categoryId")}},
					Queries: map[string]reventless.QueryInput{
						"category":   reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"categories": reventless.QueryArgs{List: pulumi.BoolRef(true)},
					},
				},
				"Products": reventless.ReadModelArgs{
					From: []reventless.SourceInput{
						reventless.SourceArgs{
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
					Queries: map[string]reventless.QueryInput{
						"product":  reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"products": reventless.QueryArgs{List: pulumi.BoolRef(true)},
						"productsByCategory": reventless.QueryArgs{
							ByIndex: pulumi.StringRef("categoryId"),
							SortBy:  pulumi.StringRef("listedSince"),
						},
					},
					Subscriptions: map[string]reventless.SubscriptionInput{"productChanged": reventless.SubscriptionArgs{}},
				},
				"ProductDemand": reventless.ReadModelArgs{
					From: []reventless.SourceInput{
						reventless.SourceArgs{
							Tag: pulumi.StringRef("productId"),
							Events: []string{
								"ProductAdded",
								"ProductNameChanged",
								"ProductDemandRecorded",
								"ProductDemandRevoked",
							},
						},
					},
					Queries: map[string]reventless.QueryInput{
						"productDemand":  reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"productDemands": reventless.QueryArgs{List: pulumi.BoolRef(true)},
					},
				},
			},
			InboundTranslations: map[string]reventless.InboundTranslationInput{
				"ImportProduct": reventless.InboundTranslationArgs{
					Field: "importProduct",
					Queries: map[string]reventless.QueryInput{
						"productImport":  reventless.QueryArgs{Get: pulumi.StringRef("id")},
						"productImports": reventless.QueryArgs{List: pulumi.BoolRef(true)},
					},
				},
			},
		},
		Tasks: map[string]reventless.TaskInput{
			"ImportProducts": reventless.TaskArgs{
				Bucket: reventless.BucketArgs{
					Suffix:       pulumi.StringRef(".csv"),
					Content:      pulumi.StringRef("lines"),
					Lines:        pulumi.IntRef(200),
					ForceDestroy: pulumi.BoolRef(true),
				},
			},
		},
		Queries: map[string]reventless.CustomQueryInput{
			"basket": reventless.CustomQueryArgs{
				Loads: map[string]reventless.LoadInput{
					"products": reventless.LoadArgs{ReadModel: "Products", Argument: "productIds"},
				},
			},
		},
		ExtensionPoints: map[string]reventless.ExtensionPointInput{
			"Products": reventless.ExtensionPointArgs{
				From: []reventless.PublishedSourceInput{
					reventless.PublishedSourceArgs{
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
		Extensions: map[string]reventless.ExtensionInput{
			"OrderedItems": reventless.ExtensionArgs{
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
