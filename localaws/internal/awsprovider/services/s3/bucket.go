package s3

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// inlineSettings are deprecated inputs of the bucket and the resources that manage the
// same. The stand-in refuses them, for it would neither apply nor refresh them.
var inlineSettings = map[string]string{"accelerationStatus": "BucketAccelerateConfigurationV2", "acl": "BucketAclV2", "corsRules": "BucketCorsConfigurationV2",
	"grants": "BucketAclV2", "lifecycleRules": "BucketLifecycleConfigurationV2", "loggings": "BucketLoggingV2", "objectLockConfiguration": "BucketObjectLockConfigurationV2",
	"policy": "BucketPolicy", "replicationConfigurations": "BucketReplicationConfig", "requestPayer": "BucketRequestPaymentConfigurationV2",
	"serverSideEncryptionConfigurations": "BucketServerSideEncryptionConfigurationV2", "versionings": "BucketVersioningV2", "websites": "BucketWebsiteConfigurationV2"}

// hostedZones are those of S3's website endpoints.
var hostedZones = map[string]string{"eu-central-1": "Z21DNDUVLTQW6Q", "eu-west-1": "Z1BKCTXD74EZPE", "us-east-1": "Z3AQBSTGFJSTF",
	"us-east-2": "Z2O1EMRO9K5GLX", "us-west-1": "Z2F56UZL2M1ACD", "us-west-2": "Z3BJ6K6RIION7M"}

func bucket() *define.Resource {
	return &define.Resource{
		Token:         "aws:s3/bucketV2:BucketV2",
		Noun:          "S3 Bucket",
		Args:          define.ArgsOf(sdk.BucketV2Args{}),
		Result:        reflect.TypeFor[sdk.BucketV2](),
		AutoName:      &define.AutoName{Property: "bucket", Max: 63, Prefix: "bucketPrefix", Lower: true},
		Defaults:      map[string]any{"forceDestroy": false},
		Validate:      validateBucket,
		ForceNew:      []string{"bucket", "bucketPrefix", "objectLockEnabled"},
		Computed:      []string{"arn", "bucketDomainName", "bucketPrefix", "bucketRegionalDomainName", "hostedZoneId", "objectLockEnabled", "region", "websiteDomain", "websiteEndpoint"},
		NotFoundCodes: []string{"NoSuchBucket", "NotFound"},
		Create:        createBucket,
		Read:          readBucket,
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			if !r.Changed["tags"] {
				return nil
			}
			return setTags(ctx, c, r.ID, r.Inputs.StringMap("tags"))
		},
		Delete: deleteBucket,
	}
}

func validateBucket(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	name := inputs.String("bucket")
	if inputs.Known("bucket") && (!bucketPattern.MatchString(name) || strings.Contains(name, "..")) {
		failures = define.Failed("bucket", "only lowercase alphanumeric characters, dots and hyphens allowed in \"bucket\", 3 to 63 of them: %q", name)
	}
	for input, other := range inlineSettings {
		if inputs.Has(input) {
			failures = append(failures, define.Failed(input, "this is deprecated, and the stand-in does not manage it inside of the bucket: use aws.s3.%s", other)...)
		}
	}
	return failures
}

func createBucket(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	in := &s3.CreateBucketInput{Bucket: r.Inputs.StringPtr("bucket"), ObjectLockEnabledForBucket: r.Inputs.BoolPtr("objectLockEnabled")}
	if c.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.Region)}
	}
	if _, err := c.S3.CreateBucket(ctx, in); err != nil {
		return "", err
	}
	name := r.Inputs.String("bucket")
	if tags := r.Inputs.StringMap("tags"); len(tags) > 0 {
		return name, setTags(ctx, c, name, tags)
	}
	return name, nil
}

func setTags(ctx context.Context, c *define.Clients, name string, tags map[string]string) error {
	if len(tags) == 0 {
		_, err := c.S3.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: &name})
		return err
	}
	_, err := c.S3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &types.Tagging{TagSet: tagSet(tags)}})
	return err
}

func tagSet(tags map[string]string) []types.Tag {
	var set []types.Tag
	for key, value := range tags {
		set = append(set, types.Tag{Key: &key, Value: &value})
	}
	return set
}

func readBucket(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	if _, err := c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.ID}); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	tagging, err := c.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &r.ID})
	if err != nil && !define.HasCode(err, "NoSuchTagSet") {
		return nil, err
	}
	if err == nil {
		for _, t := range tagging.TagSet {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return property.Values{"bucket": r.ID, "arn": "arn:aws:s3:::" + r.ID, "bucketPrefix": "", "region": c.Region, "tags": property.OrNull(tags),
		"objectLockEnabled": r.Inputs.Bool("objectLockEnabled"), "bucketDomainName": r.ID + ".s3.amazonaws.com",
		"bucketRegionalDomainName": fmt.Sprintf("%s.s3.%s.amazonaws.com", r.ID, c.Region), "hostedZoneId": hostedZones[c.Region],
		"websiteDomain": "", "websiteEndpoint": ""}, nil
}

// deleteBucket empties the bucket first, if its inputs allow that.
func deleteBucket(ctx context.Context, c *define.Clients, r define.Request) error {
	in := &s3.DeleteBucketInput{Bucket: &r.ID}
	_, err := c.S3.DeleteBucket(ctx, in)
	if !define.HasCode(err, "BucketNotEmpty") || !r.Inputs.Bool("forceDestroy") {
		return err
	}
	if err := empty(ctx, c, r.ID); err != nil {
		return fmt.Errorf("emptying the bucket: %w", err)
	}
	_, err = c.S3.DeleteBucket(ctx, in)
	return err
}

// empty removes all versions of all objects, and unfinished uploads.
func empty(ctx context.Context, c *define.Clients, name string) error {
	versions := s3.NewListObjectVersionsPaginator(c.S3, &s3.ListObjectVersionsInput{Bucket: &name})
	for versions.HasMorePages() {
		page, err := versions.NextPage(ctx)
		if err != nil {
			return err
		}
		var gone []types.ObjectIdentifier
		for _, v := range page.Versions {
			gone = append(gone, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			gone = append(gone, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(gone) == 0 {
			continue
		}
		if _, err := c.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &name, Delete: &types.Delete{Objects: gone}}); err != nil {
			return err
		}
	}
	return abortUploads(ctx, c, name)
}

func abortUploads(ctx context.Context, c *define.Clients, name string) error {
	uploads, err := c.S3.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &name})
	if err != nil {
		return err
	}
	for _, u := range uploads.Uploads {
		if _, err := c.S3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &name, Key: u.Key, UploadId: u.UploadId}); err != nil {
			return err
		}
	}
	return nil
}
