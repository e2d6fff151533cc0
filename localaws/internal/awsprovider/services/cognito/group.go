package cognito

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func userGroup() *define.Resource {
	return &define.Resource{
		Token:         "aws:cognito/userGroup:UserGroup",
		Noun:          "Cognito User Group",
		Args:          define.ArgsOf(sdk.UserGroupArgs{}),
		Result:        reflect.TypeFor[sdk.UserGroup](),
		AutoName:      &define.AutoName{Property: "name", Max: 128},
		Required:      []string{"userPoolId"},
		ForceNew:      []string{"userPoolId", "name"},
		NotFoundCodes: notFound,
		Create:        createGroup,
		Read:          readGroup,
		Update:        updateGroup,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			pool, name := groupOf(r.ID)
			_, err := c.Cognito.DeleteGroup(ctx, &cognitoidentityprovider.DeleteGroupInput{UserPoolId: &pool, GroupName: &name})
			return err
		},
	}
}

// groupOf takes an id apart: the pool's and the group's name.
func groupOf(id string) (pool, name string) {
	pool, name, _ = strings.Cut(id, "/")
	return pool, name
}

func createGroup(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	pool, name := r.Inputs.String("userPoolId"), r.Inputs.String("name")
	_, err := c.Cognito.CreateGroup(ctx, &cognitoidentityprovider.CreateGroupInput{UserPoolId: &pool, GroupName: &name,
		Description: r.Inputs.StringPtr("description"), Precedence: r.Inputs.Int32Ptr("precedence"), RoleArn: r.Inputs.StringPtr("roleArn")})
	if err != nil {
		return "", err
	}
	return pool + "/" + name, nil
}

func updateGroup(ctx context.Context, c *define.Clients, r define.Request) error {
	pool, name := groupOf(r.ID)
	_, err := c.Cognito.UpdateGroup(ctx, &cognitoidentityprovider.UpdateGroupInput{UserPoolId: &pool, GroupName: &name,
		Description: r.Inputs.StringPtr("description"), Precedence: r.Inputs.Int32Ptr("precedence"), RoleArn: r.Inputs.StringPtr("roleArn")})
	return err
}

func readGroup(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	pool, name := groupOf(r.ID)
	out, err := c.Cognito.GetGroup(ctx, &cognitoidentityprovider.GetGroupInput{UserPoolId: &pool, GroupName: &name})
	if err != nil {
		return nil, err
	}
	return property.Values{"userPoolId": pool, "name": out.Group.GroupName, "description": out.Group.Description,
		"precedence": out.Group.Precedence, "roleArn": out.Group.RoleArn}, nil
}
