package cognito

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func userPoolClient() *define.Resource {
	return &define.Resource{
		Token:    "aws:cognito/userPoolClient:UserPoolClient",
		Noun:     "Cognito User Pool Client",
		Args:     define.ArgsOf(sdk.UserPoolClientArgs{}),
		Result:   reflect.TypeFor[sdk.UserPoolClient](),
		AutoName: &define.AutoName{Property: "name", Max: 128},
		Required: []string{"userPoolId"},
		Enums:    map[string][]string{"preventUserExistenceErrors": {"LEGACY", "ENABLED"}},
		Validate: known(set("name", "userPoolId", "generateSecret", "explicitAuthFlows", "enableTokenRevocation", "preventUserExistenceErrors",
			"accessTokenValidity", "idTokenValidity", "refreshTokenValidity", "tokenValidityUnits", "readAttributes", "writeAttributes",
			"supportedIdentityProviders", "callbackUrls", "logoutUrls", "allowedOauthFlows", "allowedOauthScopes", "allowedOauthFlowsUserPoolClient")),
		ForceNew:      []string{"userPoolId", "generateSecret"},
		Computed:      []string{"clientSecret"},
		Secret:        []string{"clientSecret"},
		NotFoundCodes: notFound,
		Create:        createClient,
		Read:          readClient,
		Update:        updateClient,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.Cognito.DeleteUserPoolClient(ctx, &cognitoidentityprovider.DeleteUserPoolClientInput{ClientId: &r.ID, UserPoolId: r.Inputs.StringPtr("userPoolId")})
			return err
		},
	}
}

func createClient(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in cognitoidentityprovider.CreateUserPoolClientInput
	mapping.Into(r.Inputs, &in, nil)
	in.ClientName = r.Inputs.StringPtr("name")
	out, err := c.Cognito.CreateUserPoolClient(ctx, &in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.UserPoolClient.ClientId), nil
}

func updateClient(ctx context.Context, c *define.Clients, r define.Request) error {
	var in cognitoidentityprovider.UpdateUserPoolClientInput
	mapping.Into(r.Inputs, &in, nil)
	in.ClientId, in.ClientName = &r.ID, r.Inputs.StringPtr("name")
	_, err := c.Cognito.UpdateUserPoolClient(ctx, &in)
	return err
}

func readClient(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	pool := r.Inputs.StringPtr("userPoolId")
	if pool == nil {
		pool = r.State.StringPtr("userPoolId")
	}
	out, err := c.Cognito.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{ClientId: &r.ID, UserPoolId: pool})
	if err != nil {
		return nil, err
	}
	client := out.UserPoolClient
	return property.Values{"name": client.ClientName, "userPoolId": client.UserPoolId, "clientSecret": aws.ToString(client.ClientSecret),
		"explicitAuthFlows": property.OrNull(client.ExplicitAuthFlows)}, nil
}
