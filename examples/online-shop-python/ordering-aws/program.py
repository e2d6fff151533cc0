"""Ordering, customers and their orders."""

import pathlib

import pulumi
import pulumi_reventless as reventless

ORDER_EVENTS = ["OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"]
PRODUCT_EVENTS = [
    "CatalogProductSynced",
    "CatalogProductPriceChanged",
    "CatalogProductWithdrawn",
    "CatalogProductRelisted",
    "CatalogProductImageChanged",
]


def ordering() -> None:
    """Declare the stack's resources and outputs. What each part of it means is said in ../../online-shop/ordering-aws/Pulumi.yaml."""
    plugin = reventless.Plugin(
        "ordering",
        version="1.0.0",
        code=pulumi.FileArchive("../../online-shop/ordering/src"),
        runtime="python3.12",
        handler="handler.handler",
        schema=pathlib.Path("../../online-shop/ordering/schema.graphql").read_text(encoding="utf-8"),
        aggregates={
            "Customer": reventless.AggregateArgs(
                id="customerId",
                commands={
                    "registerCustomer": "Register",
                    "updateCustomerEmail": "UpdateEmail",
                    "updateCustomerAddress": "UpdateAddress",
                    "setCustomerAddressLocation": "SetAddressLocation",
                    "deactivateCustomer": "Deactivate",
                    "reactivateCustomer": "Reactivate",
                },
                snapshot_every=50,
            ),
        },
        read_models={
            "Customers": reventless.ReadModelArgs(
                from_=[
                    reventless.SourceArgs(aggregate="Customer"),
                    reventless.SourceArgs(tag="customerId", events=["OrderPlaced"]),
                ],
                owner=reventless.OwnerArgs(field="id", elevated_groups=["Admin", "Fulfilment"]),
                queries={"customer": reventless.QueryArgs(get="id")},
            ),
        },
        dcb=reventless.DCBArgs(
            tags={
                "orderId": reventless.TagArgs(),
                "customerId": reventless.TagArgs(),
                "productId": reventless.TagArgs(fields=["productId", "lineItems.productId"]),
            },
            events={
                "OrderPlaced": ["orderId", "customerId"],
                "OrderShipped": ["orderId"],
                "OrderCancelled": ["orderId"],
                "OrderReopened": ["orderId"],
                "RefundIssued": ["orderId"],
                "CatalogProductSynced": ["productId"],
                "CatalogProductPriceChanged": ["productId"],
                "CatalogProductWithdrawn": ["productId"],
                "CatalogProductRelisted": ["productId"],
                "CatalogProductImageChanged": ["productId"],
            },
            state_change_slices={
                "PlaceOrder": reventless.StateChangeSliceArgs(
                    commands={"placeOrder": "PlaceOrder"},
                    reads=[
                        reventless.CriterionArgs(events=["OrderPlaced"], tags=["orderId"]),
                        reventless.CriterionArgs(
                            tags=["productId"],
                            events=PRODUCT_EVENTS,
                        ),
                    ],
                    emits=["OrderPlaced"],
                ),
                "Order": reventless.StateChangeSliceArgs(
                    commands={"shipOrder": "ShipOrder", "cancelOrder": "CancelOrder"},
                    reads=[
                        reventless.CriterionArgs(
                            tags=["orderId"],
                            events=ORDER_EVENTS,
                        ),
                    ],
                    emits=["OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"],
                ),
                "Refund": reventless.StateChangeSliceArgs(
                    commands={"requestRefund": "RequestRefund"},
                    async_=True,
                    reads=[
                        reventless.CriterionArgs(
                            tags=["orderId"],
                            events=ORDER_EVENTS,
                        ),
                    ],
                    emits=["RefundIssued"],
                ),
                "CatalogProduct": reventless.StateChangeSliceArgs(
                    reads=[
                        reventless.CriterionArgs(
                            tags=["productId"],
                            events=PRODUCT_EVENTS,
                        ),
                    ],
                    emits=PRODUCT_EVENTS,
                ),
            },
            state_view_slices={
                "Orders": reventless.ReadModelArgs(
                    from_=[reventless.SourceArgs(tag="orderId")],
                    owner=reventless.OwnerArgs(field="customerId", elevated_groups=["Admin", "Fulfilment"]),
                    queries={
                        "order": reventless.QueryArgs(get="id"),
                        "orders": reventless.QueryArgs(list=True),
                        "ordersByCustomer": reventless.QueryArgs(by_index="customerId"),
                    },
                    subscriptions={"orderChanged": reventless.SubscriptionArgs()},
                ),
                "AvailableProducts": reventless.ReadModelArgs(
                    from_=[reventless.SourceArgs(tag="productId")],
                    queries={
                        "availableProduct": reventless.QueryArgs(get="id"),
                        "availableProducts": reventless.QueryArgs(list=True),
                    },
                ),
                "CatalogProducts": reventless.ReadModelArgs(
                    from_=[reventless.SourceArgs(tag="productId")],
                    queries={"catalogProduct": reventless.QueryArgs(get="id")},
                ),
            },
            automations={
                "AutoShipOrder": reventless.AutomationArgs(
                    from_=[
                        reventless.SourceArgs(
                            tag="orderId",
                            events=["OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened"],
                        ),
                    ],
                    attempts=5,
                    retry_seconds=5,
                ),
            },
            outbound_translations={
                "SendOrderConfirmation": reventless.OutboundTranslationArgs(
                    from_=[reventless.SourceArgs(tag="orderId", events=["OrderPlaced"])],
                    attempts=3,
                    retry_seconds=5,
                    owner=reventless.OwnerArgs(field="customerId", elevated_groups=["Admin", "Fulfilment"]),
                    queries={"orderConfirmation": reventless.QueryArgs(get="id")},
                ),
            },
        ),
        extension_points={
            "Orders": reventless.ExtensionPointArgs(
                from_=[reventless.PublishedSourceArgs(events=["OrderPlaced", "OrderCancelled", "OrderReopened"])],
                commands={"ShipOrder": reventless.PointCommandArgs(to="Order")},
            ),
        },
        extensions={"CatalogProducts": reventless.ExtensionArgs(plugin="catalog", extension_point="Products")},
    )

    # The stacks of plugins that extend this one read it.
    pulumi.export("_interopMeta", plugin.interop_meta)
