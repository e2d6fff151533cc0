package iam

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func rolePolicy() *define.Resource {
	return &define.Resource{
		Token:         "aws:iam/rolePolicy:RolePolicy",
		Noun:          "IAM Role Policy",
		Args:          define.ArgsOf(sdk.RolePolicyArgs{}),
		Result:        reflect.TypeFor[sdk.RolePolicy](),
		AutoName:      &define.AutoName{Property: "name", Max: 128},
		Required:      []string{"policy", "role"},
		Kinds:         map[string]define.Kind{"policy": define.Policy},
		ForceNew:      []string{"name", "namePrefix", "role"},
		Computed:      []string{"namePrefix"},
		NotFoundCodes: notFound,
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			if err := putPolicy(ctx, c, r); err != nil {
				return "", err
			}
			return r.Inputs.String("role") + ":" + r.Inputs.String("name"), nil
		},
		Read:   readPolicy,
		Update: putPolicy,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			role, name, err := splitPolicyID(r.ID)
			if err != nil {
				return err
			}
			_, err = c.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &name})
			return err
		},
	}
}

func splitPolicyID(id string) (role, name string, err error) {
	role, name, ok := strings.Cut(id, ":")
	if !ok {
		return "", "", fmt.Errorf("unexpected id %q of a role policy, expected ROLE:POLICY", id)
	}
	return role, name, nil
}

func putPolicy(ctx context.Context, c *define.Clients, r define.Request) error {
	_, err := c.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: r.Inputs.StringPtr("role"),
		PolicyName: r.Inputs.StringPtr("name"), PolicyDocument: r.Inputs.StringPtr("policy")})
	return err
}

func readPolicy(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	role, name, err := splitPolicyID(r.ID)
	if err != nil {
		return nil, err
	}
	out, err := c.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
	if err != nil {
		return nil, err
	}
	document, err := url.QueryUnescape(aws.ToString(out.PolicyDocument))
	return property.Values{"name": name, "role": role, "policy": document, "namePrefix": ""}, err
}
