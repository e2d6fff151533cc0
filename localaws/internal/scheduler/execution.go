package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Conditions that end the retries.
const (
	conditionAttempts = "MaximumRetryAttempts"
	conditionAge      = "MaximumEventAgeInSeconds"
)

// execution is one occurrence of a schedule on its way to the target.
type execution struct {
	service *Service
	id      string
	// scheduled is the time of the occurrence, start that of the execution.
	scheduled, start time.Time
	schedule         *schedule
	// to is the target as it was when the schedule occurred.
	to target
}

// run delivers the execution, or gives it up.
func (e execution) run() {
	s := e.service
	defer e.ended()
	late := time.Duration(s.options.Faults.Get().LateMillis) * time.Millisecond
	if !s.clock.wait(s.ctx, e.start.Add(late)) {
		return
	}
	attempt, condition, err := e.deliver()
	switch {
	case s.ctx.Err() != nil:
	case err != nil:
		s.options.Logger.Warn("a schedule did not reach its target", "schedule", e.schedule.arn, "target", e.to.Arn, "attempts", attempt, "error", err)
		e.bury(attempt, err, condition)
	case s.options.Faults.Duplicate():
		s.options.Logger.Info("fault injected: fired twice", "schedule", e.schedule.arn)
		_ = s.call(e, attempt) // the first call was the one that counts
	}
}

func (e execution) ended() {
	e.service.mutex.Lock()
	defer e.service.mutex.Unlock()
	delete(e.schedule.running, e.id)
	e.service.finish(e.schedule)
}

// deliver calls the target until it takes the execution or the retry policy is
// exhausted. It returns the number of the last attempt, beginning with 1, and with an
// error the condition that ended the retries.
func (e execution) deliver() (attempt int, condition string, err error) {
	s, policy := e.service, e.to.RetryPolicy
	first := s.clock.now()
	pause := s.options.RetryDelay
	for attempt = 1; ; attempt++ {
		if err = s.call(e, attempt); err == nil {
			return attempt, "", nil
		}
		if attempt == 1 && *policy.MaximumRetryAttempts > 0 {
			s.options.Logger.Warn("a schedule's target failed and is called again", "schedule", e.schedule.arn, "target", e.to.Arn, "retries", *policy.MaximumRetryAttempts, "error", err)
		}
		if attempt > *policy.MaximumRetryAttempts {
			return attempt, conditionAttempts, err
		}
		if !s.clock.wait(s.ctx, s.clock.now().Add(pause)) {
			return attempt, "", err
		}
		if s.clock.now().Sub(first) > time.Duration(*policy.MaximumEventAgeInSeconds)*time.Second {
			return attempt, conditionAge, err
		}
		pause = min(2*pause, s.options.MaxRetryDelay)
	}
}

// call calls the target once, unless a fault denies it.
func (s *Service) call(e execution, attempt int) error {
	if s.options.Faults.Deny() {
		s.options.Logger.Info("fault injected: target denied", "schedule", e.schedule.arn, "target", e.to.Arn)
		return &restjson.Error{Code: "AccessDeniedException", Message: fmt.Sprintf("User: %s is not authorized to perform this operation on resource: %s", e.to.RoleArn, e.to.Arn)}
	}
	ctx, cancel := context.WithTimeout(s.ctx, callTimeout)
	defer cancel()
	if err := e.permit(ctx, e.to.Arn); err != nil {
		return err
	}
	if e.to.isQueue() {
		return s.options.Destinations.Send(ctx, e.to.Arn, e.message(attempt))
	}
	return s.options.Functions.InvokeLater(e.to.Arn, []byte(e.input(attempt)))
}

// permit asks whether the schedule's role can be taken on, and may send to a queue or
// invoke a function.
func (e execution) permit(ctx context.Context, arn string) error {
	s := e.service
	if err := s.options.Enforcer.Assume(ctx, e.to.RoleArn, servicePrincipal, s.arn("schedule-group/"+e.schedule.settings.GroupName)); err != nil {
		return err
	}
	action := "lambda:InvokeFunction"
	if queuePattern.MatchString(arn) {
		action = "sqs:SendMessage"
	}
	return s.options.Enforcer.CheckRole(ctx, e.to.RoleArn, e.id, action, arn)
}

// bury sends the execution to the dead-letter queue.
func (e execution) bury(attempt int, cause error, condition string) {
	if e.to.DeadLetterConfig == nil || e.to.DeadLetterConfig.Arn == "" {
		return
	}
	attributes := map[string]string{"ERROR_CODE": codeOf(cause), "ERROR_MESSAGE": messageOf(cause), "EXECUTION_ID": e.id, "EXHAUSTED_RETRY_CONDITION": condition,
		"IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": strconv.Itoa(attempt - 1), "SCHEDULED_TIME": e.time(), "SCHEDULE_ARN": e.schedule.arn, "TARGET_ARN": e.to.Arn}
	m := destination.Message{Body: e.request(attempt), Attributes: attributes}
	err := e.permit(e.service.ctx, e.to.DeadLetterConfig.Arn)
	if err == nil {
		err = e.service.options.Destinations.Insist(e.service.ctx, e.to.DeadLetterConfig.Arn, m)
	}
	if err != nil {
		e.service.options.Logger.Error("an execution is lost: the schedule's dead-letter queue was not reached", "schedule", e.schedule.arn, "queue", e.to.DeadLetterConfig.Arn, "error", err)
	}
}

// request is the target's request, which is what a dead-letter queue is sent.
func (e execution) request(attempt int) string {
	fields := map[string]string{"FunctionName": e.to.Arn, "InvocationType": "Event", "Payload": e.input(attempt)}
	if e.to.isQueue() {
		fields = map[string]string{"MessageBody": e.input(attempt), "QueueUrl": e.to.Arn[strings.LastIndexByte(e.to.Arn, ':')+1:]}
		if group := e.message(attempt).Group; group != "" {
			fields["MessageGroupId"] = group
		}
	}
	text, _ := json.Marshal(fields) // plain texts
	return string(text)
}

func codeOf(err error) string {
	var api smithy.APIError
	var own *restjson.Error
	var coded interface{ ErrorCode() string }
	switch {
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.As(err, &coded):
		return coded.ErrorCode()
	case errors.As(err, &own):
		return own.Code
	}
	return "InternalError"
}

func messageOf(err error) string {
	var api smithy.APIError
	var own *restjson.Error
	switch {
	case errors.As(err, &api):
		return api.ErrorMessage()
	case errors.As(err, &own):
		return own.Message
	}
	return err.Error()
}
