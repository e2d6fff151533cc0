package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler/expression"
)

// Limits and defaults of EventBridge Scheduler.
const (
	maxDescription   = 512
	maxWindow        = 1440
	maxRetries       = 185
	minEventAge      = 60
	maxEventAge      = 86400
	maxQueueInput    = 1 << 20
	earliestStart    = 5 * time.Minute
	servicePrincipal = "scheduler.amazonaws.com"
)

const (
	stateEnabled, stateDisabled = "ENABLED", "DISABLED"
	windowOff, windowFlexible   = "OFF", "FLEXIBLE"
	actionNone, actionDelete    = "NONE", "DELETE"
)

var (
	namePattern  = regexp.MustCompile(`^[0-9a-zA-Z-_.]{1,64}$`)
	rolePattern  = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	queuePattern = regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9_-]{1,80}(\.fifo)?$`)
	// functionPattern also takes a version or an alias.
	functionPattern = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:[$a-zA-Z0-9-_]+)?$`)
)

func invalid(format string, arguments ...any) *restjson.Error {
	return &restjson.Error{Status: http.StatusBadRequest, Code: "ValidationException", Message: fmt.Sprintf(format, arguments...)}
}

// constraint has the form in which AWS refuses a value that its API model excludes.
func constraint(value, member, rule string) *restjson.Error {
	return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, rule)
}

func checkName(name, member string) error {
	if len(name) > 64 {
		return constraint(name, member, "Member must have length less than or equal to 64")
	}
	if !namePattern.MatchString(name) {
		return constraint(name, member, "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$")
	}
	return nil
}

// complete sets the defaults of what is not given.
func (t *settings) complete() {
	setDefault(&t.GroupName, defaultGroup)
	setDefault(&t.State, stateEnabled)
	setDefault(&t.ScheduleExpressionTimezone, "UTC")
	setDefault(&t.ActionAfterCompletion, actionNone)
	if t.Target == nil {
		return
	}
	if t.Target.RetryPolicy == nil {
		t.Target.RetryPolicy = &retryPolicy{}
	}
	setDefault(&t.Target.RetryPolicy.MaximumEventAgeInSeconds, pointer(maxEventAge))
	setDefault(&t.Target.RetryPolicy.MaximumRetryAttempts, pointer(maxRetries))
}

func setDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

func pointer[T any](value T) *T { return &value }

