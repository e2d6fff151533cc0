package s3

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// disabled is the versioning status of a bucket that never had versions.
const disabled = "Disabled"

func versioning() *define.Resource {
	d := setting("aws:s3/bucketVersioningV2:BucketVersioningV2", "S3 Bucket Versioning", define.ArgsOf(sdk.BucketVersioningV2Args{}),
		reflect.TypeFor[sdk.BucketVersioningV2](), "NoSuchBucket", putVersioning)
	d.Enums = map[string][]string{"versioningConfiguration.status": {"Enabled", "Suspended", disabled}, "versioningConfiguration.mfaDelete": {"Enabled", "Disabled"}}
	d.Read = readVersioning
	// A bucket keeps its versions: only no new ones are made.
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		if r.Inputs.Object("versioningConfiguration").String("status") == disabled {
			return nil
		}
		_, err := c.S3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &r.ID, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended}})
		return err
	}
	return d
}

func putVersioning(ctx context.Context, c *define.Clients, r define.Request) error {
	in := s3.PutBucketVersioningInput{VersioningConfiguration: &types.VersioningConfiguration{}}
	mapping.Into(r.Inputs, &in, nil)
	if in.VersioningConfiguration.Status == disabled { // it cannot be sent, and cannot be reached again
		return nil
	}
	_, err := c.S3.PutBucketVersioning(ctx, &in)
	return err
}

func readVersioning(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.S3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.ID})
	if err != nil {
		return nil, err
	}
	status := string(out.Status)
	if status == "" {
		status = disabled
	}
	v := values(r)
	config := property.Values{"status": status}
	if out.MFADelete != "" {
		config["mfaDelete"] = out.MFADelete
	}
	v["versioningConfiguration"] = config
	return v, nil
}

func encryption() *define.Resource {
	d := setting("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "S3 Bucket Server-side Encryption Configuration",
		define.ArgsOf(sdk.BucketServerSideEncryptionConfigurationV2Args{}), reflect.TypeFor[sdk.BucketServerSideEncryptionConfigurationV2](),
		"ServerSideEncryptionConfigurationNotFoundError", putEncryption)
	d.Validate = validateEncryption
	d.Read = func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
		out, err := c.S3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &r.ID})
		if err != nil {
			return nil, err
		}
		v := mapping.From(out.ServerSideEncryptionConfiguration, define.ArgsOf(sdk.BucketServerSideEncryptionConfigurationV2Args{}), nil)
		v["bucket"] = r.ID
		return v, nil
	}
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeleteBucketEncryption(ctx, &s3.DeleteBucketEncryptionInput{Bucket: &r.ID})
		return err
	}
	return d
}

func validateEncryption(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for _, rule := range inputs.Objects("rules") {
		switch algorithm := rule.Object("applyServerSideEncryptionByDefault").String("sseAlgorithm"); algorithm {
		case "", "AES256", "aws:kms", "aws:kms:dsse":
		default:
			failures = append(failures, define.Failed("rules", "expected sseAlgorithm to be one of [AES256 aws:kms aws:kms:dsse], got %s", algorithm)...)
		}
	}
	return failures
}

func putEncryption(ctx context.Context, c *define.Clients, r define.Request) error {
	in := s3.PutBucketEncryptionInput{Bucket: r.Inputs.StringPtr("bucket"), ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{}}
	mapping.Into(r.Inputs, in.ServerSideEncryptionConfiguration, nil)
	_, err := c.S3.PutBucketEncryption(ctx, &in)
	return err
}

func publicAccessBlock() *define.Resource {
	d := setting("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "S3 Bucket Public Access Block", define.ArgsOf(sdk.BucketPublicAccessBlockArgs{}),
		reflect.TypeFor[sdk.BucketPublicAccessBlock](), "NoSuchPublicAccessBlockConfiguration", putPublicAccessBlock)
	d.Defaults = map[string]any{"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false}
	d.Read = func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
		out, err := c.S3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &r.ID})
		if err != nil {
			return nil, err
		}
		v := mapping.From(out.PublicAccessBlockConfiguration, define.ArgsOf(sdk.BucketPublicAccessBlockArgs{}), nil)
		v["bucket"] = r.ID
		return v, nil
	}
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: &r.ID})
		return err
	}
	return d
}

func putPublicAccessBlock(ctx context.Context, c *define.Clients, r define.Request) error {
	in := s3.PutPublicAccessBlockInput{Bucket: r.Inputs.StringPtr("bucket"), PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{}}
	mapping.Into(r.Inputs, in.PublicAccessBlockConfiguration, nil)
	_, err := c.S3.PutPublicAccessBlock(ctx, &in)
	return err
}

func ownershipControls() *define.Resource {
	d := setting("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "S3 Bucket Ownership Controls", define.ArgsOf(sdk.BucketOwnershipControlsArgs{}),
		reflect.TypeFor[sdk.BucketOwnershipControls](), "OwnershipControlsNotFoundError", putOwnershipControls)
	d.Enums = map[string][]string{"rule.objectOwnership": {"BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"}}
	d.Read = func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
		out, err := c.S3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &r.ID})
		if err != nil || out.OwnershipControls == nil || len(out.OwnershipControls.Rules) == 0 {
			return nil, err
		}
		v := values(r)
		v["rule"] = property.Values{"objectOwnership": out.OwnershipControls.Rules[0].ObjectOwnership}
		return v, nil
	}
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeleteBucketOwnershipControls(ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: &r.ID})
		return err
	}
	return d
}

func putOwnershipControls(ctx context.Context, c *define.Clients, r define.Request) error {
	rule := types.OwnershipControlsRule{ObjectOwnership: types.ObjectOwnership(r.Inputs.Object("rule").String("objectOwnership"))}
	_, err := c.S3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: r.Inputs.StringPtr("bucket"),
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{rule}}})
	return err
}

func policy() *define.Resource {
	d := setting("aws:s3/bucketPolicy:BucketPolicy", "S3 Bucket Policy", define.ArgsOf(sdk.BucketPolicyArgs{}), reflect.TypeFor[sdk.BucketPolicy](),
		"NoSuchBucketPolicy", func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: r.Inputs.StringPtr("bucket"), Policy: r.Inputs.StringPtr("policy")})
			return err
		})
	d.Required = []string{"policy"}
	d.Kinds = map[string]define.Kind{"policy": define.Policy}
	d.Read = func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
		out, err := c.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &r.ID})
		if err != nil {
			return nil, err
		}
		v := values(r)
		v["policy"] = out.Policy
		return v, nil
	}
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &r.ID})
		return err
	}
	return d
}
