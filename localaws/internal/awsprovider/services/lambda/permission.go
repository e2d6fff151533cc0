package lambda

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// permission is one statement of a function's resource policy. Nothing of it can be
// changed in place.
func permission() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/permission:Permission",
		Noun:     "Lambda Permission",
		Args:     define.ArgsOf(sdk.PermissionArgs{}),
		Result:   reflect.TypeFor[sdk.Permission](),
		AutoName: &define.AutoName{Property: "statementId", Max: 100, Prefix: "statementIdPrefix"},
		Enums:    map[string][]string{"functionUrlAuthType": {"AWS_IAM", "NONE"}},
		Kinds:    map[string]define.Kind{"function": define.FunctionName},
		ForceNew: []string{"action", "eventSourceToken", "function", "functionUrlAuthType", "principal", "principalOrgId",
			"qualifier", "sourceAccount", "sourceArn", "statementId", "statementIdPrefix"},
		Computed:      []string{"statementIdPrefix"},
		NotFoundCodes: notFound,
		Create:        createPermission,
		Read:          readPermission,
		Update:        func(context.Context, *define.Clients, define.Request) error { return nil },
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			defer c.Lock("permissions of " + r.Inputs.String("function"))()
			_, err := c.Lambda.RemovePermission(ctx, &lambda.RemovePermissionInput{
				FunctionName: r.Inputs.StringPtr("function"), Qualifier: r.Inputs.StringPtr("qualifier"), StatementId: &r.ID})
			return err
		},
	}
}

// createPermission changes one function's policy at a time, as the real provider does.
func createPermission(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	defer c.Lock("permissions of " + r.Inputs.String("function"))()
	var in lambda.AddPermissionInput
	mapping.Into(r.Inputs, &in, mapping.Rename{"function": "FunctionName"})
	err := patiently(ctx, func() error { _, err := c.Lambda.AddPermission(ctx, &in); return err })
	return aws.ToString(in.StatementId), err
}

// policyStatement is a statement as Lambda answers it.
type policyStatement struct {
	Sid, Action string
	Principal   any
	Condition   map[string]map[string]string
}

func readPermission(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.Lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: r.Inputs.StringPtr("function"), Qualifier: r.Inputs.StringPtr("qualifier")})
	if err != nil {
		return nil, err
	}
	var policy struct{ Statement []policyStatement }
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
		return nil, err
	}
	for _, statement := range policy.Statement {
		if statement.Sid == r.ID {
			return statement.values(), nil
		}
	}
	return nil, nil
}

func (s policyStatement) values() property.Values {
	values := property.Values{"statementId": s.Sid, "action": s.Action, "statementIdPrefix": "",
		"sourceArn": property.OrNull(s.Condition["ArnLike"]["AWS:SourceArn"]), "sourceAccount": property.OrNull(s.Condition["StringEquals"]["AWS:SourceAccount"])}
	switch principal := s.Principal.(type) {
	case string:
		values["principal"] = principal
	case map[string]any:
		for _, value := range principal {
			values["principal"] = value
		}
	}
	return values
}
