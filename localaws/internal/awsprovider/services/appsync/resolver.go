package appsync

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/appsync"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// conflictTimeout bounds the repetition on ConcurrentModificationException,
// which the real provider does for resolvers only.
const conflictTimeout = 2 * time.Minute

var renameResolver = mapping.Rename{
	"field": "FieldName", "type": "TypeName", "dataSource": "DataSourceName",
	"requestTemplate": "RequestMappingTemplate", "responseTemplate": "ResponseMappingTemplate",
}

func resolver() *define.Resource {
	return &define.Resource{
		Token:         "aws:appsync/resolver:Resolver",
		Noun:          "AppSync Resolver",
		Args:          define.ArgsOf(sdk.ResolverArgs{}),
		Result:        reflect.TypeFor[sdk.Resolver](),
		Defaults:      map[string]any{"kind": "UNIT"},
		Enums:         map[string][]string{"kind": {"UNIT", "PIPELINE"}, "runtime.name": {"APPSYNC_JS"}},
		Ranges:        map[string]define.Range{"maxBatchSize": {Max: 2000}},
		Kinds:         map[string]define.Kind{"cachingConfig.cachingKeys": define.Set},
		ForceNew:      []string{"apiId", "field", "type"},
		Computed:      []string{"arn"},
		NotFoundCodes: notFound,
		Create:        createResolver,
		Read:          readResolver,
		Update:        updateResolver,
		Delete:        deleteResolver,
	}
}

// changeResolver runs one change of an API's resolvers at a time and repeats
// it while AppSync reports a concurrent modification.
func changeResolver(ctx context.Context, c *define.Clients, apiID string, change func() error) error {
	defer c.Lock("appsync-schema-" + apiID)()
	busy := func(err error) bool { return define.HasCode(err, "ConcurrentModificationException") }
	return retry.While(ctx, conflictTimeout, busy, change)
}

func createResolver(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in appsync.CreateResolverInput
	mapping.Into(r.Inputs, &in, renameResolver)
	apiID := r.Inputs.String("apiId")
	err := changeResolver(ctx, c, apiID, func() error {
		_, err := c.AppSync.CreateResolver(ctx, &in)
		return err
	})
	if err != nil {
		return "", err
	}
	return strings.Join([]string{apiID, r.Inputs.String("type"), r.Inputs.String("field")}, "-"), nil
}

func splitResolverID(id string) (apiID, typ, field string, err error) {
	parts := strings.SplitN(id, "-", 3)
	if len(parts) != 3 {
		return "", "", "", fmt.Errorf("unexpected id %q of a resolver, expected API-ID-TYPE-FIELD", id)
	}
	return parts[0], parts[1], parts[2], nil
}

func readResolver(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	apiID, typ, field, err := splitResolverID(r.ID)
	if err != nil {
		return nil, err
	}
	out, err := c.AppSync.GetResolver(ctx, &appsync.GetResolverInput{ApiId: &apiID, TypeName: &typ, FieldName: &field})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out.Resolver, define.ArgsOf(sdk.ResolverArgs{}), renameResolver)
	values["apiId"] = apiID
	values["arn"] = out.Resolver.ResolverArn
	return values, nil
}

func updateResolver(ctx context.Context, c *define.Clients, r define.Request) error {
	var in appsync.UpdateResolverInput
	mapping.Into(r.Inputs, &in, renameResolver)
	return changeResolver(ctx, c, r.Inputs.String("apiId"), func() error {
		_, err := c.AppSync.UpdateResolver(ctx, &in)
		return err
	})
}

func deleteResolver(ctx context.Context, c *define.Clients, r define.Request) error {
	apiID, typ, field, err := splitResolverID(r.ID)
	if err != nil {
		return err
	}
	in := &appsync.DeleteResolverInput{ApiId: &apiID, TypeName: &typ, FieldName: &field}
	return changeResolver(ctx, c, apiID, func() error {
		_, err := c.AppSync.DeleteResolver(ctx, in)
		return err
	})
}
