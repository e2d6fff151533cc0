"""The online shop's catalog, as a Python program would declare it."""

import pulumi
import pulumi_reventless as reventless

platform = reventless.Platform(
    "platform",
    authentication_modes=[
        reventless.AuthenticationMode.API_KEY,
        reventless.AuthenticationMode.OPENID_CONNECT,
        reventless.AuthenticationMode.AWS_LAMBDA,
    ],
    open_id_connect=reventless.OpenIDConnectArgs(issuer="https://login.example.com", client_id="web|mobile"),
    lambda_authorizer=reventless.LambdaAuthorizerArgs(
        function_arn=pulumi.Output.from_input("arn:aws:lambda:eu-west-1:123456789012:function:authorizer")
    ),
)

catalog = reventless.Plugin(
    "catalog",
    platform=platform.connection,
    version="1.0.0",
    code=pulumi.FileArchive("../catalog/src"),
    runtime="python3.12",
    handler="handler.handler",
    schema="type Query { product(id: ID!): Product } type Product { id: ID! }",
    aggregates={"Product": reventless.AggregateArgs(id="productId", commands={"addProduct": "AddProduct"})},
)

# Structure decides on resources, so that no output is taken for it; leaf values may be outputs.
# mypy --strict refuses an "ignore" that nothing needs.
outputs = reventless.PluginArgs(
    code=pulumi.FileArchive("../catalog/src"),
    schema="type Query { product(id: ID!): Product } type Product { id: ID! }",
    environment={"PLATFORM": platform.graphql_url},
    alarms=reventless.AlarmsArgs(topic_arn=platform.api_arn),
    dcb=pulumi.Output.from_input(reventless.DCBArgs(tags={}, events={})),  # type: ignore[arg-type]
    aggregates={"Product": pulumi.Output.from_input(reventless.AggregateArgs())},  # type: ignore[dict-item]
    read_models={
        "Products": reventless.ReadModelArgs(from_=[pulumi.Output.from_input(reventless.SourceArgs())])  # type: ignore[list-item]
    },
)

url: pulumi.Output[str] = platform.graphql_url
pulumi.export("url", url)
pulumi.export("_interopMeta", catalog.interop_meta)
