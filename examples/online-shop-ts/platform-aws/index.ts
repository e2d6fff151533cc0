// The online shop's platform, what all of its plugins share.
import * as reventless from "@reventless/pulumi-reventless";

// Pulumi calls the function that a program exports; what it returns are the stack's outputs.
export = async () => {
    const platform = new reventless.Platform("platform", {
        // Users sign in with Cognito, programs sign their requests, and a key is enough to look at the shop window.
        // What each may use is said in the plugins' schemas.
        authenticationModes: ["AMAZON_COGNITO_USER_POOLS", "AWS_IAM", "API_KEY"],
    });
    // The plugins' stacks read the first one.
    return {
        platform: platform.connection,
        graphqlUrl: platform.graphqlUrl,
        apiKey: platform.apiKey,
        userPoolId: platform.userPoolId,
        userPoolClientId: platform.userPoolClientId,
    };
};
