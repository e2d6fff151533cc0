package graph

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/apilog"
)

// logPart is the part of the platform that is the API's own log.
const logPart = "logging"

// Log is the API's own log, of requests and resolvers. Its group is made at run time, see
// runtime/apilog.
//
//  1. The role comes before the API. It trusts all APIs of the account and region, since
//     the one that it is for has no id yet.
//  2. What the role may do is granted when the group is there, and taken back before the
//     group is deleted. So AppSync makes none without retention, and none that stays.
type Log struct {
	level string
	role  *iam.Role
}

// NewLog makes what the log of an API needs that is made later. level is one of AppSync's
// levels. sibling is the ARN of something in the API's account and region.
func NewLog(ctx *pulumi.Context, owner component.Owner, level string, sibling pulumi.StringOutput) (*Log, error) {
	apis := sibling.ApplyT(func(arn string) string { return naming.Sibling(arn, "appsync", "apis/*") }).(pulumi.StringOutput)
	role, err := iam.NewRole(ctx, owner, logPart, iam.Trust{Service: iam.AppSync, Sources: iam.On(apis)})
	if err != nil {
		return nil, err
	}
	return &Log{level: level, role: role}, nil
}

// config is nil without a log.
func (l *Log) config() appsync.GraphQLApiLogConfigPtrInput {
	if l == nil {
		return nil
	}
	return appsync.GraphQLApiLogConfigArgs{
		CloudwatchLogsRoleArn: l.role.ARN,
		FieldLogLevel:         pulumi.String(l.level),
		ExcludeVerboseContent: pulumi.Bool(true),
	}
}

// Grant lets AppSync write the log of an API once the resources are there that make its
// group. AppSync asks for the group before it writes, so it may make it too.
func (l *Log) Grant(ctx *pulumi.Context, owner component.Owner, api *appsync.GraphQLApi, after ...pulumi.Resource) error {
	return l.role.Grant(ctx, owner, logPart, after,
		iam.Allow(iam.On(logGroup(api)), "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"))
}

// AllowLogGroup allows to look after the group of an API's log.
func AllowLogGroup(api *appsync.GraphQLApi) iam.Statement {
	return iam.Allow(iam.On(logGroup(api)), "logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:DeleteLogGroup")
}

// logGroup is the ARN of the group of an API's log with its streams: IAM knows the group
// alone by the beginning of its streams' ARNs too.
func logGroup(api *appsync.GraphQLApi) pulumi.StringOutput {
	return pulumi.All(api.Arn, api.ID()).ApplyT(func(values []any) string {
		return naming.Sibling(values[0].(string), "logs", "log-group:"+apilog.Group(string(values[1].(pulumi.ID)))+":*")
	}).(pulumi.StringOutput)
}
