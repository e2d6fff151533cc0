package cloudfront

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

const (
	// hostedZone is that of all distributions.
	// https://docs.aws.amazon.com/general/latest/gr/cf_region.html
	hostedZone        = "Z2FDTNDATAQYW2"
	deploymentTimeout = 90 * time.Minute
)

// unknownToStandIn are inputs that it refuses, for it would not apply them.
var unknownToStandIn = []string{"continuousDeploymentPolicyId", "loggingConfig", "orderedCacheBehaviors", "originGroups", "retainOnDelete", "staging", "webAclId"}

func distribution() *define.Resource {
	return &define.Resource{
		Token:         "aws:cloudfront/distribution:Distribution",
		Noun:          "CloudFront Distribution",
		Args:          define.ArgsOf(sdk.DistributionArgs{}),
		Result:        reflect.TypeFor[sdk.Distribution](),
		Defaults:      map[string]any{"httpVersion": "http2", "priceClass": "PriceClass_All", "waitForDeployment": true},
		Enums:         map[string][]string{"httpVersion": {"http1.1", "http2", "http2and3", "http3"}, "priceClass": {"PriceClass_100", "PriceClass_200", "PriceClass_All"}},
		Kinds:         map[string]define.Kind{"aliases": define.Set, "customErrorResponses": define.Set, "origins": define.Set},
		Validate:      validateDistribution,
		Computed:      []string{"arn", "callerReference", "domainName", "etag", "hostedZoneId", "inProgressValidationBatches", "lastModifiedTime", "status", "trustedKeyGroups", "trustedSigners"},
		Volatile:      func(map[string]bool, property.Map) []string { return []string{"etag", "lastModifiedTime"} },
		NotFoundCodes: []string{"NoSuchDistribution"},
		Create:        createDistribution,
		Read:          readDistribution,
		Update:        updateDistribution,
		Delete:        deleteDistribution,
	}
}

func validateDistribution(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for _, input := range unknownToStandIn {
		if inputs.Has(input) {
			failures = append(failures, define.Failed(input, "the stand-in does not know this input of a distribution")...)
		}
	}
	if inputs.Known("defaultCacheBehavior") && !inputs.Object("defaultCacheBehavior").Has("cachePolicyId") {
		failures = append(failures, define.Failed("defaultCacheBehavior", "the stand-in wants a cachePolicyId")...)
	}
	return failures
}

func config(inputs property.Map, reference string) *types.DistributionConfig {
	c := &types.DistributionConfig{CallerReference: &reference, Enabled: aws.Bool(inputs.Bool("enabled")), Comment: aws.String(inputs.String("comment")),
		DefaultRootObject: aws.String(inputs.String("defaultRootObject")), HttpVersion: types.HttpVersion(inputs.String("httpVersion")),
		PriceClass: types.PriceClass(inputs.String("priceClass")), IsIPV6Enabled: aws.Bool(inputs.Bool("isIpv6Enabled")),
		Aliases: &types.Aliases{Quantity: count(len(inputs.Strings("aliases"))), Items: inputs.Strings("aliases")},
		Origins: origins(inputs), CustomErrorResponses: errorPages(inputs), DefaultCacheBehavior: behavior(inputs.Object("defaultCacheBehavior")),
		ViewerCertificate: &types.ViewerCertificate{}}
	mapping.Into(inputs.Object("viewerCertificate"), c.ViewerCertificate, mapping.Rename{"sslSupportMethod": "SSLSupportMethod"})
	geography := inputs.Object("restrictions").Object("geoRestriction")
	c.Restrictions = &types.Restrictions{GeoRestriction: &types.GeoRestriction{RestrictionType: types.GeoRestrictionType(geography.String("restrictionType")),
		Quantity: count(len(geography.Strings("locations"))), Items: geography.Strings("locations")}}
	return c
}

func count(n int) *int32 { return aws.Int32(int32(n)) } //nolint:gosec // a handful

