package scheduler

import (
	"context"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// propagationTimeout is how long the real provider waits for the role.
const propagationTimeout = 2 * time.Minute

var (
	namePattern    = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)
	renameSchedule = mapping.Rename{"startDate": "-", "endDate": "-"}
)

func schedule() *define.Resource {
	return &define.Resource{
		Token:    "aws:scheduler/schedule:Schedule",
		Noun:     "EventBridge Scheduler Schedule",
		Args:     define.ArgsOf(sdk.ScheduleArgs{}),
		Result:   reflect.TypeFor[sdk.Schedule](),
		AutoName: &define.AutoName{Property: "name", Max: 64},
		Defaults: map[string]any{"scheduleExpressionTimezone": "UTC", "state": "ENABLED"},
		Enums:    map[string][]string{"state": {"ENABLED", "DISABLED"}, "flexibleTimeWindow.mode": {"OFF", "FLEXIBLE"}},
		Ranges: map[string]define.Range{"flexibleTimeWindow.maximumWindowInMinutes": {Min: 1, Max: 1440},
			"target.retryPolicy.maximumEventAgeInSeconds": {Min: 60, Max: 86400}, "target.retryPolicy.maximumRetryAttempts": {Max: 185}},
		Validate:      validateSchedule,
		ForceNew:      []string{"groupName", "name", "namePrefix"},
		Computed:      []string{"arn", "groupName", "namePrefix"},
		NotFoundCodes: []string{"ResourceNotFoundException"},
		Create:        createSchedule,
		Read:          readSchedule,
		Update:        updateSchedule,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			group, name, _ := strings.Cut(r.ID, "/")
			_, err := c.Scheduler.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{GroupName: &group, Name: &name})
			return err
		},
	}
}

func validateSchedule(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	refuse := func(path, format string, args ...any) {
		failures = append(failures, define.Failed(path, format, args...)...)
	}
	if name := inputs.String("name"); inputs.Known("name") && !namePattern.MatchString(name) {
		refuse("name", "a schedule's name has 1 to 64 letters, digits, hyphens, underscores and dots: %q", name)
	}
	if n := len(inputs.String("scheduleExpression")); inputs.Known("scheduleExpression") && (n < 1 || n > 256) {
		refuse("scheduleExpression", "expected length of scheduleExpression to be in the range (1 - 256), got %d", n)
	}
	for _, key := range []string{"startDate", "endDate"} {
		if _, err := time.Parse(time.RFC3339, inputs.String(key)); inputs.Known(key) && err != nil {
			refuse(key, "expected a time in RFC 3339 format: %q", inputs.String(key))
		}
	}
	return failures
}

func dateOf(inputs property.Map, key string) *time.Time {
	parsed, err := time.Parse(time.RFC3339, inputs.String(key))
	if err != nil {
		return nil
	}
	return &parsed
}

// patiently repeats while the role is not seen yet.
func patiently(ctx context.Context, f func() error) error {
	unseen := func(err error) bool {
		return define.HasText(err, "ValidationException", "must allow AWS EventBridge Scheduler to assume the role")
	}
	return retry.While(ctx, propagationTimeout, unseen, f)
}

func createSchedule(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in scheduler.CreateScheduleInput
	mapping.Into(r.Inputs, &in, renameSchedule)
	in.StartDate, in.EndDate = dateOf(r.Inputs, "startDate"), dateOf(r.Inputs, "endDate")
	if err := patiently(ctx, func() error { _, err := c.Scheduler.CreateSchedule(ctx, &in); return err }); err != nil {
		return "", err
	}
	group := aws.ToString(in.GroupName)
	if group == "" {
		group = "default"
	}
	return group + "/" + aws.ToString(in.Name), nil
}

func readSchedule(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	group, name, _ := strings.Cut(r.ID, "/")
	out, err := c.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: &group, Name: &name})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out, define.ArgsOf(sdk.ScheduleArgs{}), renameSchedule)
	values["arn"], values["namePrefix"] = out.Arn, ""
	values["startDate"], values["endDate"] = property.OrNull(out.StartDate), property.OrNull(out.EndDate)
	return values, nil
}

// updateSchedule sends everything: what an update leaves out gets its default.
func updateSchedule(ctx context.Context, c *define.Clients, r define.Request) error {
	var in scheduler.UpdateScheduleInput
	mapping.Into(r.Inputs, &in, renameSchedule)
	group, name, _ := strings.Cut(r.ID, "/")
	in.GroupName, in.Name = &group, &name
	in.StartDate, in.EndDate = dateOf(r.Inputs, "startDate"), dateOf(r.Inputs, "endDate")
	return patiently(ctx, func() error { _, err := c.Scheduler.UpdateSchedule(ctx, &in); return err })
}
