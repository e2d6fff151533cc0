// The online shop's catalog, as a TypeScript program would declare it.
import * as pulumi from "@pulumi/pulumi";
import * as reventless from "../../../sdk/nodejs";

const platform = new reventless.Platform("platform", {
    authenticationModes: ["API_KEY", "OPENID_CONNECT", "AWS_LAMBDA"],
    openIdConnect: { issuer: "https://login.example.com", clientId: "web|mobile", iatTtlSeconds: 3600 },
    lambdaAuthorizer: { functionArn: pulumi.output("arn:aws:lambda:eu-west-1:123456789012:function:authorizer") },
});

const catalog = new reventless.Plugin("catalog", {
    platform: platform.connection,
    version: "1.0.0",
    code: new pulumi.asset.FileArchive("../catalog/src"),
    runtime: "nodejs22.x",
    handler: "index.handler",
    schema: "type Query { product(id: ID!): Product } type Product { id: ID! }",
    aggregates: { Product: { id: "productId", commands: { addProduct: "AddProduct" } } },
    readModels: {
        Products: { from: [{ aggregate: "Product" }], queries: { product: { get: "id" } } },
    },
    extensionPoints: { Products: { from: [{ aggregate: "Product" }] } },
});

// Structure decides on resources, so that no output is taken for it; leaf values may be outputs.
new reventless.Plugin("outputs", {
    code: new pulumi.asset.FileArchive("../catalog/src"),
    schema: "type Query { product(id: ID!): Product } type Product { id: ID! }",
    environment: { PLATFORM: platform.graphqlUrl },
    alarms: { topicArn: platform.apiArn },
    interop: [catalog.interopMeta],
    // @ts-expect-error: a whole object
    dcb: pulumi.output({ tags: {}, events: {} }),
    // @ts-expect-error: one of a map
    aggregates: { Product: pulumi.output({ commands: {} }) },
    // @ts-expect-error: one of a list in a map
    readModels: { Products: { from: [pulumi.output({ aggregate: "Product" })] } },
});

const url: pulumi.Output<string> = platform.graphqlUrl;
export const outputs = { url, interopMeta: catalog.interopMeta };
