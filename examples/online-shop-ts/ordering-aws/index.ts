// Ordering, customers and their orders.
import * as fs from "node:fs";

import * as pulumi from "@pulumi/pulumi";
import * as reventless from "@reventless/pulumi-reventless";

const orderEvents = ["OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"];
const productEvents = [
    "CatalogProductSynced",
    "CatalogProductPriceChanged",
    "CatalogProductWithdrawn",
    "CatalogProductRelisted",
    "CatalogProductImageChanged",
];

// Pulumi calls the function that a program exports; what it returns are the stack's outputs.
export = async () => {
    // What each part of it means is said in ../../online-shop/ordering-aws/Pulumi.yaml.
    const ordering = new reventless.Plugin("ordering", {
        version: "1.0.0",
        code: new pulumi.asset.FileArchive("../../online-shop/ordering/src"),
        runtime: "python3.12",
        handler: "handler.handler",
        schema: fs.readFileSync("../../online-shop/ordering/schema.graphql", "utf8"),
        aggregates: {
            Customer: {
                id: "customerId",
                commands: {
                    registerCustomer: "Register",
                    updateCustomerEmail: "UpdateEmail",
                    updateCustomerAddress: "UpdateAddress",
                    setCustomerAddressLocation: "SetAddressLocation",
                    deactivateCustomer: "Deactivate",
                    reactivateCustomer: "Reactivate",
                },
                snapshotEvery: 50,
            },
        },
        readModels: {
            Customers: {
                from: [
                    { aggregate: "Customer" },
                    { tag: "customerId", events: ["OrderPlaced"] },
                ],
                owner: { field: "id", elevatedGroups: ["Admin", "Fulfilment"] },
                queries: { customer: { get: "id" } },
            },
        },
        dcb: {
            tags: {
                orderId: {},
                customerId: {},
                productId: { fields: ["productId", "lineItems.productId"] },
            },
            events: {
                OrderPlaced: ["orderId", "customerId"],
                OrderShipped: ["orderId"],
                OrderCancelled: ["orderId"],
                OrderReopened: ["orderId"],
                RefundIssued: ["orderId"],
                CatalogProductSynced: ["productId"],
                CatalogProductPriceChanged: ["productId"],
                CatalogProductWithdrawn: ["productId"],
                CatalogProductRelisted: ["productId"],
                CatalogProductImageChanged: ["productId"],
            },
            stateChangeSlices: {
                PlaceOrder: {
                    commands: { placeOrder: "PlaceOrder" },
                    reads: [
                        { events: ["OrderPlaced"], tags: ["orderId"] },
                        {
                            tags: ["productId"],
                            events: productEvents,
                        },
                    ],
                    emits: ["OrderPlaced"],
                },
                Order: {
                    commands: { shipOrder: "ShipOrder", cancelOrder: "CancelOrder" },
                    reads: [
                        {
                            tags: ["orderId"],
                            events: orderEvents,
                        },
                    ],
                    emits: ["OrderShipped", "OrderCancelled", "OrderReopened", "RefundIssued"],
                },
                Refund: {
                    commands: { requestRefund: "RequestRefund" },
                    async: true,
                    reads: [
                        {
                            tags: ["orderId"],
                            events: orderEvents,
                        },
                    ],
                    emits: ["RefundIssued"],
                },
                CatalogProduct: {
                    reads: [
                        {
                            tags: ["productId"],
                            events: productEvents,
                        },
                    ],
                    emits: productEvents,
                },
            },
            stateViewSlices: {
                Orders: {
                    from: [{ tag: "orderId" }],
                    owner: { field: "customerId", elevatedGroups: ["Admin", "Fulfilment"] },
                    queries: { order: { get: "id" }, orders: { list: true }, ordersByCustomer: { byIndex: "customerId" } },
                    subscriptions: { orderChanged: {} },
                },
                AvailableProducts: {
                    from: [{ tag: "productId" }],
                    queries: { availableProduct: { get: "id" }, availableProducts: { list: true } },
                },
                CatalogProducts: {
                    from: [{ tag: "productId" }],
                    queries: { catalogProduct: { get: "id" } },
                },
            },
            automations: {
                AutoShipOrder: {
                    from: [{ tag: "orderId", events: ["OrderPlaced", "OrderShipped", "OrderCancelled", "OrderReopened"] }],
                    attempts: 5,
                    retrySeconds: 5,
                },
            },
            outboundTranslations: {
                SendOrderConfirmation: {
                    from: [{ tag: "orderId", events: ["OrderPlaced"] }],
                    attempts: 3,
                    retrySeconds: 5,
                    owner: { field: "customerId", elevatedGroups: ["Admin", "Fulfilment"] },
                    queries: { orderConfirmation: { get: "id" } },
                },
            },
        },
        extensionPoints: {
            Orders: {
                from: [{ events: ["OrderPlaced", "OrderCancelled", "OrderReopened"] }],
                commands: { ShipOrder: { to: "Order" } },
            },
        },
        extensions: { CatalogProducts: { plugin: "catalog", extensionPoint: "Products" } },
    });
    // The stacks of plugins that extend this one read it.
    return { _interopMeta: ordering.interopMeta };
};
