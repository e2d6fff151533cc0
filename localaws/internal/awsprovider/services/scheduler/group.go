// Package scheduler declares the EventBridge Scheduler types of the stand-in
// provider: ScheduleGroup and Schedule.
package scheduler

import (
	"context"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

const deleteTimeout = 5 * time.Minute

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{group(), schedule()}
}

func group() *define.Resource {
	return &define.Resource{
		Token:         "aws:scheduler/scheduleGroup:ScheduleGroup",
		Noun:          "EventBridge Scheduler Schedule Group",
		Args:          define.ArgsOf(sdk.ScheduleGroupArgs{}),
		Result:        reflect.TypeFor[sdk.ScheduleGroup](),
		AutoName:      &define.AutoName{Property: "name", Max: 64},
		ForceNew:      []string{"name", "namePrefix"},
		Computed:      []string{"arn", "creationDate", "lastModificationDate", "state", "namePrefix"},
		NotFoundCodes: []string{"ResourceNotFoundException"},
		Create:        create,
		Read:          read,
		Update:        update,
		Delete:        remove,
	}
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func create(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	name := r.Inputs.String("name")
	_, err := c.Scheduler.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{
		Name: &name, Tags: tagsOf(r.Inputs.StringMap("tags"))})
	if err != nil {
		return "", err
	}
	return name, nil
}

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.Scheduler.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &r.ID})
	if err != nil {
		return nil, err
	}
	if out.State == types.ScheduleGroupStateDeleting {
		return nil, nil
	}
	return property.Values{"arn": out.Arn, "name": out.Name, "state": out.State, "namePrefix": "",
		"creationDate": out.CreationDate, "lastModificationDate": out.LastModificationDate}, nil
}

func update(ctx context.Context, c *define.Clients, r define.Request) error {
	set, gone := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(gone) > 0 {
		in := &scheduler.UntagResourceInput{ResourceArn: arn, TagKeys: gone}
		if _, err := c.Scheduler.UntagResource(ctx, in); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.Scheduler.TagResource(ctx, &scheduler.TagResourceInput{ResourceArn: arn, Tags: tagsOf(set)})
	return err
}

// remove waits until the group is gone: AWS deletes its schedules first.
func remove(ctx context.Context, c *define.Clients, r define.Request) error {
	_, err := c.Scheduler.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &r.ID})
	if err != nil {
		return err
	}
	return retry.Until(ctx, deleteTimeout, "deletion of schedule group "+r.ID, func() (bool, string, error) {
		out, err := c.Scheduler.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &r.ID})
		if define.HasCode(err, "ResourceNotFoundException") {
			return true, "", nil
		}
		if err != nil {
			return false, "", err
		}
		return false, string(out.State), nil
	})
}
