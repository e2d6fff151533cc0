package enforcement

import (
	"context"
	"errors"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// IAM reads roles from IAM.
type IAM struct{ Client *iam.Client }

// Policies reads a role's inline policies and those that are attached to it.
func (r IAM) Policies(ctx context.Context, role string) (documents []string, ok bool, err error) {
	documents, err = r.inline(ctx, role)
	if err == nil {
		var attached []string
		attached, err = r.attached(ctx, role)
		documents = append(documents, attached...)
	}
	return documents, !missing(err), unlessMissing(err)
}

func (r IAM) inline(ctx context.Context, role string) (documents []string, err error) {
	pages := iam.NewListRolePoliciesPaginator(r.Client, &iam.ListRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range page.PolicyNames {
			output, err := r.Client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
			if err != nil {
				return nil, err
			}
			if documents, err = appendDocument(documents, output.PolicyDocument); err != nil {
				return nil, err
			}
		}
	}
	return documents, nil
}

func (r IAM) attached(ctx context.Context, role string) (documents []string, err error) {
	pages := iam.NewListAttachedRolePoliciesPaginator(r.Client, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, attached := range page.AttachedPolicies {
			found, err := r.Client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: attached.PolicyArn})
			if err != nil {
				return nil, err
			}
			version, err := r.Client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: attached.PolicyArn, VersionId: found.Policy.DefaultVersionId})
			if err != nil {
				return nil, err
			}
			if documents, err = appendDocument(documents, version.PolicyVersion.Document); err != nil {
				return nil, err
			}
		}
	}
	return documents, nil
}

// appendDocument appends a document, which IAM gives URL-encoded.
func appendDocument(documents []string, encoded *string) ([]string, error) {
	text, err := url.QueryUnescape(aws.ToString(encoded))
	return append(documents, text), err
}

// Trust reads a role's trust policy.
func (r IAM) Trust(ctx context.Context, role string) (document string, ok bool, err error) {
	output, err := r.Client.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		return "", false, unlessMissing(err)
	}
	document, err = url.QueryUnescape(aws.ToString(output.Role.AssumeRolePolicyDocument))
	return document, true, err
}

func missing(err error) bool {
	var none *types.NoSuchEntityException
	return errors.As(err, &none)
}

func unlessMissing(err error) error {
	if missing(err) {
		return nil
	}
	return err
}
