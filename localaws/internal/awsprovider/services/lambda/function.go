package lambda

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

var renameFunction = mapping.Rename{"name": "FunctionName", "code": "-", "commands": "Command", "entryPoints": "EntryPoint"}

// Which inputs which update call sends.
var (
	codeInputs   = []string{"code", "s3Bucket", "s3Key", "s3ObjectVersion", "imageUri", "sourceCodeHash", "architectures"}
	configInputs = []string{"deadLetterConfig", "description", "environment", "ephemeralStorage", "fileSystemConfig",
		"handler", "imageConfig", "kmsKeyArn", "layers", "loggingConfig", "memorySize", "role", "runtime", "snapStart",
		"timeout", "tracingConfig", "vpcConfig"}
)

func function() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/function:Function",
		Noun:     "Lambda Function",
		Args:     define.ArgsOf(sdk.FunctionArgs{}),
		Result:   reflect.TypeFor[sdk.Function](),
		AutoName: &define.AutoName{Property: "name", Max: 64},
		Defaults: map[string]any{"memorySize": 128, "packageType": "Zip", "publish": false,
			"reservedConcurrentExecutions": -1, "skipDestroy": false, "timeout": 3},
		Enums: map[string][]string{"packageType": {"Zip", "Image"}, "loggingConfig.logFormat": {"JSON", "Text"},
			"tracingConfig.mode": {"Active", "PassThrough"}, "snapStart.applyOn": {"PublishedVersions", "None"}},
		Ranges: map[string]define.Range{"memorySize": {Min: 128, Max: 10240}, "timeout": {Min: 1, Max: 900},
			"reservedConcurrentExecutions": {Min: -1, Max: math.MaxInt32}},
		Kinds:    map[string]define.Kind{"vpcConfig.subnetIds": define.Set, "vpcConfig.securityGroupIds": define.Set},
		Validate: validateFunction,
		ForceNew: []string{"name", "packageType"},
		Computed: []string{"arn", "architectures", "codeSha256", "ephemeralStorage", "invokeArn", "lastModified",
			"loggingConfig", "qualifiedArn", "qualifiedInvokeArn", "signingJobArn", "signingProfileVersionArn",
			"sourceCodeHash", "sourceCodeSize", "tracingConfig", "version"},
		Volatile:      volatileFunction,
		NotFoundCodes: notFound,
		Create:        createFunction,
		Read:          readFunction,
		Update:        updateFunction,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			if r.Inputs.Bool("skipDestroy") {
				return nil
			}
			_, err := c.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &r.ID})
			return err
		},
	}
}

func validateFunction(inputs property.Map) []inputcheck.Failure {
	failures := codeSource(inputs, "code", "imageUri", "s3Bucket")
	if name := inputs.String("name"); len(name) > 64 {
		failures = append(failures, define.Failed("name", "a function name has at most 64 characters, %q has %d", name, len(name))...)
	}
	if inputs.String("packageType") == "Zip" && (!inputs.Has("handler") || !inputs.Has("runtime")) {
		failures = append(failures, define.Failed("handler", "handler and runtime must be set when PackageType is Zip")...)
	}
	if n := len(inputs.Strings("layers")); n > 5 {
		failures = append(failures, define.Failed("layers", "a function has at most 5 layers, got %d", n)...)
	}
	return failures
}

// volatileFunction mirrors what the real provider recomputes.
func volatileFunction(changed map[string]bool, inputs property.Map) []string {
	code, config := anyOf(changed, codeInputs), anyOf(changed, configInputs)
	var outputs []string
	if code {
		outputs = append(outputs, "codeSha256", "sourceCodeHash", "sourceCodeSize")
	}
	if code || config {
		outputs = append(outputs, "lastModified")
		if inputs.Bool("publish") {
			outputs = append(outputs, "qualifiedArn", "qualifiedInvokeArn", "version")
		}
	}
	if changed["publish"] {
		outputs = append(outputs, "qualifiedArn", "qualifiedInvokeArn", "version")
	}
	return outputs
}

func createFunction(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in lambda.CreateFunctionInput
	mapping.Into(r.Inputs, &in, renameFunction)
	in.FileSystemConfigs = fileSystems(r.Inputs)
	code, err := functionCode(r.Inputs)
	if err != nil {
		return "", err
	}
	in.Code = code
	if err := patiently(ctx, func() error { _, err := c.Lambda.CreateFunction(ctx, &in); return err }); err != nil {
		return "", err
	}
	name := r.Inputs.String("name")
	if err := waitReady(ctx, c, name); err != nil {
		return name, err
	}
	return name, setConcurrency(ctx, c, name, r.Inputs.Int("reservedConcurrentExecutions"))
}

func functionCode(inputs property.Map) (*types.FunctionCode, error) {
	zipped, err := zipOf(inputs)
	if err != nil {
		return nil, fmt.Errorf("reading the function's code: %w", err)
	}
	return &types.FunctionCode{ZipFile: zipped, ImageUri: inputs.StringPtr("imageUri"), S3Bucket: inputs.StringPtr("s3Bucket"),
		S3Key: inputs.StringPtr("s3Key"), S3ObjectVersion: inputs.StringPtr("s3ObjectVersion")}, nil
}

