// Package appsync declares the AppSync resource types of the stand-in
// provider: GraphQLApi, ApiKey, DataSource and Resolver.
package appsync

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

const schemaTimeout = 30 * time.Minute // the real provider's limit

var notFound = []string{"NotFoundException"}

var authenticationTypes = []string{
	"API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT", "AWS_LAMBDA",
}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{graphQLAPI(), apiKey(), dataSource(), resolver()}
}

func graphQLAPI() *define.Resource {
	return &define.Resource{
		Token:    "aws:appsync/graphQLApi:GraphQLApi",
		Noun:     "AppSync GraphQL API",
		Args:     define.ArgsOf(sdk.GraphQLApiArgs{}),
		Result:   reflect.TypeFor[sdk.GraphQLApi](),
		AutoName: &define.AutoName{Property: "name", Max: 255},
		Defaults: map[string]any{"apiType": "GRAPHQL", "introspectionConfig": "ENABLED", "visibility": "GLOBAL"},
		Enums: map[string][]string{
			"apiType": {"GRAPHQL", "MERGED"}, "introspectionConfig": {"ENABLED", "DISABLED"},
			"visibility": {"GLOBAL", "PRIVATE"}, "authenticationType": authenticationTypes,
			"logConfig.fieldLogLevel": {"ALL", "DEBUG", "ERROR", "INFO", "NONE"},
		},
		Ranges:        map[string]define.Range{"queryDepthLimit": {Max: 75}, "resolverCountLimit": {Max: 10000}},
		Validate:      validateAPI,
		ForceNew:      []string{"apiType", "visibility"},
		Computed:      []string{"arn", "uris"},
		NotFoundCodes: notFound,
		Create:        createAPI,
		Read:          readAPI,
		Update:        updateAPI,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.AppSync.DeleteGraphqlApi(ctx, &appsync.DeleteGraphqlApiInput{ApiId: &r.ID})
			return err
		},
	}
}

func validateAPI(inputs property.Map) []inputcheck.Failure {
	needs := map[string]string{
		"AMAZON_COGNITO_USER_POOLS": "userPoolConfig", "OPENID_CONNECT": "openidConnectConfig",
		"AWS_LAMBDA": "lambdaAuthorizerConfig",
	}
	key, ok := needs[inputs.String("authenticationType")]
	if ok && !inputs.Has(key) {
		return define.Failed(key, "%q is required for authentication type %s", key, inputs.String("authenticationType"))
	}
	return nil
}

func createAPI(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in appsync.CreateGraphqlApiInput
	mapping.Into(r.Inputs, &in, nil)
	setUserPoolRegion(c, in.UserPoolConfig, in.AdditionalAuthenticationProviders)
	out, err := c.AppSync.CreateGraphqlApi(ctx, &in)
	if err != nil {
		return "", err
	}
	id := aws.ToString(out.GraphqlApi.ApiId)
	return id, putSchema(ctx, c, id, r.Inputs.String("schema"))
}

// setUserPoolRegion fills in the provider's region, which AppSync requires
// and the real provider defaults.
func setUserPoolRegion(c *define.Clients, pool *types.UserPoolConfig, more []types.AdditionalAuthenticationProvider) {
	if pool != nil && pool.AwsRegion == nil {
		pool.AwsRegion = &c.Region
	}
	for i := range more {
		if p := more[i].UserPoolConfig; p != nil && p.AwsRegion == nil {
			p.AwsRegion = &c.Region
		}
	}
}

// putSchema replaces the API's schema and waits for the outcome. Without a
// schema in the inputs the API's schema is never touched.
func putSchema(ctx context.Context, c *define.Clients, id, schema string) error {
	if schema == "" {
		return nil
	}
	_, err := c.AppSync.StartSchemaCreation(ctx, &appsync.StartSchemaCreationInput{
		ApiId: &id, Definition: []byte(schema)})
	if err != nil {
		return fmt.Errorf("creating AppSync GraphQL Schema: %w", err)
	}
	return retry.Until(ctx, schemaTimeout, "AppSync GraphQL API ("+id+") schema", func() (bool, string, error) {
		out, err := c.AppSync.GetSchemaCreationStatus(ctx, &appsync.GetSchemaCreationStatusInput{ApiId: &id})
		if err != nil {
			return false, "", err
		}
		if out.Status == types.SchemaStatusFailed {
			return false, "", fmt.Errorf("schema creation failed: %s", aws.ToString(out.Details))
		}
		return out.Status == types.SchemaStatusActive || out.Status == types.SchemaStatusSuccess, string(out.Status), nil
	})
}

func readAPI(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.AppSync.GetGraphqlApi(ctx, &appsync.GetGraphqlApiInput{ApiId: &r.ID})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out.GraphqlApi, define.ArgsOf(sdk.GraphQLApiArgs{}), nil)
	delete(values, "schema") // not read back, as with the real provider
	values["arn"] = out.GraphqlApi.Arn
	values["uris"] = out.GraphqlApi.Uris
	return values, nil
}

func updateAPI(ctx context.Context, c *define.Clients, r define.Request) error {
	if err := updateTags(ctx, c, r); err != nil {
		return err
	}
	var in appsync.UpdateGraphqlApiInput
	mapping.Into(r.Inputs, &in, nil)
	in.ApiId = &r.ID
	setUserPoolRegion(c, in.UserPoolConfig, in.AdditionalAuthenticationProviders)
	if _, err := c.AppSync.UpdateGraphqlApi(ctx, &in); err != nil {
		return err
	}
	if r.Changed["schema"] {
		return putSchema(ctx, c, r.ID, r.Inputs.String("schema"))
	}
	return nil
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(remove) > 0 {
		in := &appsync.UntagResourceInput{ResourceArn: arn, TagKeys: remove}
		if _, err := c.AppSync.UntagResource(ctx, in); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.AppSync.TagResource(ctx, &appsync.TagResourceInput{ResourceArn: arn, Tags: set})
	return err
}
