// Package distribution makes the CloudFront distribution of a web site:
//
//  1. It reads the site's bucket with requests that it signs itself (origin access
//     control), so the bucket stays private.
//  2. It answers over HTTPS only, with security headers of a policy of its own.
//  3. How long it keeps an object is what the object's own Cache-Control says, with
//     CloudFront's managed cache policy.
//  4. For what there is no object it answers /index.html, so that the page itself can
//     route paths. S3 answers 403 then, because the distribution may not list the bucket.
package distribution

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Index is the object that answers / and what there is no object for.
const Index = "index.html"

const (
	// cachingOptimized is CloudFront's own cache policy of this name: it keeps objects as
	// their Cache-Control says, at least a second, compressed and by path only.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	origin           = "bucket"
	minimumTLS       = "TLSv1.2_2021"
	// transportSeconds is for how long browsers use HTTPS only: a year.
	transportSeconds = 365 * 24 * 60 * 60
	// errorSeconds is how long CloudFront remembers that there is no object.
	errorSeconds = 10
)

// Site is what a distribution serves.
type Site struct {
	Part   string
	Bucket *bucket.Bucket
	// ContentSecurityPolicy is the header of this name.
	ContentSecurityPolicy pulumi.StringInput
	// Domain is the site's own name, empty for one of CloudFront. CertificateARN is that of
	// an ACM certificate in us-east-1 for it.
	Domain         string
	CertificateARN pulumi.StringInput
}

// New makes a distribution and lets it read the bucket.
func New(ctx *pulumi.Context, owner component.Owner, site Site) (*cloudfront.Distribution, error) {
	access, err := newAccess(ctx, owner, site.Part)
	if err != nil {
		return nil, fmt.Errorf("the origin access control of %s: %w", site.Part, err)
	}
	headers, err := newHeaders(ctx, owner, site)
	if err != nil {
		return nil, fmt.Errorf("the response headers policy of %s: %w", site.Part, err)
	}
	made, err := cloudfront.NewDistribution(ctx, owner.Logical(site.Part), site.args(owner, access, headers), owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the distribution %s: %w", site.Part, err)
	}
	return made, site.Bucket.ServeThrough(ctx, owner, site.Part, made.Arn)
}

func newAccess(ctx *pulumi.Context, owner component.Owner, part string) (*cloudfront.OriginAccessControl, error) {
	return cloudfront.NewOriginAccessControl(ctx, owner.Logical(part), &cloudfront.OriginAccessControlArgs{
		Name:                          pulumi.String(owner.Physical(naming.AccessControl, part)),
		Description:                   pulumi.String("Reads the bucket of " + owner.Name),
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"),
		SigningProtocol:               pulumi.String("sigv4"),
	}, owner.Child())
}

func newHeaders(ctx *pulumi.Context, owner component.Owner, site Site) (*cloudfront.ResponseHeadersPolicy, error) {
	override := pulumi.Bool(true)
	return cloudfront.NewResponseHeadersPolicy(ctx, owner.Logical(site.Part), &cloudfront.ResponseHeadersPolicyArgs{
		Name:    pulumi.String(owner.Physical(naming.HeadersPolicy, site.Part)),
		Comment: pulumi.String("Security headers of " + owner.Name),
		SecurityHeadersConfig: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
			ContentSecurityPolicy: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs{
				ContentSecurityPolicy: site.ContentSecurityPolicy, Override: override,
			},
			ContentTypeOptions: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: override},
			FrameOptions: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs{
				FrameOption: pulumi.String("DENY"), Override: override,
			},
			ReferrerPolicy: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs{
				ReferrerPolicy: pulumi.String("strict-origin-when-cross-origin"), Override: override,
			},
			StrictTransportSecurity: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
				AccessControlMaxAgeSec: pulumi.Int(transportSeconds), Override: override,
			},
		},
	}, owner.Child())
}

func (s Site) args(owner component.Owner, access *cloudfront.OriginAccessControl, headers *cloudfront.ResponseHeadersPolicy) *cloudfront.DistributionArgs {
	methods := pulumi.ToStringArray([]string{"GET", "HEAD"})
	args := &cloudfront.DistributionArgs{
		Enabled:           pulumi.Bool(true),
		Comment:           pulumi.String("Host UI of " + owner.Name),
		DefaultRootObject: pulumi.String(Index),
		HttpVersion:       pulumi.String("http2and3"),
		IsIpv6Enabled:     pulumi.Bool(true),
		Origins: cloudfront.DistributionOriginArray{cloudfront.DistributionOriginArgs{
			OriginId: pulumi.String(origin), DomainName: s.Bucket.RegionalDomainName(), OriginAccessControlId: access.ID(),
		}},
		DefaultCacheBehavior: &cloudfront.DistributionDefaultCacheBehaviorArgs{
			TargetOriginId:          pulumi.String(origin),
			ViewerProtocolPolicy:    pulumi.String("redirect-to-https"),
			AllowedMethods:          methods,
			CachedMethods:           methods,
			Compress:                pulumi.Bool(true),
			CachePolicyId:           pulumi.String(cachingOptimized),
			ResponseHeadersPolicyId: headers.ID(),
		},
		CustomErrorResponses: cloudfront.DistributionCustomErrorResponseArray{fallback(403), fallback(404)},
		Restrictions: &cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: &cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		ViewerCertificate: &cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)},
		Tags:              owner.TagsOf(s.Part),
	}
	if s.Domain != "" {
		args.Aliases = pulumi.ToStringArray([]string{s.Domain})
		args.ViewerCertificate = &cloudfront.DistributionViewerCertificateArgs{
			AcmCertificateArn:      s.CertificateARN.ToStringOutput().ToStringPtrOutput(),
			SslSupportMethod:       pulumi.String("sni-only"),
			MinimumProtocolVersion: pulumi.String(minimumTLS),
		}
	}
	return args
}

func fallback(code int) cloudfront.DistributionCustomErrorResponseArgs {
	return cloudfront.DistributionCustomErrorResponseArgs{
		ErrorCode: pulumi.Int(code), ResponseCode: pulumi.Int(200), ResponsePagePath: pulumi.String("/" + Index),
		ErrorCachingMinTtl: pulumi.Int(errorSeconds),
	}
}
