package lambda

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// layerVersion: a version is immutable, so everything but skipDestroy
// replaces it.
func layerVersion() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/layerVersion:LayerVersion",
		Noun:     "Lambda Layer Version",
		Args:     define.ArgsOf(sdk.LayerVersionArgs{}),
		Result:   reflect.TypeFor[sdk.LayerVersion](),
		Defaults: map[string]any{"skipDestroy": false},
		Kinds:    map[string]define.Kind{"compatibleArchitectures": define.Set, "compatibleRuntimes": define.Set},
		Validate: func(inputs property.Map) []inputcheck.Failure {
			return codeSource(inputs, "code", "s3Bucket")
		},
		ForceNew: []string{"code", "compatibleArchitectures", "compatibleRuntimes", "description", "layerName",
			"licenseInfo", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"},
		Computed: []string{"arn", "codeSha256", "createdDate", "layerArn", "signingJobArn",
			"signingProfileVersionArn", "sourceCodeHash", "sourceCodeSize", "version"},
		NotFoundCodes: notFound,
		Create:        publishLayer,
		Read:          readLayer,
		Update: func(context.Context, *define.Clients, define.Request) error {
			return nil // only skipDestroy can change, and that is state, not AWS
		},
		Delete: deleteLayer,
	}
}

func publishLayer(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in lambda.PublishLayerVersionInput
	mapping.Into(r.Inputs, &in, mapping.Rename{"code": "-"})
	zipped, err := zipOf(r.Inputs)
	if err != nil {
		return "", fmt.Errorf("reading the layer's content: %w", err)
	}
	in.Content = &types.LayerVersionContentInput{ZipFile: zipped, S3Bucket: r.Inputs.StringPtr("s3Bucket"),
		S3Key: r.Inputs.StringPtr("s3Key"), S3ObjectVersion: r.Inputs.StringPtr("s3ObjectVersion")}
	out, err := c.Lambda.PublishLayerVersion(ctx, &in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.LayerVersionArn), nil
}

// splitLayerARN takes arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION apart.
func splitLayerARN(arn string) (layer string, version int64, err error) {
	at := strings.LastIndex(arn, ":")
	if at < 0 {
		return "", 0, fmt.Errorf("unexpected id %q of a layer version, expected an ARN with a version", arn)
	}
	version, err = strconv.ParseInt(arn[at+1:], 10, 64)
	if err != nil {
		return "", 0, fmt.Errorf("unexpected id %q of a layer version: %w", arn, err)
	}
	layerARN := arn[:at]
	return layerARN[strings.LastIndex(layerARN, ":")+1:], version, nil
}

func readLayer(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	layer, version, err := splitLayerARN(r.ID)
	if err != nil {
		return nil, err
	}
	out, err := c.Lambda.GetLayerVersion(ctx, &lambda.GetLayerVersionInput{LayerName: &layer, VersionNumber: &version})
	if err != nil {
		return nil, err
	}
	values := property.Values{"arn": r.ID, "layerArn": out.LayerArn, "layerName": layer, "version": strconv.FormatInt(version, 10),
		"createdDate": aws.ToString(out.CreatedDate), "description": property.OrNull(out.Description),
		"licenseInfo": property.OrNull(out.LicenseInfo), "compatibleRuntimes": property.OrNull(out.CompatibleRuntimes),
		"compatibleArchitectures": property.OrNull(out.CompatibleArchitectures), "signingJobArn": "", "signingProfileVersionArn": ""}
	if content := out.Content; content != nil {
		values["codeSha256"], values["sourceCodeSize"] = aws.ToString(content.CodeSha256), content.CodeSize
		values["sourceCodeHash"] = sourceHash(r.Inputs, aws.ToString(content.CodeSha256))
	}
	return values, nil
}

func deleteLayer(ctx context.Context, c *define.Clients, r define.Request) error {
	if r.Inputs.Bool("skipDestroy") {
		return nil
	}
	layer, version, err := splitLayerARN(r.ID)
	if err != nil {
		return err
	}
	_, err = c.Lambda.DeleteLayerVersion(ctx, &lambda.DeleteLayerVersionInput{LayerName: &layer, VersionNumber: &version})
	return err
}
