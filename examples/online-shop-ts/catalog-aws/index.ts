// The catalog, categories and products.
import * as fs from "node:fs";

import * as pulumi from "@pulumi/pulumi";
import * as reventless from "@reventless/pulumi-reventless";

// Pulumi calls the function that a program exports; what it returns are the stack's outputs.
export = async () => {
    // What each part of it means is said in ../../online-shop/catalog-aws/Pulumi.yaml.
    const catalog = new reventless.Plugin("catalog", {
        version: "1.0.0",
        code: new pulumi.asset.FileArchive("../../online-shop/catalog/src"),
        runtime: "nodejs22.x",
        handler: "index.handler",
        schema: fs.readFileSync("../../online-shop/catalog/schema.graphql", "utf8"),
        dcb: {
            tags: { productId: {}, categoryId: {}, orderId: {} },
            events: {
                CategoryAdded: ["categoryId"],
                CategoryRenamed: ["categoryId"],
                CategoryArchived: ["categoryId"],
                CategoryUnarchived: ["categoryId"],
                CategoryImageAttached: ["categoryId"],
                CategoryImageRemoved: ["categoryId"],
                CategoryImageAltTextSet: ["categoryId"],
                CategoryEffectiveImageChanged: ["categoryId"],
                ProductAdded: ["productId"],
                ProductNameChanged: ["productId"],
                ProductDescriptionChanged: ["productId"],
                ProductPriceChanged: ["productId"],
                ProductArchived: ["productId"],
                ProductUnarchived: ["productId"],
                ProductDiscontinued: ["productId"],
                ProductImageAttached: ["productId"],
                ProductImageRemoved: ["productId"],
                ProductPrimaryImageSet: ["productId"],
                ProductImageAltTextSet: ["productId"],
                ProductEffectiveImageChanged: ["productId"],
                ProductDemandRecorded: ["productId", "orderId"],
                ProductDemandRevoked: ["productId", "orderId"],
            },
            stateChangeSlices: {
                AddProduct: {
                    commands: { addProduct: "AddProduct" },
                    reads: [
                        { events: ["ProductAdded"], tags: ["productId"] },
                        { events: ["CategoryAdded", "CategoryArchived", "CategoryUnarchived"], tags: ["categoryId"] },
                    ],
                },
                Product: {
                    commands: {
                        changeProductName: "ChangeProductName",
                        changeProductDescription: "ChangeProductDescription",
                        changeProductPrice: "ChangeProductPrice",
                        archiveProduct: "ArchiveProduct",
                        unarchiveProduct: "UnarchiveProduct",
                        discontinueProduct: "DiscontinueProduct",
                    },
                    reads: [
                        {
                            events: [
                                "ProductAdded",
                                "ProductNameChanged",
                                "ProductDescriptionChanged",
                                "ProductPriceChanged",
                                "ProductArchived",
                                "ProductUnarchived",
                                "ProductDiscontinued",
                            ],
                            tags: ["productId"],
                        },
                    ],
                },
                ProductImages: {
                    commands: {
                        attachProductImage: "AttachProductImage",
                        removeProductImage: "RemoveProductImage",
                        setPrimaryProductImage: "SetPrimaryProductImage",
                        setProductImageAltText: "SetProductImageAltText",
                    },
                    reads: [
                        {
                            events: [
                                "ProductAdded",
                                "ProductDiscontinued",
                                "ProductImageAttached",
                                "ProductImageRemoved",
                                "ProductPrimaryImageSet",
                                "ProductImageAltTextSet",
                            ],
                            tags: ["productId"],
                        },
                    ],
                },
                Category: {
                    commands: {
                        addCategory: "AddCategory",
                        renameCategory: "RenameCategory",
                        archiveCategory: "ArchiveCategory",
                        unarchiveCategory: "UnarchiveCategory",
                        setCategoryImage: "SetCategoryImage",
                        removeCategoryImage: "RemoveCategoryImage",
                        setCategoryImageAltText: "SetCategoryImageAltText",
                    },
                    reads: [
                        {
                            events: [
                                "CategoryAdded",
                                "CategoryRenamed",
                                "CategoryArchived",
                                "CategoryUnarchived",
                                "CategoryImageAttached",
                                "CategoryImageRemoved",
                                "CategoryImageAltTextSet",
                            ],
                            tags: ["categoryId"],
                        },
                    ],
                },
                ProductDemand: {
                    reads: [{ events: ["ProductDemandRecorded", "ProductDemandRevoked"], tags: ["orderId", "productId"] }],
                },
            },
            stateViewSlices: {
                Categories: {
                    from: [{ tag: "categoryId" }],
                    queries: { category: { get: "id" }, categories: { list: true } },
                },
                Products: {
                    from: [
                        {
                            tag: "productId",
                            events: [
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
                            ],
                        },
                    ],
                    queries: {
                        product: { get: "id" },
                        products: { list: true },
                        productsByCategory: { byIndex: "categoryId", sortBy: "listedSince" },
                    },
                    subscriptions: { productChanged: {} },
                },
                ProductDemand: {
                    from: [
                        {
                            tag: "productId",
                            events: ["ProductAdded", "ProductNameChanged", "ProductDemandRecorded", "ProductDemandRevoked"],
                        },
                    ],
                    queries: { productDemand: { get: "id" }, productDemands: { list: true } },
                },
            },
            inboundTranslations: {
                ImportProduct: {
                    field: "importProduct",
                    queries: { productImport: { get: "id" }, productImports: { list: true } },
                },
            },
        },
        tasks: { ImportProducts: { bucket: { suffix: ".csv", content: "lines", lines: 200, forceDestroy: true } } },
        queries: {
            basket: { loads: { products: { readModel: "Products", argument: "productIds" } } },
        },
        extensionPoints: {
            Products: {
                from: [
                    {
                        events: [
                            "ProductAdded",
                            "ProductPriceChanged",
                            "ProductArchived",
                            "ProductUnarchived",
                            "ProductDiscontinued",
                            "ProductEffectiveImageChanged",
                        ],
                    },
                ],
            },
        },
        extensions: {
            OrderedItems: {
                plugin: "ordering",
                extensionPoint: "Orders",
                events: ["ItemOrdered", "ItemOrderCancelled"],
                viaPlatform: true,
            },
        },
    });
    // The stacks of plugins that extend this one read it.
    return { _interopMeta: catalog.interopMeta };
};
