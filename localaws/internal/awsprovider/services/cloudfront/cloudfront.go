// Package cloudfront declares the CloudFront types of the stand-in provider: Distribution,
// OriginAccessControl and ResponseHeadersPolicy.
package cloudfront

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{distribution(), accessControl(), headersPolicy()}
}

func accessControl() *define.Resource {
	return &define.Resource{
		Token:         "aws:cloudfront/originAccessControl:OriginAccessControl",
		Noun:          "CloudFront Origin Access Control",
		Args:          define.ArgsOf(sdk.OriginAccessControlArgs{}),
		Result:        reflect.TypeFor[sdk.OriginAccessControl](),
		AutoName:      &define.AutoName{Property: "name", Max: 64},
		Defaults:      map[string]any{"description": "Managed by Pulumi"},
		Enums:         map[string][]string{"originAccessControlOriginType": {"s3", "lambda", "mediapackagev2", "mediastore"}, "signingBehavior": {"always", "never", "no-override"}, "signingProtocol": {"sigv4"}},
		ForceNew:      []string{"name"},
		Computed:      []string{"arn", "etag"},
		NotFoundCodes: []string{"NoSuchOriginAccessControl"},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			out, err := c.CloudFront.CreateOriginAccessControl(ctx, &cloudfront.CreateOriginAccessControlInput{OriginAccessControlConfig: accessConfig(r.Inputs)})
			if err != nil {
				return "", err
			}
			return *out.OriginAccessControl.Id, nil
		},
		Read: func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
			out, err := c.CloudFront.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &r.ID})
			if err != nil {
				return nil, err
			}
			v := mapping.From(out.OriginAccessControl.OriginAccessControlConfig, define.ArgsOf(sdk.OriginAccessControlArgs{}), nil)
			v["etag"], v["arn"] = out.ETag, "arn:aws:cloudfront::"+r.ID
			return v, nil
		},
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			out, err := c.CloudFront.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &r.ID})
			if err != nil {
				return err
			}
			_, err = c.CloudFront.UpdateOriginAccessControl(ctx, &cloudfront.UpdateOriginAccessControlInput{Id: &r.ID, IfMatch: out.ETag, OriginAccessControlConfig: accessConfig(r.Inputs)})
			return err
		},
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			out, err := c.CloudFront.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &r.ID})
			if err != nil {
				return err
			}
			_, err = c.CloudFront.DeleteOriginAccessControl(ctx, &cloudfront.DeleteOriginAccessControlInput{Id: &r.ID, IfMatch: out.ETag})
			return err
		},
	}
}

func accessConfig(inputs property.Map) *types.OriginAccessControlConfig {
	config := &types.OriginAccessControlConfig{}
	mapping.Into(inputs, config, nil)
	return config
}

func headersPolicy() *define.Resource {
	return &define.Resource{
		Token:         "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
		Noun:          "CloudFront Response Headers Policy",
		Args:          define.ArgsOf(sdk.ResponseHeadersPolicyArgs{}),
		Result:        reflect.TypeFor[sdk.ResponseHeadersPolicy](),
		AutoName:      &define.AutoName{Property: "name", Max: 128},
		Validate:      validateHeaders,
		Computed:      []string{"arn", "etag"},
		Volatile:      func(map[string]bool, property.Map) []string { return []string{"etag"} },
		NotFoundCodes: []string{"NoSuchResponseHeadersPolicy"},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			out, err := c.CloudFront.CreateResponseHeadersPolicy(ctx, &cloudfront.CreateResponseHeadersPolicyInput{ResponseHeadersPolicyConfig: headersConfig(r.Inputs)})
			if err != nil {
				return "", err
			}
			return *out.ResponseHeadersPolicy.Id, nil
		},
		Read: func(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
			out, err := c.CloudFront.GetResponseHeadersPolicy(ctx, &cloudfront.GetResponseHeadersPolicyInput{Id: &r.ID})
			if err != nil {
				return nil, err
			}
			v := mapping.From(out.ResponseHeadersPolicy.ResponseHeadersPolicyConfig, define.ArgsOf(sdk.ResponseHeadersPolicyArgs{}), nil)
			v["etag"], v["arn"] = out.ETag, "arn:aws:cloudfront::response-headers-policy/"+r.ID
			return v, nil
		},
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			out, err := c.CloudFront.GetResponseHeadersPolicy(ctx, &cloudfront.GetResponseHeadersPolicyInput{Id: &r.ID})
			if err != nil {
				return err
			}
			_, err = c.CloudFront.UpdateResponseHeadersPolicy(ctx, &cloudfront.UpdateResponseHeadersPolicyInput{Id: &r.ID, IfMatch: out.ETag, ResponseHeadersPolicyConfig: headersConfig(r.Inputs)})
			return err
		},
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			out, err := c.CloudFront.GetResponseHeadersPolicy(ctx, &cloudfront.GetResponseHeadersPolicyInput{Id: &r.ID})
			if err != nil {
				return err
			}
			_, err = c.CloudFront.DeleteResponseHeadersPolicy(ctx, &cloudfront.DeleteResponseHeadersPolicyInput{Id: &r.ID, IfMatch: out.ETag})
			return err
		},
	}
}

func validateHeaders(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for _, input := range []string{"corsConfig", "customHeadersConfig", "removeHeadersConfig", "serverTimingHeadersConfig"} {
		if inputs.Has(input) {
			failures = append(failures, define.Failed(input, "the stand-in knows securityHeadersConfig only")...)
		}
	}
	return failures
}

func headersConfig(inputs property.Map) *types.ResponseHeadersPolicyConfig {
	config := &types.ResponseHeadersPolicyConfig{}
	mapping.Into(inputs, config, nil)
	return config
}
