// Package graph makes what answers GraphQL: the AppSync API, its data sources and the
// resolvers of its fields.
//
// The schema of the API is not among its arguments on purpose: the registry's single
// writer pushes it, and an update here would overwrite every plugin's fields. A field
// exists for AppSync only a while after a push, therefore data sources wait for the
// connection (their description is the gate's text), resolvers wait for their data
// source, and both repeat what fails meanwhile (see package retry).
package graph

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/retry"
)

// NewAPI makes the API, without a schema. A nil log is none.
func NewAPI(ctx *pulumi.Context, owner component.Owner, authorization Authorization, log *Log) (*appsync.GraphQLApi, error) {
	args := &appsync.GraphQLApiArgs{
		Name:        pulumi.String(owner.Physical(naming.API, "api")),
		XrayEnabled: tracing(owner),
		LogConfig:   log.config(),
		Tags:        owner.TagsOf("api"),
	}
	authorization.primary(args)
	args.AdditionalAuthenticationProviders = authorization.additional()
	api, err := appsync.NewGraphQLApi(ctx, owner.Logical("api"), args, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the GraphQL API: %w", err)
	}
	return api, nil
}

// tracing is nil without tracing.
func tracing(owner component.Owner) pulumi.BoolPtrInput {
	if !owner.Tracing {
		return nil
	}
	return pulumi.Bool(true)
}

// NewKey makes a key of the API. expires is RFC 3339, nil for AWS's default of 7 days.
func NewKey(ctx *pulumi.Context, owner component.Owner, api pulumi.StringInput, expires pulumi.StringPtrInput) (*appsync.ApiKey, error) {
	key, err := appsync.NewApiKey(ctx, owner.Logical("key"), &appsync.ApiKeyArgs{
		ApiId:       api,
		Description: pulumi.String("Key of " + owner.Name),
		Expires:     expires,
	}, owner.Versioned())
	if err != nil {
		return nil, fmt.Errorf("the API key: %w", err)
	}
	return key, nil
}

// Builder makes data sources and resolvers of one component.
type Builder struct {
	Owner component.Owner
	API   pulumi.StringInput
	// Role is what AppSync takes on to reach functions and tables.
	Role pulumi.StringInput
	// Gate is the description of the data sources: they wait for it.
	Gate pulumi.StringInput
	Hook retry.Hook
	// Ready is what data sources depend on beside the gate.
	Ready []pulumi.Resource
}

// Function makes a data source of a function. The part is the last part of the logical
// name, name the data source's own name in the API.
func (b Builder) Function(ctx *pulumi.Context, part, name string, arn pulumi.StringInput) (*appsync.DataSource, error) {
	return b.dataSource(ctx, part, name, &appsync.DataSourceArgs{
		Type:           pulumi.String("AWS_LAMBDA"),
		ServiceRoleArn: b.Role.ToStringOutput().ToStringPtrOutput(),
		LambdaConfig:   &appsync.DataSourceLambdaConfigArgs{FunctionArn: arn},
	})
}

// Table makes a data source of a table.
func (b Builder) Table(ctx *pulumi.Context, part, name, table string) (*appsync.DataSource, error) {
	return b.dataSource(ctx, part, name, &appsync.DataSourceArgs{
		Type:           pulumi.String("AMAZON_DYNAMODB"),
		ServiceRoleArn: b.Role.ToStringOutput().ToStringPtrOutput(),
		DynamodbConfig: &appsync.DataSourceDynamodbConfigArgs{TableName: pulumi.String(table)},
	})
}

// None makes a data source that answers from the resolver alone.
func (b Builder) None(ctx *pulumi.Context, part, name string) (*appsync.DataSource, error) {
	return b.dataSource(ctx, part, name, &appsync.DataSourceArgs{Type: pulumi.String("NONE")})
}

func (b Builder) dataSource(ctx *pulumi.Context, part, name string, args *appsync.DataSourceArgs) (*appsync.DataSource, error) {
	args.ApiId = b.API
	args.Name = pulumi.String(name)
	args.Description = b.Gate.ToStringOutput().ToStringPtrOutput()
	source, err := appsync.NewDataSource(ctx, b.Owner.Logical(part), args,
		b.Owner.Child(pulumi.DependsOn(b.Ready), b.Hook.Bind()))
	if err != nil {
		return nil, fmt.Errorf("the data source %s: %w", name, err)
	}
	return source, nil
}

// Resolver makes the resolver of one field of Query or Mutation.
func (b Builder) Resolver(ctx *pulumi.Context, rootType, field string, source *appsync.DataSource, code string) error {
	_, err := appsync.NewResolver(ctx, b.Owner.Logical(rootType, field), &appsync.ResolverArgs{
		ApiId:      b.API,
		Type:       pulumi.String(rootType),
		Field:      pulumi.String(field),
		Kind:       pulumi.String("UNIT"),
		DataSource: source.Name.ToStringPtrOutput(),
		Code:       pulumi.String(code),
		Runtime: &appsync.ResolverRuntimeArgs{
			Name:           pulumi.String("APPSYNC_JS"),
			RuntimeVersion: pulumi.String("1.0.0"),
		},
	}, b.Owner.Child(b.Hook.Bind()))
	if err != nil {
		return fmt.Errorf("the resolver of %s.%s: %w", rootType, field, err)
	}
	return nil
}
