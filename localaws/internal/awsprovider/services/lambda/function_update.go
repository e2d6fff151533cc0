package lambda

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// updateFunction changes configuration, then code, then concurrency, as the
// real provider does, and waits after each until Lambda is ready again.
func updateFunction(ctx context.Context, c *define.Clients, r define.Request) error {
	if err := updateFunctionTags(ctx, c, r); err != nil {
		return err
	}
	if r.AnyChanged(configInputs...) {
		if err := updateConfiguration(ctx, c, r); err != nil {
			return err
		}
	}
	if r.AnyChanged(codeInputs...) {
		if err := updateCode(ctx, c, r); err != nil {
			return err
		}
	}
	if r.Changed["reservedConcurrentExecutions"] {
		if err := updateConcurrency(ctx, c, r); err != nil {
			return err
		}
	}
	codeOnly := r.AnyChanged(codeInputs...) // published by UpdateFunctionCode itself
	if r.Inputs.Bool("publish") && !codeOnly && (r.Changed["publish"] || r.AnyChanged(configInputs...)) {
		_, err := c.Lambda.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: &r.ID})
		return err
	}
	return nil
}

func updateConfiguration(ctx context.Context, c *define.Clients, r define.Request) error {
	var in lambda.UpdateFunctionConfigurationInput
	mapping.Into(r.Inputs, &in, renameFunction)
	in.FileSystemConfigs = fileSystems(r.Inputs)
	clearRemoved(r, &in)
	err := patiently(ctx, func() error { _, err := c.Lambda.UpdateFunctionConfiguration(ctx, &in); return err })
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return waitReady(ctx, c, r.ID)
}

// clearRemoved sends an empty value for each block that was removed: Lambda
// keeps what an update does not mention.
func clearRemoved(r define.Request, in *lambda.UpdateFunctionConfigurationInput) {
	gone := func(name string) bool { return r.Changed[name] && !r.Inputs.Has(name) }
	if gone("description") {
		in.Description = aws.String("")
	}
	if gone("environment") || in.Environment != nil && in.Environment.Variables == nil {
		in.Environment = &types.Environment{Variables: map[string]string{}}
	}
	if r.Changed["layers"] && len(r.Inputs.Strings("layers")) == 0 {
		in.Layers = []string{}
	}
	if gone("deadLetterConfig") {
		in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String("")}
	}
	if gone("fileSystemConfig") {
		in.FileSystemConfigs = []types.FileSystemConfig{}
	}
	if gone("kmsKeyArn") {
		in.KMSKeyArn = aws.String("")
	}
	if gone("vpcConfig") {
		in.VpcConfig = &types.VpcConfig{SubnetIds: []string{}, SecurityGroupIds: []string{}}
	}
	if gone("snapStart") {
		in.SnapStart = &types.SnapStart{ApplyOn: types.SnapStartApplyOnNone}
	}
}

func updateCode(ctx context.Context, c *define.Clients, r define.Request) error {
	code, err := functionCode(r.Inputs)
	if err != nil {
		return err
	}
	in := &lambda.UpdateFunctionCodeInput{FunctionName: &r.ID, ZipFile: code.ZipFile, ImageUri: code.ImageUri,
		S3Bucket: code.S3Bucket, S3Key: code.S3Key, S3ObjectVersion: code.S3ObjectVersion, Publish: r.Inputs.Bool("publish")}
	for _, a := range r.Inputs.Strings("architectures") {
		in.Architectures = append(in.Architectures, types.Architecture(a))
	}
	err = patiently(ctx, func() error { _, err := c.Lambda.UpdateFunctionCode(ctx, in); return err })
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	return waitReady(ctx, c, r.ID)
}

func updateConcurrency(ctx context.Context, c *define.Clients, r define.Request) error {
	if reserved := r.Inputs.Int("reservedConcurrentExecutions"); reserved >= 0 {
		return setConcurrency(ctx, c, r.ID, reserved)
	}
	_, err := c.Lambda.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: &r.ID})
	return err
}

func updateFunctionTags(ctx context.Context, c *define.Clients, r define.Request) error {
	return updateTags(ctx, c, r, r.State.String("arn"))
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request, arn string) error {
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	if len(remove) > 0 {
		if _, err := c.Lambda.UntagResource(ctx, &lambda.UntagResourceInput{Resource: &arn, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.Lambda.TagResource(ctx, &lambda.TagResourceInput{Resource: &arn, Tags: set})
	return err
}
