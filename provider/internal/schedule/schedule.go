// Package schedule makes what EventBridge Scheduler needs: groups, the roles with which it
// sends, and the schedules that a stack has from the beginning. Those that a handler makes
// at run time are in the group of its plugin, and go with it.
package schedule

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// part is the part of a component that its group and the role of its schedules are.
const part = "schedules"

// Schedules are tried again for an hour, this often, and given up to a queue then.
const (
	maxAge     = 3600
	maxRetries = 10
)

// Group is a group of schedules.
type Group struct {
	Name pulumi.StringOutput
	ARN  pulumi.StringOutput
}

// GroupName is the physical name of the component's group.
func GroupName(owner component.Owner) string {
	return owner.Physical(naming.ScheduleGroup, part)
}

// NewGroup makes the component's group.
func NewGroup(ctx *pulumi.Context, owner component.Owner) (*Group, error) {
	group, err := scheduler.NewScheduleGroup(ctx, owner.Logical(part), &scheduler.ScheduleGroupArgs{
		Name: pulumi.String(GroupName(owner)),
		Tags: owner.TagsOf(part),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the schedule group: %w", err)
	}
	return &Group{Name: group.Name, ARN: group.Arn}, nil
}

// Trust lets Scheduler take on a role for the schedules of groups. Scheduler names the
// group as the source, not the schedule.
func Trust(groupARNs ...pulumi.StringInput) iam.Trust {
	return iam.Trust{Service: iam.Scheduler, Sources: groupARNs}
}

// AllowSchedules allows to make and cancel schedules of the component's group that send
// with a role.
func (g *Group) AllowSchedules(owner component.Owner, role pulumi.StringInput) []iam.Statement {
	schedules := g.ARN.ApplyT(func(arn string) string {
		return naming.Sibling(arn, "scheduler", "schedule/"+GroupName(owner)+"/*")
	}).(pulumi.StringOutput)
	return []iam.Statement{
		iam.Allow(iam.On(schedules), "scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule"),
		iam.Pass(role, iam.Scheduler),
	}
}

// Schedule is a schedule of a stack.
type Schedule struct {
	// Part is the part of the component that it is. Expression is rate(…), cron(…) or
	// at(…), TimeZone the IANA name of its time zone.
	Part, Expression, TimeZone string
	// Group is the name of its group, Role what Scheduler takes on to send.
	Group, Role pulumi.StringInput
	// Target is the ARN of a queue or a function, Input what it gets.
	Target pulumi.StringInput
	Input  string
	// DeadLetter is the ARN of the queue for what could not be sent; nil for what is
	// of no use later.
	DeadLetter pulumi.StringInput
	// Ready is what the schedule depends on.
	Ready []pulumi.Resource
}

// New makes a schedule.
func New(ctx *pulumi.Context, owner component.Owner, s Schedule) (*scheduler.Schedule, error) {
	target := &scheduler.ScheduleTargetArgs{
		Arn:     s.Target,
		RoleArn: s.Role,
		Input:   pulumi.String(s.Input),
		RetryPolicy: &scheduler.ScheduleTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.Int(maxAge), MaximumRetryAttempts: pulumi.Int(maxRetries),
		},
	}
	if s.DeadLetter != nil {
		target.DeadLetterConfig = &scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: s.DeadLetter}
	}
	made, err := scheduler.NewSchedule(ctx, owner.Logical(s.Part), &scheduler.ScheduleArgs{
		Name:                       pulumi.String(owner.Physical(naming.Schedule, s.Part)),
		GroupName:                  s.Group,
		ScheduleExpression:         pulumi.String(s.Expression),
		ScheduleExpressionTimezone: pulumi.String(s.TimeZone),
		FlexibleTimeWindow:         &scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target:                     target,
	}, owner.Child(pulumi.DependsOn(s.Ready)))
	if err != nil {
		return nil, fmt.Errorf("the schedule %s: %w", s.Part, err)
	}
	return made, nil
}

// Every is the expression of a period in minutes.
func Every(minutes int) string {
	unit := "minutes"
	if minutes == 1 {
		unit = "minute"
	}
	return fmt.Sprintf("rate(%d %s)", minutes, unit)
}

// Input is the text that a schedule sends. Scheduler looks for its context attributes,
// such as <aws.scheduler.scheduled-time>, as they are written, so "<" is not escaped.
func Input(trigger protocol.Trigger) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(trigger); err != nil {
		panic(err) // a Trigger without a command holds texts only
	}
	return strings.TrimSpace(text.String())
}
