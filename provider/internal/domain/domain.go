// Package domain gives a CloudFront distribution a name of one's own:
//
//  1. [Certificate] asks ACM for a certificate, proves by a DNS record that the name is
//     ours, and waits until it is issued. CloudFront takes certificates of us-east-1 only,
//     so this needs an aws provider for that region, see region.go.
//  2. [Point] lets the name lead to the distribution, over IPv4 and IPv6.
package domain

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
)

// validationSeconds is how long resolvers keep the record that proves the ownership.
const validationSeconds = 60

// Certificate is the ARN of an issued certificate for the name. The distribution that uses
// an old one lets go of it only when a new one is there, so that is made first.
func Certificate(ctx *pulumi.Context, owner component.Owner, part, name, zone string) (pulumi.StringOutput, error) {
	none := pulumi.StringOutput{}
	provider, err := usEast1(ctx, owner, part)
	if err != nil {
		return none, fmt.Errorf("the provider for %s: %w", certificateRegion, err)
	}
	certificate, err := acm.NewCertificate(ctx, owner.Logical(part), &acm.CertificateArgs{
		DomainName: pulumi.String(name), ValidationMethod: pulumi.String("DNS"), Tags: owner.TagsOf(part),
	}, owner.Versioned(pulumi.Provider(provider)))
	if err != nil {
		return none, fmt.Errorf("the certificate of %s: %w", name, err)
	}
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, owner.Logical(part, "validation"), &route53.RecordArgs{
		ZoneId:  pulumi.String(zone),
		Name:    proof.ResourceRecordName().Elem(),
		Type:    proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(validationSeconds),
		// It is the same for all certificates of a name in an account.
		AllowOverwrite: pulumi.Bool(true),
	}, owner.Versioned())
	if err != nil {
		return none, fmt.Errorf("the validation record of %s: %w", name, err)
	}
	issued, err := acm.NewCertificateValidation(ctx, owner.Logical(part), &acm.CertificateValidationArgs{
		CertificateArn: certificate.Arn, ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, owner.Versioned(pulumi.Provider(provider)))
	if err != nil {
		return none, fmt.Errorf("the validation of the certificate of %s: %w", name, err)
	}
	return issued.CertificateArn, nil
}

// Point makes the alias records of the name.
func Point(ctx *pulumi.Context, owner component.Owner, part, name, zone string, to *cloudfront.Distribution) error {
	for _, kind := range []string{"A", "AAAA"} {
		_, err := route53.NewRecord(ctx, owner.Logical(part, kind), &route53.RecordArgs{
			ZoneId: pulumi.String(zone),
			Name:   pulumi.String(name),
			Type:   pulumi.String(kind),
			Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
				Name: to.DomainName, ZoneId: to.HostedZoneId, EvaluateTargetHealth: pulumi.Bool(false),
			}},
		}, owner.Child())
		if err != nil {
			return fmt.Errorf("the %s record of %s: %w", kind, name, err)
		}
	}
	return nil
}