func fileSystems(inputs property.Map) []types.FileSystemConfig {
	config := inputs.Object("fileSystemConfig")
	if config == nil {
		return nil
	}
	var out types.FileSystemConfig
	mapping.Into(config, &out, nil)
	return []types.FileSystemConfig{out}
}

// setConcurrency reserves executions; -1 (the default) means unreserved.
func setConcurrency(ctx context.Context, c *define.Clients, name string, reserved int) error {
	if reserved < 0 {
		return nil
	}
	_, err := c.Lambda.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{
		FunctionName: &name, ReservedConcurrentExecutions: aws.Int32(int32(reserved))})
	return err
}

// waitReady waits until the function is Active and its last update Successful.
func waitReady(ctx context.Context, c *define.Clients, name string) error {
	return retry.Until(ctx, changeTimeout, "Lambda Function ("+name+") to be Active", func() (bool, string, error) {
		out, err := c.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			return false, "", err
		}
		if out.State == types.StateFailed {
			return false, "", fmt.Errorf("function %s is in state Failed: %s: %s", name, out.StateReasonCode, aws.ToString(out.StateReason))
		}
		if out.LastUpdateStatus == types.LastUpdateStatusFailed {
			return false, "", fmt.Errorf("update of function %s failed: %s: %s", name, out.LastUpdateStatusReasonCode, aws.ToString(out.LastUpdateStatusReason))
		}
		updated := out.LastUpdateStatus == "" || out.LastUpdateStatus == types.LastUpdateStatusSuccessful
		ready := out.State == "" || out.State == types.StateActive || out.State == types.StateInactive
		return ready && updated, string(out.State) + "/" + string(out.LastUpdateStatus), nil
	})
}

func readFunction(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &r.ID})
	if err != nil {
		return nil, err
	}
	config := out.Configuration
	values := mapping.From(config, define.ArgsOf(sdk.FunctionArgs{}), renameFunction)
	version, qualified, err := latestVersion(ctx, c, r, config)
	if err != nil {
		return nil, err
	}
	functionValues(c, config, version, qualified, values)
	values["sourceCodeHash"] = sourceHash(r.Inputs, aws.ToString(config.CodeSha256))
	values["tags"] = property.OrNull(out.Tags)
	values["reservedConcurrentExecutions"] = -1
	if out.Concurrency != nil && out.Concurrency.ReservedConcurrentExecutions != nil {
		values["reservedConcurrentExecutions"] = out.Concurrency.ReservedConcurrentExecutions
	}
	return values, nil
}

func functionValues(c *define.Clients, config *types.FunctionConfiguration, version, qualified string, values property.Values) {
	arn := aws.ToString(config.FunctionArn)
	values["arn"], values["invokeArn"] = arn, invokeARN(c.Region, arn)
	values["version"], values["qualifiedArn"], values["qualifiedInvokeArn"] = version, qualified, invokeARN(c.Region, qualified)
	values["codeSha256"], values["sourceCodeSize"] = config.CodeSha256, config.CodeSize
	values["lastModified"] = aws.ToString(config.LastModified)
	values["signingJobArn"] = aws.ToString(config.SigningJobArn)
	values["signingProfileVersionArn"] = aws.ToString(config.SigningProfileVersionArn)
	values["layers"], values["fileSystemConfig"], values["imageConfig"] = layerARNs(config.Layers), nil, nil
	values["architectures"] = config.Architectures
	if len(config.Architectures) == 0 {
		values["architectures"] = []string{"x86_64"}
	}
	if len(config.FileSystemConfigs) > 0 {
		fs := config.FileSystemConfigs[0]
		values["fileSystemConfig"] = property.Values{"arn": fs.Arn, "localMountPath": fs.LocalMountPath}
	}
	if vpc := config.VpcConfig; vpc == nil || len(vpc.SubnetIds) == 0 {
		values["vpcConfig"] = nil
	}
	if snap := config.SnapStart; snap == nil || snap.ApplyOn == types.SnapStartApplyOnNone {
		values["snapStart"] = nil
	}
	delete(values, "publish") // a property of the deployment, not of the function
}

func invokeARN(region, arn string) string {
	return fmt.Sprintf("arn:aws:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", region, arn)
}

func layerARNs(layers []types.Layer) any {
	var arns []string
	for _, l := range layers {
		arns = append(arns, aws.ToString(l.Arn))
	}
	return property.OrNull(arns)
}

// latestVersion is the highest published version, $LATEST without one.
func latestVersion(ctx context.Context, c *define.Clients, r define.Request, config *types.FunctionConfiguration) (version, arn string, err error) {
	version, arn = "$LATEST", aws.ToString(config.FunctionArn)+":$LATEST"
	if !r.Inputs.Bool("publish") {
		return version, arn, nil
	}
	highest := 0
	pages := lambda.NewListVersionsByFunctionPaginator(c.Lambda, &lambda.ListVersionsByFunctionInput{FunctionName: &r.ID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", "", err
		}
		for _, v := range page.Versions {
			if n, err := strconv.Atoi(aws.ToString(v.Version)); err == nil && n > highest {
				highest, version, arn = n, aws.ToString(v.Version), aws.ToString(v.FunctionArn)
			}
		}
	}
	return version, arn, nil
}
