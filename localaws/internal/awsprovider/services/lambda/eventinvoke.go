package lambda

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func eventInvokeConfig() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
		Noun:     "Lambda Function Event Invoke Config",
		Args:     define.ArgsOf(sdk.FunctionEventInvokeConfigArgs{}),
		Result:   reflect.TypeFor[sdk.FunctionEventInvokeConfig](),
		Defaults: map[string]any{"maximumRetryAttempts": 2},
		Ranges: map[string]define.Range{"maximumEventAgeInSeconds": {Min: 60, Max: 21600},
			"maximumRetryAttempts": {Max: 2}},
		Kinds:         map[string]define.Kind{"functionName": define.FunctionName},
		ForceNew:      []string{"functionName", "qualifier"},
		NotFoundCodes: notFound,
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			id := r.Inputs.String("functionName")
			if qualifier := r.Inputs.String("qualifier"); qualifier != "" {
				id += ":" + qualifier
			}
			return id, putEventInvokeConfig(ctx, c, r)
		},
		Read:   readEventInvokeConfig,
		Update: putEventInvokeConfig,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.Lambda.DeleteFunctionEventInvokeConfig(ctx, &lambda.DeleteFunctionEventInvokeConfigInput{
				FunctionName: r.Inputs.StringPtr("functionName"), Qualifier: r.Inputs.StringPtr("qualifier")})
			return err
		},
	}
}

// putEventInvokeConfig replaces the whole configuration. It repeats while the
// function's role may not send to the destination yet.
func putEventInvokeConfig(ctx context.Context, c *define.Clients, r define.Request) error {
	var in lambda.PutFunctionEventInvokeConfigInput
	mapping.Into(r.Inputs, &in, nil)
	return patiently(ctx, func() error { _, err := c.Lambda.PutFunctionEventInvokeConfig(ctx, &in); return err })
}

func readEventInvokeConfig(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	name, qualifier := r.Inputs.String("functionName"), r.Inputs.StringPtr("qualifier")
	if name == "" { // an import knows the id only
		name = r.ID
		if i := strings.LastIndex(r.ID, ":"); i > 0 && !strings.HasSuffix(r.ID[:i], ":function") {
			name, qualifier = r.ID[:i], aws.String(r.ID[i+1:])
		}
	}
	out, err := c.Lambda.GetFunctionEventInvokeConfig(ctx, &lambda.GetFunctionEventInvokeConfigInput{FunctionName: &name, Qualifier: qualifier})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out, define.ArgsOf(sdk.FunctionEventInvokeConfigArgs{}), nil)
	values["functionName"], values["qualifier"] = name, qualifier
	if to := out.DestinationConfig; to == nil || (to.OnFailure == nil || to.OnFailure.Destination == nil) && (to.OnSuccess == nil || to.OnSuccess.Destination == nil) {
		values["destinationConfig"] = nil // AWS answers an empty block when it is not set
	}
	return values, nil
}
