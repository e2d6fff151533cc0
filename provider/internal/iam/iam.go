// Package iam makes roles with least privilege: each function and each service has a
// role of its own, and each statement names exact actions on exact resources.
package iam

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Services that take on a role, or that resource policies admit.
const (
	Lambda     = "lambda.amazonaws.com"
	AppSync    = "appsync.amazonaws.com"
	Scheduler  = "scheduler.amazonaws.com"
	SNS        = "sns.amazonaws.com"
	S3         = "s3.amazonaws.com"
	CloudFront = "cloudfront.amazonaws.com"
)

// Statement allows actions on resources.
type Statement struct {
	Actions []string
	// Resources are ARNs.
	Resources []pulumi.StringInput
	// Condition is when the statement holds: values by key by operator.
	Condition map[string]map[string]any
}

// Allow is a statement.
func Allow(resources []pulumi.StringInput, actions ...string) Statement {
	return Statement{Actions: actions, Resources: resources}
}

// Pass allows to hand a role to a service, and to this service only.
func Pass(role pulumi.StringInput, service string) Statement {
	return Statement{
		Actions:   []string{"iam:PassRole"},
		Resources: On(role),
		Condition: map[string]map[string]any{"StringEquals": {"iam:PassedToService": service}},
	}
}

// On are the resources of a statement.
func On(resources ...pulumi.StringInput) []pulumi.StringInput {
	return resources
}

// Everything allows actions on everything, for those that AWS knows no resources of.
func Everything(actions ...string) Statement {
	return Allow(On(pulumi.String("*")), actions...)
}

// Role is a role and the policy that says what it may do.
type Role struct {
	ARN pulumi.StringOutput
	// Ready is what a user of the role has to depend on, so that it can do everything
	// from the beginning and to the end.
	Ready []pulumi.Resource

	name pulumi.StringOutput
}

// Trust says who takes on a role.
type Trust struct {
	// Service is the AWS service that does.
	Service string
	// Sources are the ARNs of the resources for which it may, none of which is empty; none
	// are for a service that has no such key. "*" in one stands for any text. Each service
	// works for many accounts and could be talked into using the role for another one.
	Sources []pulumi.StringInput
}

// NewRole makes the role of one part of a component.
func NewRole(ctx *pulumi.Context, owner component.Owner, part string, by Trust, statements ...Statement) (*Role, error) {
	role, err := iam.NewRole(ctx, owner.Logical(part), &iam.RoleArgs{
		Name:             pulumi.String(owner.Physical(naming.Role, part)),
		AssumeRolePolicy: by.document(),
		Tags:             owner.TagsOf(part),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the role of %s: %w", part, err)
	}
	made := &Role{ARN: role.Arn, Ready: []pulumi.Resource{role}, name: role.Name}
	if len(statements) == 0 {
		return made, nil
	}
	return made, made.Grant(ctx, owner, part, nil, statements...)
}

// Grant makes the policy of a role that was made without one, for what is known only later.
// It comes after some resources, and goes before them.
func (r *Role) Grant(ctx *pulumi.Context, owner component.Owner, part string, after []pulumi.Resource, statements ...Statement) error {
	policy, err := iam.NewRolePolicy(ctx, owner.Logical(part), &iam.RolePolicyArgs{
		Name:   pulumi.String(part),
		Role:   r.name,
		Policy: document(statements),
	}, owner.Child(pulumi.DependsOn(after)))
	if err != nil {
		return fmt.Errorf("the policy of %s: %w", part, err)
	}
	r.Ready = append(r.Ready, policy)
	return nil
}

// policy is an IAM policy document.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string          `json:",omitempty"`
	Resource  []string          `json:",omitempty"`
	// Condition holds texts, or lists of them, by key by operator.
	Condition map[string]map[string]any `json:",omitempty"`
}

func render(statements ...statement) (string, error) {
	text, err := json.Marshal(policy{Version: "2012-10-17", Statement: statements})
	return string(text), err
}

