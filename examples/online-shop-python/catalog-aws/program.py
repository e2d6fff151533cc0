"""The catalog, categories and products."""

import pathlib

import pulumi
import pulumi_reventless as reventless


def catalog() -> None:
    """Declare the stack's resources and outputs. What each part of it means is said in ../../online-shop/catalog-aws/Pulumi.yaml."""
    plugin = reventless.Plugin(
        "catalog",
        version="1.0.0",
        code=pulumi.FileArchive("../../online-shop/catalog/src"),
        runtime="nodejs22.x",
        handler="index.handler",
        schema=pathlib.Path("../../online-shop/catalog/schema.graphql").read_text(encoding="utf-8"),
        dcb=reventless.DCBArgs(
            tags={"productId": reventless.TagArgs(), "categoryId": reventless.TagArgs(), "orderId": reventless.TagArgs()},
            events={
                "CategoryAdded": ["categoryId"],
                "CategoryRenamed": ["categoryId"],
                "CategoryArchived": ["categoryId"],
                "CategoryUnarchived": ["categoryId"],
                "CategoryImageAttached": ["categoryId"],
                "CategoryImageRemoved": ["categoryId"],
                "CategoryImageAltTextSet": ["categoryId"],
                "CategoryEffectiveImageChanged": ["categoryId"],
                "ProductAdded": ["productId"],
                "ProductNameChanged": ["productId"],
                "ProductDescriptionChanged": ["productId"],
                "ProductPriceChanged": ["productId"],
                "ProductArchived": ["productId"],
                "ProductUnarchived": ["productId"],
                "ProductDiscontinued": ["productId"],
                "ProductImageAttached": ["productId"],
                "ProductImageRemoved": ["productId"],
                "ProductPrimaryImageSet": ["productId"],
                "ProductImageAltTextSet": ["productId"],
                "ProductEffectiveImageChanged": ["productId"],
                "ProductDemandRecorded": ["productId", "orderId"],
                "ProductDemandRevoked": ["productId", "orderId"],
            },
            state_change_slices={
                "AddProduct": reventless.StateChangeSliceArgs(
                    commands={"addProduct": "AddProduct"},
                    reads=[
                        reventless.CriterionArgs(events=["ProductAdded"], tags=["productId"]),
                        reventless.CriterionArgs(
                            events=["CategoryAdded", "CategoryArchived", "CategoryUnarchived"],
                            tags=["categoryId"],
                        ),
                    ],
                ),
                "Product": reventless.StateChangeSliceArgs(
                    commands={
                        "changeProductName": "ChangeProductName",
                        "changeProductDescription": "ChangeProductDescription",
                        "changeProductPrice": "ChangeProductPrice",
                        "archiveProduct": "ArchiveProduct",
                        "unarchiveProduct": "UnarchiveProduct",
                        "discontinueProduct": "DiscontinueProduct",
                    },
                    reads=[
                        reventless.CriterionArgs(
                            events=[
                                "ProductAdded",
                                "ProductNameChanged",
                                "ProductDescriptionChanged",
                                "ProductPriceChanged",
                                "ProductArchived",
                                "ProductUnarchived",
                                "ProductDiscontinued",
                            ],
                            tags=["productId"],
                        ),
                    ],
                ),
                "ProductImages": reventless.StateChangeSliceArgs(
                    commands={
                        "attachProductImage": "AttachProductImage",
                        "removeProductImage": "RemoveProductImage",
                        "setPrimaryProductImage": "SetPrimaryProductImage",
                        "setProductImageAltText": "SetProductImageAltText",
                    },
                    reads=[
                        reventless.CriterionArgs(
                            events=[
                                "ProductAdded",
                                "ProductDiscontinued",
                                "ProductImageAttached",
                                "ProductImageRemoved",
                                "ProductPrimaryImageSet",
                                "ProductImageAltTextSet",
                            ],
                            tags=["productId"],
                        ),
                    ],
                ),
                "Category": reventless.StateChangeSliceArgs(
                    commands={
                        "addCategory": "AddCategory",
                        "renameCategory": "RenameCategory",
                        "archiveCategory": "ArchiveCategory",
                        "unarchiveCategory": "UnarchiveCategory",
                        "setCategoryImage": "SetCategoryImage",
                        "removeCategoryImage": "RemoveCategoryImage",
                        "setCategoryImageAltText": "SetCategoryImageAltText",
                    },
                    reads=[
                        reventless.CriterionArgs(
                            events=[
                                "CategoryAdded",
                                "CategoryRenamed",
                                "CategoryArchived",
                                "CategoryUnarchived",
                                "CategoryImageAttached",
                                "CategoryImageRemoved",
                                "CategoryImageAltTextSet",
                            ],
                            tags=["categoryId"],
                        ),
                    ],
                ),
                "ProductDemand": reventless.StateChangeSliceArgs(
                    reads=[
                        reventless.CriterionArgs(
                            events=["ProductDemandRecorded", "ProductDemandRevoked"],
                            tags=["orderId", "productId"],
                        ),
                    ],
                ),
            },
            state_view_slices={
                "Categories": reventless.ReadModelArgs(
                    from_=[reventless.SourceArgs(tag="categoryId")],
                    queries={"category": reventless.QueryArgs(get="id"), "categories": reventless.QueryArgs(list=True)},
                ),
                "Products": reventless.ReadModelArgs(
                    from_=[
                        reventless.SourceArgs(
                            tag="productId",
                            events=[
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
                        ),
                    ],
                    queries={
                        "product": reventless.QueryArgs(get="id"),
                        "products": reventless.QueryArgs(list=True),
                        "productsByCategory": reventless.QueryArgs(by_index="categoryId", sort_by="listedSince"),
                    },
                    subscriptions={"productChanged": reventless.SubscriptionArgs()},
                ),
                "ProductDemand": reventless.ReadModelArgs(
                    from_=[
                        reventless.SourceArgs(
                            tag="productId",
                            events=["ProductAdded", "ProductNameChanged", "ProductDemandRecorded", "ProductDemandRevoked"],
                        ),
                    ],
                    queries={"productDemand": reventless.QueryArgs(get="id"), "productDemands": reventless.QueryArgs(list=True)},
                ),
            },
            inbound_translations={
                "ImportProduct": reventless.InboundTranslationArgs(
                    field="importProduct",
                    queries={"productImport": reventless.QueryArgs(get="id"), "productImports": reventless.QueryArgs(list=True)},
                ),
            },
        ),
        tasks={
            "ImportProducts": reventless.TaskArgs(
                bucket=reventless.BucketArgs(
                    suffix=".csv", content=reventless.BucketContent.LINES, lines=200, force_destroy=True
                ),
            ),
        },
        queries={
            "basket": reventless.CustomQueryArgs(
                loads={"products": reventless.LoadArgs(read_model="Products", argument="productIds")},
            ),
        },
        extension_points={
            "Products": reventless.ExtensionPointArgs(
                from_=[
                    reventless.PublishedSourceArgs(
                        events=[
                            "ProductAdded",
                            "ProductPriceChanged",
                            "ProductArchived",
                            "ProductUnarchived",
                            "ProductDiscontinued",
                            "ProductEffectiveImageChanged",
                        ],
                    ),
                ],
            ),
        },
        extensions={
            "OrderedItems": reventless.ExtensionArgs(
                plugin="ordering",
                extension_point="Orders",
                events=["ItemOrdered", "ItemOrderCancelled"],
                via_platform=True,
            ),
        },
    )

    # The stacks of plugins that extend this one read it.
    pulumi.export("_interopMeta", plugin.interop_meta)
