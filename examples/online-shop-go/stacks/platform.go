package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/sdk/go/reventless"
)

// Platform declares what all plugins of the shop share.
func Platform(ctx *pulumi.Context) error {
	platform, err := reventless.NewPlatform(ctx, "platform", &reventless.PlatformArgs{
		// Users sign in with Cognito, programs sign their requests, and a key is enough to look at the shop window.
		// What each may use is said in the plugins' schemas.
		AuthenticationModes: []reventless.AuthenticationMode{
			reventless.AuthenticationModeAmazonCognitoUserPools,
			reventless.AuthenticationModeAwsIam,
			reventless.AuthenticationModeApiKey,
		},
	})
	if err != nil {
		return err
	}
	// The plugins' stacks read this one.
	ctx.Export("platform", platform.Connection)
	ctx.Export("graphqlUrl", platform.GraphqlUrl)
	ctx.Export("apiKey", platform.ApiKey)
	ctx.Export("userPoolId", platform.UserPoolId)
	ctx.Export("userPoolClientId", platform.UserPoolClientId)
	return nil
}
