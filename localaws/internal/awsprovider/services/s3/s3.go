// Package s3 declares the S3 types of the stand-in provider: BucketV2, and the
// resources that each manage one setting of a bucket: versioning, encryption, public
// access block, ownership controls, policy, CORS, lifecycle and notification; and
// BucketObjectv2.
package s3

import (
	"context"
	"reflect"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{bucket(), versioning(), encryption(), publicAccessBlock(), ownershipControls(), policy(), cors(), lifecycle(), notification(), object()}
}

// setting declares a resource that manages one setting of a bucket. Its id is the
// bucket's name; put creates and updates it, and missing is the error code that says
// that the bucket does not have it.
func setting(token, noun string, args reflect.Type, result reflect.Type, missing string, put func(context.Context, *define.Clients, define.Request) error) *define.Resource {
	forceNew := []string{"bucket"}
	if _, declared := inputcheck.Fields(args)["expectedBucketOwner"]; declared {
		forceNew = append(forceNew, "expectedBucketOwner")
	}
	return &define.Resource{
		Token: token, Noun: noun, Args: args, Result: result,
		ForceNew:      forceNew,
		NotFoundCodes: []string{"NoSuchBucket", "NotFound", missing},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			name := r.Inputs.String("bucket")
			defer c.Lock("bucket " + name)()
			return name, put(ctx, c, r)
		},
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			defer c.Lock("bucket " + r.ID)()
			return put(ctx, c, r)
		},
	}
}

// values starts what a setting's Read answers.
func values(r define.Request) property.Values { return property.Values{"bucket": r.ID} }