// document is the role's trust policy.
func (t Trust) document() pulumi.StringOutput {
	return pulumi.StringArray(t.Sources).ToStringArrayOutput().ApplyT(func(sources []string) (string, error) {
		assume := statement{
			Effect:    "Allow",
			Principal: map[string]string{"Service": t.Service},
			Action:    []string{"sts:AssumeRole"},
		}
		if len(sources) > 0 {
			assume.Condition = map[string]map[string]any{
				comparison(sources): {"aws:SourceArn": one(sources)},
				"StringEquals":      {"aws:SourceAccount": naming.Account(sources[0])},
			}
		}
		return render(assume)
	}).(pulumi.StringOutput)
}

// comparison is the operator that compares with ARNs, in which "*" stands for any text.
func comparison(arns []string) string {
	if strings.Contains(strings.Join(arns, ""), "*") {
		return "ArnLike"
	}
	return "ArnEquals"
}

// one is a list, or the text that is alone in it.
func one(texts []string) any {
	if len(texts) == 1 {
		return texts[0]
	}
	return texts
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
			rendered[i] = statement{Effect: "Allow", Action: s.Actions, Resource: arns[:len(s.Resources)], Condition: s.Condition}
			arns = arns[len(s.Resources):]
		}
		return render(rendered...)
	}).(pulumi.StringOutput)
}

// SendTo is the policy of a queue to which only these senders may send.
func SendTo(queue pulumi.StringInput, senders ...Sender) pulumi.StringOutput {
	inputs := []any{queue}
	for _, sender := range senders {
		inputs = append(inputs, sender.Source, sender.account())
	}
	return pulumi.All(inputs...).ApplyT(func(values []any) (string, error) {
		statements := make([]statement, len(senders))
		for i, sender := range senders {
			statements[i] = sender.statement(values[0].(string), values[2*i+1].(string), values[2*i+2].(string))
		}
		return render(statements...)
	}).(pulumi.StringOutput)
}

// Sender is what may send to a queue.
type Sender struct {
	// Service is the AWS service that sends, Source the ARN of the resource for which it
	// does; "*" in it stands for any text.
	Service string
	Source  pulumi.StringInput
	// Account is the source's account; nil when the ARN has it.
	Account pulumi.StringInput
}

func (s Sender) account() pulumi.StringInput {
	if s.Account == nil {
		return pulumi.String("")
	}
	return s.Account
}

func (s Sender) statement(queue, source, account string) statement {
	if account == "" {
		account = naming.Account(source)
	}
	return statement{
		Effect:    "Allow",
		Principal: map[string]string{"Service": s.Service},
		Action:    []string{"sqs:SendMessage"},
		Resource:  []string{queue},
		Condition: map[string]map[string]any{
			comparison([]string{source}): {"aws:SourceArn": source},
			"StringEquals":               {"aws:SourceAccount": account},
		},
	}
}

// RequireTLS is the policy of a bucket that is reached over TLS only.
func RequireTLS(bucket pulumi.StringInput) pulumi.StringOutput {
	return bucket.ToStringOutput().ApplyT(func(arn string) (string, error) {
		return render(denyWithoutTLS(arn))
	}).(pulumi.StringOutput)
}

func denyWithoutTLS(bucket string) statement {
	return statement{
		Effect:    "Deny",
		Principal: map[string]string{"AWS": "*"},
		Action:    []string{"s3:*"},
		Resource:  []string{bucket, bucket + "/*"},
		Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
	}
}

// ServeThrough is the policy of a bucket whose objects one CloudFront distribution reads,
// and that is reached over TLS only.
func ServeThrough(bucket, distribution pulumi.StringInput) pulumi.StringOutput {
	return pulumi.All(bucket, distribution).ApplyT(func(values []any) (string, error) {
		arn := values[0].(string)
		return render(denyWithoutTLS(arn), statement{
			Effect:    "Allow",
			Principal: map[string]string{"Service": CloudFront},
			Action:    []string{"s3:GetObject"},
			Resource:  []string{arn + "/*"},
			Condition: map[string]map[string]any{"StringEquals": {"aws:SourceArn": values[1].(string)}},
		})
	}).(pulumi.StringOutput)
}