// check checks complete settings and returns their expression.
func (s *Service) check(ctx context.Context, t settings) (expression.Expression, error) {
	for _, check := range []func() error{t.checkMembers, t.checkWindow, t.checkTarget, func() error { return t.checkDates(s.Now()) }} {
		if err := check(); err != nil {
			return expression.Expression{}, err
		}
	}
	zone, err := time.LoadLocation(t.ScheduleExpressionTimezone)
	if err != nil || t.ScheduleExpressionTimezone == "Local" {
		return expression.Expression{}, invalid("Invalid ScheduleExpressionTimezone %s.", t.ScheduleExpressionTimezone)
	}
	parsed, err := expression.Parse(t.ScheduleExpression, zone)
	if err != nil {
		return expression.Expression{}, invalid("Invalid Schedule Expression %s. (%s)", t.ScheduleExpression, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return parsed, s.checkRole(ctx, t.Target.RoleArn, t.GroupName)
}

func (t settings) checkMembers() error {
	enum := func(value, member string, allowed ...string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return constraint(value, member, fmt.Sprintf("Member must satisfy enum value set: [%s]", strings.Join(allowed, ", ")))
	}
	switch {
	case t.FlexibleTimeWindow == nil:
		return constraint("null", "flexibleTimeWindow", "Member must not be null")
	case t.Target == nil:
		return constraint("null", "target", "Member must not be null")
	case len(t.Description) > maxDescription:
		return constraint(t.Description, "description", "Member must have length less than or equal to 512")
	}
	for _, err := range []error{
		enum(t.State, "state", stateEnabled, stateDisabled),
		enum(t.ActionAfterCompletion, "actionAfterCompletion", actionNone, actionDelete),
		enum(t.FlexibleTimeWindow.Mode, "flexibleTimeWindow.mode", windowOff, windowFlexible),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (t settings) checkWindow() error {
	window := t.FlexibleTimeWindow
	minutes := window.MaximumWindowInMinutes
	switch {
	case window.Mode == windowFlexible && minutes == nil:
		return invalid("Invalid FlexibleTimeWindow: MaximumWindowInMinutes must be set when Mode is FLEXIBLE.")
	case window.Mode == windowOff && minutes != nil:
		return invalid("Invalid FlexibleTimeWindow: MaximumWindowInMinutes must not be set when Mode is OFF.")
	case minutes != nil && (*minutes < 1 || *minutes > maxWindow):
		return constraint(fmt.Sprint(*minutes), "flexibleTimeWindow.maximumWindowInMinutes", "Member must have value between 1 and 1440")
	}
	return nil
}

func (t settings) checkDates(now time.Time) error {
	start, end := dateOf(t.StartDate), dateOf(t.EndDate)
	switch {
	case strings.HasPrefix(t.ScheduleExpression, "at("): // AWS ignores the dates
		return nil
	case t.StartDate != nil && start.Before(now.Add(-earliestStart)):
		return invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
	case t.EndDate != nil && end.Before(now):
		return invalid("The EndDate you specify cannot be in the past.")
	case t.StartDate != nil && t.EndDate != nil && !start.Before(end):
		return invalid("The StartDate you specify cannot come after the EndDate.")
	}
	return nil
}

// dateOf is a moment of the API, which has seconds since 1970.
func dateOf(seconds *float64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(*seconds * 1000))
}

func secondsOf(moment time.Time) float64 { return float64(moment.UnixMilli()) / 1000 }

func (t settings) checkTarget() error {
	to := t.Target
	switch {
	case to.EcsParameters != nil || to.EventBridgeParameters != nil || to.KinesisParameters != nil || to.SageMakerPipelineParameters != nil,
		strings.Contains(to.Arn, ":scheduler:::aws-sdk:"):
		return invalid("The local AWS plays the targets SQS and Lambda only, not %s.", to.Arn)
	case !queuePattern.MatchString(to.Arn) && !functionPattern.MatchString(to.Arn):
		return invalid("Provided Arn is not in correct format: %s (the local AWS plays the targets SQS and Lambda)", to.Arn)
	case !rolePattern.MatchString(to.RoleArn):
		return constraint(to.RoleArn, "target.roleArn", "Member must satisfy regular expression pattern: ^arn:aws[a-z-]*:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+$")
	case to.SqsParameters != nil && !to.isQueue():
		return invalid("SqsParameters is for targets that are queues, not for %s.", to.Arn)
	case strings.HasSuffix(to.Arn, ".fifo") && (to.SqsParameters == nil || to.SqsParameters.MessageGroupID == ""):
		return invalid("SqsParameters.MessageGroupId must be specified for the FIFO queue %s.", to.Arn)
	case to.Input != nil && *to.Input == "":
		return constraint("", "target.input", "Member must have length greater than or equal to 1")
	case to.Input != nil && !to.isQueue() && !json.Valid([]byte(*to.Input)):
		return invalid("Invalid Input: the input of a Lambda target must be well-formed JSON.")
	case to.Input != nil && len(*to.Input) > maxQueueInput:
		return invalid("Invalid Input: it has %d bytes, more than the %d that a target takes.", len(*to.Input), maxQueueInput)
	}
	if err := to.RetryPolicy.check(); err != nil {
		return err
	}
	return to.DeadLetterConfig.check()
}

func (t *target) isQueue() bool { return queuePattern.MatchString(t.Arn) }

func (p *retryPolicy) check() error {
	if n := *p.MaximumRetryAttempts; n < 0 || n > maxRetries {
		return constraint(fmt.Sprint(n), "target.retryPolicy.maximumRetryAttempts", "Member must have value between 0 and 185")
	}
	if n := *p.MaximumEventAgeInSeconds; n < minEventAge || n > maxEventAge {
		return constraint(fmt.Sprint(n), "target.retryPolicy.maximumEventAgeInSeconds", "Member must have value between 60 and 86400")
	}
	return nil
}

func (c *deadLetterConfig) check() error {
	if c == nil || c.Arn == "" {
		return nil
	}
	if !queuePattern.MatchString(c.Arn) || strings.HasSuffix(c.Arn, ".fifo") {
		return invalid("Invalid DeadLetterConfig: %s is not the ARN of a standard queue.", c.Arn)
	}
	return nil
}

// checkRole checks the role's trust policy, whose condition may name the group.
func (s *Service) checkRole(ctx context.Context, arn, groupName string) error {
	if s.options.Roles == nil {
		return nil
	}
	trusted, err := s.options.Roles.Trusts(ctx, arn, servicePrincipal, s.arn("schedule-group/"+groupName))
	if err != nil {
		return fmt.Errorf("look at the role %s: %w", arn, err)
	}
	if !trusted {
		return invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return nil
}
