package s3

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// servedByObject are the inputs that the stand-in knows; it refuses the others, for it would
// not apply them.
var servedByObject = map[string]bool{"bucket": true, "key": true, "source": true, "content": true, "sourceHash": true, "contentType": true,
	"cacheControl": true, "contentEncoding": true, "forceDestroy": true}

func object() *define.Resource {
	return &define.Resource{
		Token:         "aws:s3/bucketObjectv2:BucketObjectv2",
		Noun:          "S3 Object",
		Args:          define.ArgsOf(sdk.BucketObjectv2Args{}),
		Result:        reflect.TypeFor[sdk.BucketObjectv2](),
		Required:      []string{"key"},
		Defaults:      map[string]any{"forceDestroy": false},
		Validate:      validateObject,
		ForceNew:      []string{"bucket", "key"},
		Computed:      []string{"acl", "arn", "bucketKeyEnabled", "checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1", "checksumSha256", "contentType", "etag", "kmsKeyId", "serverSideEncryption", "storageClass", "versionId"},
		NotFoundCodes: []string{"NoSuchBucket", "NoSuchKey", "NotFound"},
		Volatile:      func(map[string]bool, property.Map) []string { return []string{"etag", "versionId"} },
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			return r.Inputs.String("key"), putObject(ctx, c, r)
		},
		Read:   readObject,
		Update: putObject,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: r.Inputs.StringPtr("bucket"), Key: &r.ID})
			return err
		},
	}
}

func validateObject(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for key := range inputs {
		if name := string(key); !servedByObject[name] && !strings.HasPrefix(name, "__") && inputs.Has(name) {
			failures = append(failures, define.Failed(name, "the stand-in does not know this input of an object")...)
		}
	}
	if inputs.Has("source") && inputs.Has("content") {
		failures = append(failures, define.Failed("content", "conflicts with source")...)
	}
	return failures
}

func putObject(ctx context.Context, c *define.Clients, r define.Request) error {
	body, err := contentOf(r.Inputs)
	if err != nil {
		return err
	}
	_, err = c.S3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: r.Inputs.StringPtr("bucket"), Key: r.Inputs.StringPtr("key"), Body: bytes.NewReader(body), ContentType: r.Inputs.StringPtr("contentType"),
		CacheControl: r.Inputs.StringPtr("cacheControl"), ContentEncoding: r.Inputs.StringPtr("contentEncoding"),
	})
	return err
}

func contentOf(inputs property.Map) ([]byte, error) {
	source := inputs.Get("source")
	switch {
	case source.IsAsset():
		content, err := source.AssetValue().Bytes()
		if err != nil {
			return nil, fmt.Errorf("reading the source: %w", err)
		}
		return content, nil
	case inputs.Has("source"):
		return nil, fmt.Errorf("the source is no asset of a file or a text")
	}
	return []byte(inputs.String("content")), nil
}

func readObject(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	bucket := r.Inputs.String("bucket")
	out, err := c.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &r.ID})
	if err != nil {
		return nil, err
	}
	return property.Values{"bucket": bucket, "key": r.ID, "arn": "arn:aws:s3:::" + bucket + "/" + r.ID, "etag": strings.Trim(aws.ToString(out.ETag), `"`),
		"contentType": out.ContentType, "cacheControl": out.CacheControl, "contentEncoding": out.ContentEncoding, "versionId": aws.ToString(out.VersionId),
		"storageClass": "STANDARD", "serverSideEncryption": string(out.ServerSideEncryption), "acl": "", "kmsKeyId": "", "bucketKeyEnabled": false,
		"checksumCrc32": "", "checksumCrc32c": "", "checksumCrc64nvme": "", "checksumSha1": "", "checksumSha256": ""}, nil
}
