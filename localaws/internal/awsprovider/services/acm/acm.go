// Package acm declares the Certificate Manager types of the stand-in provider: Certificate
// and CertificateValidation, for certificates that are validated by DNS.
package acm

import (
	"context"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

const (
	// recordsTimeout is how long ACM may take to say how to prove the ownership,
	// validationTimeout how long it may take to see the proof.
	recordsTimeout    = 5 * time.Minute
	validationTimeout = 75 * time.Minute
)

// Resources lists the types of this package.
func Resources() []*define.Resource { return []*define.Resource{certificate(), validation()} }

func certificate() *define.Resource {
	return &define.Resource{
		Token:    "aws:acm/certificate:Certificate",
		Noun:     "ACM Certificate",
		Args:     define.ArgsOf(sdk.CertificateArgs{}),
		Result:   reflect.TypeFor[sdk.Certificate](),
		Required: []string{"domainName"},
		Validate: validateCertificate,
		ForceNew: []string{"domainName", "validationMethod"},
		Computed: []string{"arn", "domainValidationOptions", "keyAlgorithm", "notAfter", "notBefore", "pendingRenewal", "renewalEligibility", "renewalSummaries",
			"status", "subjectAlternativeNames", "type", "validationEmails"},
		NotFoundCodes: []string{"ResourceNotFoundException"},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			out, err := c.ACM.RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: r.Inputs.StringPtr("domainName"),
				ValidationMethod: types.ValidationMethodDns, Tags: tagsOf(r.Inputs.StringMap("tags"))})
			if err != nil {
				return "", err
			}
			return *out.CertificateArn, recordsKnown(ctx, c, *out.CertificateArn)
		},
		Read:   readCertificate,
		Update: updateTags,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.ACM.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &r.ID})
			return err
		},
	}
}

func validateCertificate(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for _, input := range []string{"certificateAuthorityArn", "certificateBody", "privateKey", "subjectAlternativeNames", "options", "validationOptions", "keyAlgorithm"} {
		if inputs.Has(input) {
			failures = append(failures, define.Failed(input, "the stand-in does not know this input of a certificate")...)
		}
	}
	if inputs.Known("validationMethod") && inputs.String("validationMethod") != "DNS" {
		failures = append(failures, define.Failed("validationMethod", "the stand-in knows DNS only")...)
	}
	return failures
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

// recordsKnown waits until ACM says which records prove the ownership.
func recordsKnown(ctx context.Context, c *define.Clients, arn string) error {
	return retry.Until(ctx, recordsTimeout, "validation records of certificate "+arn, func() (bool, string, error) {
		out, err := c.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		if err != nil {
			return false, "", err
		}
		options := out.Certificate.DomainValidationOptions
		return len(options) > 0 && options[0].ResourceRecord != nil, string(out.Certificate.Status), nil
	})
}

func readCertificate(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &r.ID})
	if err != nil {
		return nil, err
	}
	var options []any
	for _, o := range out.Certificate.DomainValidationOptions {
		option := property.Values{"domainName": o.DomainName}
		if o.ResourceRecord != nil {
			option["resourceRecordName"], option["resourceRecordType"] = o.ResourceRecord.Name, o.ResourceRecord.Type
			option["resourceRecordValue"] = o.ResourceRecord.Value
		}
		options = append(options, option)
	}
	return property.Values{"arn": r.ID, "domainName": out.Certificate.DomainName, "status": out.Certificate.Status, "type": out.Certificate.Type,
		"keyAlgorithm": out.Certificate.KeyAlgorithm, "domainValidationOptions": options, "subjectAlternativeNames": []string{aws.ToString(out.Certificate.DomainName)},
		"validationEmails": []string{}, "notAfter": "", "notBefore": "", "pendingRenewal": false, "renewalEligibility": string(out.Certificate.RenewalEligibility),
		"renewalSummaries": []any{}}, nil
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, gone := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	if len(gone) > 0 {
		var tags []types.Tag
		for _, key := range gone {
			tags = append(tags, types.Tag{Key: &key})
		}
		if _, err := c.ACM.RemoveTagsFromCertificate(ctx, &acm.RemoveTagsFromCertificateInput{CertificateArn: &r.ID, Tags: tags}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.ACM.AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{CertificateArn: &r.ID, Tags: tagsOf(set)})
	return err
}

// validation is no thing at AWS: to make it is to wait.
func validation() *define.Resource {
	return &define.Resource{
		Token:         "aws:acm/certificateValidation:CertificateValidation",
		Noun:          "ACM Certificate Validation",
		Args:          define.ArgsOf(sdk.CertificateValidationArgs{}),
		Result:        reflect.TypeFor[sdk.CertificateValidation](),
		ForceNew:      []string{"certificateArn", "validationRecordFqdns"},
		Kinds:         map[string]define.Kind{"validationRecordFqdns": define.Set},
		NotFoundCodes: []string{"ResourceNotFoundException"},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			arn := r.Inputs.String("certificateArn")
			err := retry.Until(ctx, validationTimeout, "validation of certificate "+arn, func() (bool, string, error) {
				out, err := c.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
				if err != nil {
					return false, "", err
				}
				return out.Certificate.Status == types.CertificateStatusIssued, string(out.Certificate.Status), nil
			})
			if err != nil {
				return "", err
			}
			return time.Now().UTC().Format(time.RFC3339), nil
		},
		Delete: func(context.Context, *define.Clients, define.Request) error { return nil },
	}
}
