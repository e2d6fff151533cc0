// Package iam makes roles with least privilege: each function and each service has a
// role of its own, and each statement names exact actions on exact resources.
package iam

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Services that take on a role.
const (
	Lambda    = "lambda.amazonaws.com"
	AppSync   = "appsync.amazonaws.com"
	Scheduler = "scheduler.amazonaws.com"
	SNS       = "sns.amazonaws.com"
)

// Statement allows actions on resources.
type Statement struct {
	Actions []string
	// Resources are ARNs.
	Resources []pulumi.StringInput
}

// Allow is a statement.
func Allow(resources []pulumi.StringInput, actions ...string) Statement {
	return Statement{Actions: actions, Resources: resources}
}

// On are the resources of a statement.
func On(resources ...pulumi.StringInput) []pulumi.StringInput {
	return resources
}

// Role is a role and the policy that says what it may do.
type Role struct {
	ARN pulumi.StringOutput
	// Ready is what a user of the role has to depend on, so that it can do everything
	// from the beginning and to the end.
	Ready []pulumi.Resource
}

// NewRole makes the role of one part of a component for a service. The account, when it
// is not empty, is the only one for which the service may take on the role.
func NewRole(ctx *pulumi.Context, owner component.Owner, part, service string, account pulumi.StringInput, statements ...Statement) (*Role, error) {
	role, err := iam.NewRole(ctx, owner.Logical(part), &iam.RoleArgs{
		Name:             pulumi.String(owner.Physical(naming.Role, part)),
		AssumeRolePolicy: trust(service, account),
		Tags:             owner.Tags,
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the role of %s: %w", part, err)
	}
	ready := []pulumi.Resource{role}
	if len(statements) > 0 {
		policy, err := iam.NewRolePolicy(ctx, owner.Logical(part), &iam.RolePolicyArgs{
			Name:   pulumi.String(part),
			Role:   role.Name,
			Policy: document(statements),
		}, owner.Child())
		if err != nil {
			return nil, fmt.Errorf("the policy of %s: %w", part, err)
		}
		ready = append(ready, policy)
	}
	return &Role{ARN: role.Arn, Ready: ready}, nil
}

// policy is an IAM policy document.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect    string
	Principal map[string]string            `json:",omitempty"`
	Action    []string                     `json:",omitempty"`
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

func render(statements ...statement) (string, error) {
	text, err := json.Marshal(policy{Version: "2012-10-17", Statement: statements})
	return string(text), err
}

// trust lets a service take on the role, for one account only where that is known: a
// service works for many accounts and could be talked into using it for another one.
func trust(service string, account pulumi.StringInput) pulumi.StringOutput {
	if account == nil {
		account = pulumi.String("")
	}
	return account.ToStringOutput().ApplyT(func(account string) (string, error) {
		assume := statement{
			Effect:    "Allow",
			Principal: map[string]string{"Service": service},
			Action:    []string{"sts:AssumeRole"},
		}
		if account != "" {
			assume.Condition = map[string]map[string]string{"StringEquals": {"aws:SourceAccount": account}}
		}
		return render(assume)
	}).(pulumi.StringOutput)
}

// document renders statements when all their resources are known.
func document(statements []Statement) pulumi.StringOutput {
	var resources pulumi.StringArray
	for _, s := range statements {
		resources = append(resources, s.Resources...)
	}
	return resources.ToStringArrayOutput().ApplyT(func(arns []string) (string, error) {
		rendered := make([]statement, len(statements))
		for i, s := range statements {
			rendered[i] = statement{Effect: "Allow", Action: s.Actions, Resource: arns[:len(s.Resources)]}
			arns = arns[len(s.Resources):]
		}
		return render(rendered...)
	}).(pulumi.StringOutput)
}

// SendTo is the policy of a queue to which only one topic of the queue's own account or
// of a named one may send.
func SendTo(queue, topic pulumi.StringInput) pulumi.StringOutput {
	return pulumi.All(queue, topic).ApplyT(func(arns []any) (string, error) {
		queue, topic := arns[0].(string), arns[1].(string)
		return render(statement{
			Effect:    "Allow",
			Principal: map[string]string{"Service": SNS},
			Action:    []string{"sqs:SendMessage"},
			Resource:  []string{queue},
			Condition: map[string]map[string]string{
				"ArnEquals":    {"aws:SourceArn": topic},
				"StringEquals": {"aws:SourceAccount": naming.Account(topic)},
			},
		})
	}).(pulumi.StringOutput)
}
