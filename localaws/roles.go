package localaws

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/resourcepolicy"
)

// roles looks at roles in IAM.
type roles struct {
	client    *iam.Client
	accountID string
}

// Trusts says whether a role exists and lets a service assume it for a source.
func (r roles) Trusts(ctx context.Context, roleARN, service, sourceARN string) (bool, error) {
	name := path.Base(roleARN[strings.LastIndexByte(roleARN, ':')+1:])
	output, err := r.client.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	var missing *types.NoSuchEntityException
	if errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	document, err := url.QueryUnescape(aws.ToString(output.Role.AssumeRolePolicyDocument))
	if err != nil {
		return false, err
	}
	return resourcepolicy.Allows(document, resourcepolicy.Request{Service: service, Action: "sts:AssumeRole", Resource: roleARN,
		Context: map[string]string{"aws:SourceArn": sourceARN, "aws:SourceAccount": r.accountID}}), nil
}
