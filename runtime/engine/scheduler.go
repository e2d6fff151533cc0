package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Scheduler tries to send for a day, its maximum, before the command goes to the queue
// for what could not be sent.
const (
	scheduleRetries    = 185
	scheduleMaxSeconds = 24 * 60 * 60
)

// originMark begins the description of a schedule that the engine made.
const originMark = "reventless"

// scheduleOrigin is the description of a schedule: the time of the cause that made it,
// and a hash of cause and schedule, so that a repetition is recognised.
func scheduleOrigin(cause string, planned plannedSchedule, meta turn.Meta) string {
	return strings.Join([]string{originMark, meta.Time, hash(cause, planned.expression, planned.zone, string(planned.input))}, " ")
}

// originTime is the time of the cause that made a schedule, zero for a schedule that the
// engine did not make.
func originTime(description string) time.Time {
	parts := strings.Split(description, " ")
	if len(parts) != 3 || parts[0] != originMark {
		return time.Time{}
	}
	return causeTime(parts[1])
}

// causeTime reads the time of a cause, zero when there is none.
func causeTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// makeSchedule makes a schedule, or replaces the one of the same name unless a later
// cause made it.
func (e *Engine) makeSchedule(ctx context.Context, planned plannedSchedule, origin string) error {
	in := e.scheduleInput(planned, origin)
	_, err := e.Scheduler.CreateSchedule(ctx, in)
	var exists *types.ConflictException
	if !errors.As(err, &exists) {
		return err
	}
	there, err := e.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: in.GroupName, Name: in.Name})
	var gone *types.ResourceNotFoundException
	switch {
	case errors.As(err, &gone): // it was its last moment
		_, err = e.Scheduler.CreateSchedule(ctx, in)
		return err
	case err != nil:
		return err
	case aws.ToString(there.Description) == origin || originTime(origin).Before(originTime(aws.ToString(there.Description))):
		return nil
	}
	return e.replaceSchedule(ctx, in)
}

// replaceSchedule gives a schedule everything anew. If it is over meanwhile it is made.
func (e *Engine) replaceSchedule(ctx context.Context, in *scheduler.CreateScheduleInput) error {
	_, err := e.Scheduler.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
		GroupName: in.GroupName, Name: in.Name, Description: in.Description,
		ScheduleExpression: in.ScheduleExpression, ScheduleExpressionTimezone: in.ScheduleExpressionTimezone,
		FlexibleTimeWindow: in.FlexibleTimeWindow, ActionAfterCompletion: in.ActionAfterCompletion, Target: in.Target,
	})
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) {
		_, err = e.Scheduler.CreateSchedule(ctx, in)
	}
	return err
}

// cancelSchedule deletes a schedule, unless it is not there or a later cause made it.
func (e *Engine) cancelSchedule(ctx context.Context, name, at string) error {
	there, err := e.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: &e.Schedules.Group, Name: &name})
	if err == nil && causeTime(at).Before(originTime(aws.ToString(there.Description))) {
		return nil
	}
	if err == nil {
		_, err = e.Scheduler.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{GroupName: &e.Schedules.Group, Name: &name})
	}
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// scheduleInput is the request that makes a schedule. A single firing deletes the
// schedule afterwards.
func (e *Engine) scheduleInput(planned plannedSchedule, origin string) *scheduler.CreateScheduleInput {
	in := &scheduler.CreateScheduleInput{
		GroupName: &e.Schedules.Group, Name: &planned.name, Description: &origin,
		ScheduleExpression:         aws.String(planned.expression),
		ScheduleExpressionTimezone: aws.String("UTC"),
		FlexibleTimeWindow:         &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		ActionAfterCompletion:      types.ActionAfterCompletionNone,
		Target: &types.Target{
			Arn: &e.Schedules.TaskQueueARN, RoleArn: &e.Schedules.RoleARN, Input: aws.String(queueText(planned.input)),
			DeadLetterConfig: &types.DeadLetterConfig{Arn: &e.Schedules.FailuresARN},
			RetryPolicy:      &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(scheduleRetries), MaximumEventAgeInSeconds: aws.Int32(scheduleMaxSeconds)},
		},
	}
	if planned.zone != "" {
		in.ScheduleExpressionTimezone = &planned.zone
	}
	if planned.once {
		in.ScheduleExpression = aws.String(e.atExpression(planned.at))
		in.ActionAfterCompletion = types.ActionAfterCompletionDelete
	}
	return in
}

// atExpression fires at a time, or soon when that is over.
func (e *Engine) atExpression(at time.Time) string {
	if soon := e.Now().Add(soonest); at.Before(soon) {
		at = soon
	}
	return fmt.Sprintf("at(%s)", at.UTC().Format("2006-01-02T15:04:05"))
}
