package s3

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func cors() *define.Resource {
	d := setting("aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2", "S3 Bucket CORS Configuration", define.ArgsOf(sdk.BucketCorsConfigurationV2Args{}),
		reflect.TypeFor[sdk.BucketCorsConfigurationV2](), "NoSuchCORSConfiguration", putCORS)
	d.Kinds = map[string]define.Kind{"corsRules": define.Set, "corsRules.allowedHeaders": define.Set, "corsRules.allowedMethods": define.Set,
		"corsRules.allowedOrigins": define.Set, "corsRules.exposeHeaders": define.Set}
	d.Read = func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
		out, err := c.S3.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: &r.ID})
		if err != nil {
			return nil, err
		}
		v := mapping.From(&types.CORSConfiguration{CORSRules: out.CORSRules}, define.ArgsOf(sdk.BucketCorsConfigurationV2Args{}), nil)
		v["bucket"] = r.ID
		return v, nil
	}
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: &r.ID})
		return err
	}
	return d
}

func putCORS(ctx context.Context, c *define.Clients, r define.Request) error {
	config := &types.CORSConfiguration{}
	mapping.Into(r.Inputs, config, nil)
	_, err := c.S3.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: r.Inputs.StringPtr("bucket"), CORSConfiguration: config})
	return err
}
