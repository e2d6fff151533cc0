package cognito

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func userPool() *define.Resource {
	return &define.Resource{
		Token:    "aws:cognito/userPool:UserPool",
		Noun:     "Cognito User Pool",
		Args:     define.ArgsOf(sdk.UserPoolArgs{}),
		Result:   reflect.TypeFor[sdk.UserPool](),
		AutoName: &define.AutoName{Property: "name", Max: 128},
		Defaults: map[string]any{"deletionProtection": "INACTIVE", "mfaConfiguration": "OFF"},
		Enums: map[string][]string{"deletionProtection": {"ACTIVE", "INACTIVE"}, "mfaConfiguration": {"OFF"},
			"userPoolTier": {"LITE", "ESSENTIALS", "PLUS"}},
		Validate: known(set("name", "deletionProtection", "mfaConfiguration", "passwordPolicy", "adminCreateUserConfig", "accountRecoverySetting",
			"autoVerifiedAttributes", "usernameAttributes", "aliasAttributes", "usernameConfiguration", "userPoolTier", "tags")),
		ForceNew:      []string{"name", "usernameAttributes", "aliasAttributes", "usernameConfiguration"},
		Computed:      []string{"arn", "endpoint", "creationDate", "lastModifiedDate", "estimatedNumberOfUsers", "domain", "customDomain"},
		NotFoundCodes: notFound,
		Create:        createPool,
		Read:          readPool,
		Update:        updatePool,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.Cognito.DeleteUserPool(ctx, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &r.ID})
			return err
		},
	}
}

// policies are the settings of passwords, nil for Cognito's own.
func policies(inputs property.Map) *types.UserPoolPolicyType {
	given := inputs.Object("passwordPolicy")
	if given == nil {
		return nil
	}
	policy := &types.PasswordPolicyType{}
	mapping.Into(given, policy, nil)
	return &types.UserPoolPolicyType{PasswordPolicy: policy}
}

func createPool(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in cognitoidentityprovider.CreateUserPoolInput
	mapping.Into(r.Inputs, &in, nil)
	in.PoolName, in.UserPoolTags, in.Policies = r.Inputs.StringPtr("name"), r.Inputs.StringMap("tags"), policies(r.Inputs)
	out, err := c.Cognito.CreateUserPool(ctx, &in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.UserPool.Id), nil
}

func updatePool(ctx context.Context, c *define.Clients, r define.Request) error {
	var in cognitoidentityprovider.UpdateUserPoolInput
	mapping.Into(r.Inputs, &in, nil)
	in.UserPoolId, in.UserPoolTags, in.Policies = &r.ID, r.Inputs.StringMap("tags"), policies(r.Inputs)
	in.PoolName = r.Inputs.StringPtr("name")
	_, err := c.Cognito.UpdateUserPool(ctx, &in)
	return err
}

func readPool(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	pool, err := describe(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	return property.Values{"arn": pool.Arn, "name": pool.Name, "endpoint": endpoint(c, r.ID),
		"deletionProtection": string(pool.DeletionProtection), "estimatedNumberOfUsers": int(pool.EstimatedNumberOfUsers),
		"creationDate": pool.CreationDate, "lastModifiedDate": pool.LastModifiedDate, "tags": property.OrNull(pool.UserPoolTags)}, nil
}

func describe(ctx context.Context, c *define.Clients, id string) (*types.UserPoolType, error) {
	out, err := c.Cognito.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &id})
	if err != nil {
		return nil, err
	}
	return out.UserPool, nil
}

// endpoint is the issuer of the pool's tokens without its scheme.
func endpoint(c *define.Clients, id string) string {
	return "cognito-idp." + c.Region + ".amazonaws.com/" + id
}

func getUserPool() *define.Function {
	return &define.Function{
		Token:  "aws:cognito/getUserPool:getUserPool",
		Args:   reflect.TypeFor[sdk.LookupUserPoolArgs](),
		Result: reflect.TypeFor[sdk.LookupUserPoolResult](),
		Call: func(ctx context.Context, c *define.Clients, args property.Map) (property.Values, error) {
			id := args.String("userPoolId")
			pool, err := describe(ctx, c, id)
			if err != nil {
				return nil, err
			}
			return property.Values{"id": id, "userPoolId": id, "arn": pool.Arn, "name": pool.Name, "mfaConfiguration": string(pool.MfaConfiguration),
				"deletionProtection": string(pool.DeletionProtection), "estimatedNumberOfUsers": int(pool.EstimatedNumberOfUsers),
				"usernameAttributes": pool.UsernameAttributes, "autoVerifiedAttributes": pool.AutoVerifiedAttributes,
				"creationDate": pool.CreationDate, "lastModifiedDate": pool.LastModifiedDate, "tags": pool.UserPoolTags, "userPoolTags": pool.UserPoolTags}, nil
		},
	}
}
