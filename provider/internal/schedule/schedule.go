// Package schedule makes the EventBridge Scheduler group of a platform, in which plugins
// make their schedules.
package schedule

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Group is a group of schedules and the role that the scheduler takes on for them. What
// the role may do is added by whoever makes a schedule.
type Group struct {
	Name    pulumi.StringOutput
	RoleARN pulumi.StringOutput
}

// NewGroup makes the group and its role. Only the scheduler of the group's own account
// may take on the role.
func NewGroup(ctx *pulumi.Context, owner component.Owner) (*Group, error) {
	group, err := scheduler.NewScheduleGroup(ctx, owner.Logical("schedules"), &scheduler.ScheduleGroupArgs{
		Name: pulumi.String(owner.Physical(naming.ScheduleGroup, "schedules")),
		Tags: owner.Tags,
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the schedule group: %w", err)
	}
	account := group.Arn.ApplyT(naming.Account).(pulumi.StringOutput)
	role, err := iam.NewRole(ctx, owner, "schedules", iam.Scheduler, account)
	if err != nil {
		return nil, err
	}
	return &Group{Name: group.Name, RoleARN: role.ARN}, nil
}
