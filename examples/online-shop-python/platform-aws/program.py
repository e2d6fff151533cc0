"""The online shop's platform, what all of its plugins share."""

import pulumi
import pulumi_reventless as reventless


def platform() -> None:
    """Declare the stack's resources and outputs."""
    shop = reventless.Platform(
        "platform",
        # Users sign in with Cognito, programs sign their requests, and a key is enough to look at the shop window.
        # What each may use is said in the plugins' schemas.
        authentication_modes=[
            reventless.AuthenticationMode.AMAZON_COGNITO_USER_POOLS,
            reventless.AuthenticationMode.AWS_IAM,
            reventless.AuthenticationMode.API_KEY,
        ],
    )

    # The plugins' stacks read this one.
    pulumi.export("platform", shop.connection)
    pulumi.export("graphqlUrl", shop.graphql_url)
    pulumi.export("apiKey", shop.api_key)
    pulumi.export("userPoolId", shop.user_pool_id)
    pulumi.export("userPoolClientId", shop.user_pool_client_id)
