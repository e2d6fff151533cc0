package appsync

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// renameDataSource holds the SDK names that differ from the properties. The
// region of a nested configuration is AwsRegion in the API.
var renameDataSource = mapping.Rename{
	"region": "AwsRegion", "functionArn": "LambdaFunctionArn", "opensearchserviceConfig": "OpenSearchServiceConfig",
	"sourceType": "RelationalDatabaseSourceType", "httpEndpointConfig": "RdsHttpEndpointConfig",
}

func dataSource() *define.Resource {
	return &define.Resource{
		Token:    "aws:appsync/dataSource:DataSource",
		Noun:     "AppSync Data Source",
		Args:     define.ArgsOf(sdk.DataSourceArgs{}),
		Result:   reflect.TypeFor[sdk.DataSource](),
		AutoName: &define.AutoName{Property: "name", Max: 255},
		Enums: map[string][]string{"type": {
			"AWS_LAMBDA", "AMAZON_DYNAMODB", "AMAZON_ELASTICSEARCH", "AMAZON_OPENSEARCH_SERVICE",
			"HTTP", "NONE", "RELATIONAL_DATABASE", "AMAZON_EVENTBRIDGE", "AMAZON_BEDROCK_RUNTIME"}},
		Validate:      validateDataSource,
		ForceNew:      []string{"apiId", "name"},
		Computed:      []string{"arn"},
		NotFoundCodes: notFound,
		Create:        createDataSource,
		Read:          readDataSource,
		Update:        updateDataSource,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			apiID, name := splitID(r.ID)
			_, err := c.AppSync.DeleteDataSource(ctx, &appsync.DeleteDataSourceInput{ApiId: &apiID, Name: &name})
			return err
		},
	}
}

func validateDataSource(inputs property.Map) []inputcheck.Failure {
	name := inputs.String("name")
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return define.Failed("name", "must match [_A-Za-z][_0-9A-Za-z]*: %q", name)
		}
	}
	return nil
}

func splitID(id string) (apiID, rest string) {
	apiID, rest, _ = strings.Cut(id, "-")
	return apiID, rest
}

func setRegion(c *define.Clients, dynamo *types.DynamodbDataSourceConfig) {
	if dynamo != nil && dynamo.AwsRegion == nil {
		dynamo.AwsRegion = &c.Region
	}
}

func createDataSource(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in appsync.CreateDataSourceInput
	mapping.Into(r.Inputs, &in, renameDataSource)
	setRegion(c, in.DynamodbConfig)
	if _, err := c.AppSync.CreateDataSource(ctx, &in); err != nil {
		return "", err
	}
	return r.Inputs.String("apiId") + "-" + r.Inputs.String("name"), nil
}

func readDataSource(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	apiID, name := splitID(r.ID)
	if name == "" {
		return nil, fmt.Errorf("unexpected id %q of a data source, expected API-ID-NAME", r.ID)
	}
	out, err := c.AppSync.GetDataSource(ctx, &appsync.GetDataSourceInput{ApiId: &apiID, Name: &name})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out.DataSource, define.ArgsOf(sdk.DataSourceArgs{}), renameDataSource)
	values["apiId"] = apiID
	values["arn"] = out.DataSource.DataSourceArn
	return values, nil
}

func updateDataSource(ctx context.Context, c *define.Clients, r define.Request) error {
	var in appsync.UpdateDataSourceInput
	mapping.Into(r.Inputs, &in, renameDataSource)
	setRegion(c, in.DynamodbConfig)
	_, err := c.AppSync.UpdateDataSource(ctx, &in)
	return err
}