func origins(inputs property.Map) *types.Origins {
	list := &types.Origins{}
	for _, o := range inputs.Objects("origins") {
		list.Items = append(list.Items, types.Origin{Id: o.StringPtr("originId"), DomainName: o.StringPtr("domainName"), OriginPath: aws.String(o.String("originPath")),
			OriginAccessControlId: aws.String(o.String("originAccessControlId")), S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")}})
	}
	list.Quantity = count(len(list.Items))
	return list
}

func errorPages(inputs property.Map) *types.CustomErrorResponses {
	list := &types.CustomErrorResponses{}
	for _, page := range inputs.Objects("customErrorResponses") {
		list.Items = append(list.Items, types.CustomErrorResponse{ErrorCode: page.Int32Ptr("errorCode"), ResponseCode: aws.String(fmt.Sprint(page.Int("responseCode"))),
			ResponsePagePath: page.StringPtr("responsePagePath"), ErrorCachingMinTTL: aws.Int64(int64(page.Int("errorCachingMinTtl")))})
	}
	list.Quantity = count(len(list.Items))
	return list
}

func behavior(b property.Map) *types.DefaultCacheBehavior {
	return &types.DefaultCacheBehavior{TargetOriginId: b.StringPtr("targetOriginId"), ViewerProtocolPolicy: types.ViewerProtocolPolicy(b.String("viewerProtocolPolicy")),
		CachePolicyId: b.StringPtr("cachePolicyId"), ResponseHeadersPolicyId: b.StringPtr("responseHeadersPolicyId"), Compress: b.BoolPtr("compress"),
		AllowedMethods: &types.AllowedMethods{Items: methods(b.Strings("allowedMethods")), Quantity: count(len(b.Strings("allowedMethods"))),
			CachedMethods: &types.CachedMethods{Items: methods(b.Strings("cachedMethods")), Quantity: count(len(b.Strings("cachedMethods")))}}}
}

func methods(names []string) []types.Method {
	list := make([]types.Method, len(names))
	for i, name := range names {
		list[i] = types.Method(name)
	}
	return list
}

func tags(m map[string]string) *types.Tags {
	list := &types.Tags{}
	for k, v := range m {
		list.Items = append(list.Items, types.Tag{Key: &k, Value: &v})
	}
	return list
}

func createDistribution(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	reference := fmt.Sprintf("terraform-%d", time.Now().UnixNano())
	out, err := c.CloudFront.CreateDistributionWithTags(ctx, &cloudfront.CreateDistributionWithTagsInput{DistributionConfigWithTags: &types.DistributionConfigWithTags{
		DistributionConfig: config(r.Inputs, reference), Tags: tags(r.Inputs.StringMap("tags"))}})
	if err != nil {
		return "", err
	}
	return *out.Distribution.Id, deployed(ctx, c, *out.Distribution.Id)
}

// deployed waits until a distribution is everywhere.
func deployed(ctx context.Context, c *define.Clients, id string) error {
	return retry.Until(ctx, deploymentTimeout, "deployment of distribution "+id, func() (bool, string, error) {
		out, err := c.CloudFront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
		if err != nil {
			return false, "", err
		}
		return *out.Distribution.Status == "Deployed", *out.Distribution.Status, nil
	})
}

func readDistribution(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.CloudFront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &r.ID})
	if err != nil {
		return nil, err
	}
	d, set := out.Distribution, out.Distribution.DistributionConfig
	tagged, err := c.CloudFront.ListTagsForResource(ctx, &cloudfront.ListTagsForResourceInput{Resource: d.ARN})
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, t := range tagged.Tags.Items {
		found[*t.Key] = aws.ToString(t.Value)
	}
	return property.Values{"arn": d.ARN, "domainName": d.DomainName, "status": d.Status, "etag": out.ETag, "hostedZoneId": hostedZone,
		"callerReference": set.CallerReference, "lastModifiedTime": d.LastModifiedTime, "inProgressValidationBatches": 0, "tags": property.OrNull(found),
		"trustedKeyGroups": []any{}, "trustedSigners": []any{}, "enabled": set.Enabled, "comment": set.Comment, "defaultRootObject": set.DefaultRootObject, "aliases": property.OrNull(set.Aliases.Items)}, nil
}

func updateDistribution(ctx context.Context, c *define.Clients, r define.Request) error {
	out, err := c.CloudFront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &r.ID})
	if err != nil {
		return err
	}
	_, err = c.CloudFront.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &r.ID, IfMatch: out.ETag,
		DistributionConfig: config(r.Inputs, aws.ToString(out.Distribution.DistributionConfig.CallerReference))})
	if err != nil {
		return err
	}
	if err := updateTags(ctx, c, r); err != nil {
		return err
	}
	return deployed(ctx, c, r.ID)
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, gone := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(gone) > 0 {
		if _, err := c.CloudFront.UntagResource(ctx, &cloudfront.UntagResourceInput{Resource: arn, TagKeys: &types.TagKeys{Items: gone}}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.CloudFront.TagResource(ctx, &cloudfront.TagResourceInput{Resource: arn, Tags: tags(set)})
	return err
}

// deleteDistribution disables it first: CloudFront deletes no enabled one.
func deleteDistribution(ctx context.Context, c *define.Clients, r define.Request) error {
	out, err := c.CloudFront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &r.ID})
	if err != nil {
		return err
	}
	etag, set := out.ETag, out.Distribution.DistributionConfig
	if aws.ToBool(set.Enabled) {
		set.Enabled = aws.Bool(false)
		disabled, err := c.CloudFront.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &r.ID, IfMatch: etag, DistributionConfig: set})
		if err != nil {
			return fmt.Errorf("disabling it: %w", err)
		}
		etag = disabled.ETag
		if err := deployed(ctx, c, r.ID); err != nil {
			return err
		}
	}
	_, err = c.CloudFront.DeleteDistribution(ctx, &cloudfront.DeleteDistributionInput{Id: &r.ID, IfMatch: etag})
	return err
}
