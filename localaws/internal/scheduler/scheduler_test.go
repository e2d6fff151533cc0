package scheduler

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:f"
	roleARN     = "arn:aws:iam::123456789012:role/r"
)

// fakeFunctions records invocations, and fails as often as it is told to.
type fakeFunctions struct {
	mutex    sync.Mutex
	failures int
	payloads []string
}

func (f *fakeFunctions) InvokeLater(_ string, payload []byte) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.failures > 0 {
		f.failures--
		return errors.New("not now")
	}
	f.payloads = append(f.payloads, string(payload))
	return nil
}

func (f *fakeFunctions) got() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]string(nil), f.payloads...)
}

type bed struct {
	*testing.T
	*sdk.Client
	service   *Service
	functions *fakeFunctions
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{T: t, functions: &fakeFunctions{}}
	b.service = New(Options{Region: "eu-central-1", AccountID: "123456789012", Functions: b.functions, Faults: &faults.Scheduler{}, RetryDelay: time.Millisecond})
	t.Cleanup(b.service.Close)
	server := httptest.NewServer(b.service)
	t.Cleanup(server.Close)
	b.Client = sdk.New(sdk.Options{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	return b
}

// input is a schedule that a test changes.
func input(expression string) *sdk.CreateScheduleInput {
	return &sdk.CreateScheduleInput{Name: aws.String("s"), ScheduleExpression: &expression, FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: aws.String(functionARN), RoleArn: aws.String(roleARN), Input: aws.String(`"<aws.scheduler.attempt-number>"`)}}
}

func (b *bed) create(in *sdk.CreateScheduleInput) {
	b.Helper()
	_, err := b.CreateSchedule(b.Context(), in)
	require.NoError(b, err)
}

func (b *bed) eventually(what string, condition func() bool) {
	b.Helper()
	require.Eventually(b, condition, 10*time.Second, time.Millisecond, what)
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cases := map[string]struct {
		change func(*sdk.CreateScheduleInput)
		why    string
	}{
		"name":            {func(i *sdk.CreateScheduleInput) { i.Name = aws.String("no blanks") }, "'name' failed to satisfy constraint"},
		"expression":      {func(i *sdk.CreateScheduleInput) { i.ScheduleExpression = aws.String("cron(* * * * * *)") }, "Invalid Schedule Expression cron(* * * * * *)."},
		"past":            {func(i *sdk.CreateScheduleInput) { i.ScheduleExpression = aws.String("at(2020-01-01T00:00:00)") }, "in the past"},
		"time zone":       {func(i *sdk.CreateScheduleInput) { i.ScheduleExpressionTimezone = aws.String("Europe/Atlantis") }, "Invalid ScheduleExpressionTimezone"},
		"state":           {func(i *sdk.CreateScheduleInput) { i.State = "ON" }, "'state' failed"},
		"window without":  {func(i *sdk.CreateScheduleInput) { i.FlexibleTimeWindow.Mode = "FLEXIBLE" }, "must be set when Mode is FLEXIBLE"},
		"window with OFF": {func(i *sdk.CreateScheduleInput) { i.FlexibleTimeWindow.MaximumWindowInMinutes = aws.Int32(5) }, "must not be set when Mode is OFF"},
		"group":           {func(i *sdk.CreateScheduleInput) { i.GroupName = aws.String("none") }, "Schedule group none does not exist."},
		"target":          {func(i *sdk.CreateScheduleInput) { i.Target.Arn = aws.String("queue") }, "not in correct format"},
		"universal target": {func(i *sdk.CreateScheduleInput) {
			i.Target.Arn = aws.String("arn:aws:scheduler:::aws-sdk:sqs:sendMessage")
		}, "SQS and Lambda only"},
		"role":  {func(i *sdk.CreateScheduleInput) { i.Target.RoleArn = aws.String("r") }, "'target.roleArn' failed"},
		"input": {func(i *sdk.CreateScheduleInput) { i.Target.Input = aws.String("no JSON") }, "well-formed JSON"},
		"FIFO group": {func(i *sdk.CreateScheduleInput) {
			i.Target.Arn = aws.String("arn:aws:sqs:eu-central-1:123456789012:q.fifo")
		}, "MessageGroupId must be specified"},
		"SQS parameters": {func(i *sdk.CreateScheduleInput) {
			i.Target.SqsParameters = &types.SqsParameters{MessageGroupId: aws.String("g")}
		}, "for targets that are queues"},
		"retries": {func(i *sdk.CreateScheduleInput) {
			i.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)}
		}, "between 0 and 185"},
		"age": {func(i *sdk.CreateScheduleInput) {
			i.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59)}
		}, "between 60 and 86400"},
		"FIFO dead letters": {func(i *sdk.CreateScheduleInput) {
			i.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:eu-central-1:123456789012:q.fifo")}
		}, "not the ARN of a standard queue"},
		"old start": {func(i *sdk.CreateScheduleInput) { i.StartDate = aws.Time(time.Now().Add(-time.Hour)) }, "cannot be earlier than 5 minutes ago"},
		"past end":  {func(i *sdk.CreateScheduleInput) { i.EndDate = aws.Time(time.Now().Add(-time.Hour)) }, "cannot be in the past"},
		"end at start": {func(i *sdk.CreateScheduleInput) {
			now := time.Now().Add(time.Hour)
			i.StartDate, i.EndDate = &now, &now
		}, "cannot come after"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input("rate(1 hour)")
			c.change(in)
			_, err := b.CreateSchedule(t.Context(), in)
			require.ErrorContains(t, err, c.why)
			if name != "group" {
				var invalid *types.ValidationException
				require.ErrorAs(t, err, &invalid)
			}
		})
	}
}

func TestSchedulesAndGroups(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	var conflict *types.ConflictException
	var missing *types.ResourceNotFoundException
	_, err := b.CreateScheduleGroup(ctx, &sdk.CreateScheduleGroupInput{Name: aws.String("g"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	require.NoError(t, err)
	_, err = b.CreateScheduleGroup(ctx, &sdk.CreateScheduleGroupInput{Name: aws.String("g")})
	require.ErrorAs(t, err, &conflict)
	in := input("rate(1 hour)")
	in.State = types.ScheduleStateDisabled
	for i := range 3 {
		in.Name, in.GroupName = aws.String(fmt.Sprintf("s%d", i)), aws.String("g")
		b.create(in)
	}
	_, err = b.CreateSchedule(ctx, in)
	require.ErrorAs(t, err, &conflict)
	_, err = b.GetSchedule(ctx, &sdk.GetScheduleInput{Name: in.Name})
	require.ErrorAs(t, err, &missing)
	got, err := b.GetSchedule(ctx, &sdk.GetScheduleInput{Name: in.Name, GroupName: in.GroupName})
	require.NoError(t, err)
	assert.Equal(t, int32(185), *got.Target.RetryPolicy.MaximumRetryAttempts)
	assert.Equal(t, "UTC", *got.ScheduleExpressionTimezone)
	page, err := b.ListSchedules(ctx, &sdk.ListSchedulesInput{GroupName: in.GroupName, MaxResults: aws.Int32(2)})
	require.NoError(t, err)
	require.Len(t, page.Schedules, 2)
	page, err = b.ListSchedules(ctx, &sdk.ListSchedulesInput{GroupName: in.GroupName, NextToken: page.NextToken})
	require.NoError(t, err)
	assert.Equal(t, "s2", *page.Schedules[0].Name)

	group, err := b.GetScheduleGroup(ctx, &sdk.GetScheduleGroupInput{Name: aws.String("g")})
	require.NoError(t, err)
	_, err = b.UntagResource(ctx, &sdk.UntagResourceInput{ResourceArn: group.Arn, TagKeys: []string{"a"}})
	require.NoError(t, err)
	tags, err := b.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: group.Arn})
	require.NoError(t, err)
	assert.Empty(t, tags.Tags)
	assert.Len(t, b.service.Inventory(), 4)
	_, err = b.DeleteScheduleGroup(ctx, &sdk.DeleteScheduleGroupInput{Name: aws.String("g")})
	require.NoError(t, err)
	assert.Empty(t, b.service.Inventory())
	_, err = b.DeleteScheduleGroup(ctx, &sdk.DeleteScheduleGroupInput{Name: aws.String("default")})
	require.Error(t, err)
}

func TestFailedCallsAreRetried(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.functions.failures = 2
	b.create(input("rate(1 hour)"))
	b.eventually("the third call succeeds", func() bool { return len(b.functions.got()) == 1 })
	assert.Equal(t, `"3"`, b.functions.got()[0])
}

func TestAnExecutionThatIsTooOldIsGivenUp(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.service.options.RetryDelay = time.Hour
	b.functions.failures = 1
	in := input("rate(1 day)")
	in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(60)}
	in.Name = aws.String("old")
	b.service.options.MaxRetryDelay = time.Hour
	b.create(in)
	b.eventually("the first call failed", func() bool {
		b.functions.mutex.Lock()
		defer b.functions.mutex.Unlock()
		return b.functions.failures == 0
	})
	b.service.Advance(2 * time.Hour)
	b.eventually("given up", func() bool {
		b.service.mutex.Lock()
		defer b.service.mutex.Unlock()
		return len(b.service.groups[defaultGroup].schedules["old"].running) == 0
	})
	assert.Empty(t, b.functions.got())
}

func TestAnUpdateKeepsTheBeatOfARate(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	in := input("rate(10 minutes)")
	b.create(in)
	b.eventually("at once", func() bool { return len(b.functions.got()) == 1 })
	b.service.Advance(4 * time.Minute)
	update := &sdk.UpdateScheduleInput{Name: in.Name, ScheduleExpression: in.ScheduleExpression, FlexibleTimeWindow: in.FlexibleTimeWindow, Target: in.Target, Description: aws.String("new")}
	_, err := b.UpdateSchedule(t.Context(), update)
	require.NoError(t, err)
	b.service.Advance(5 * time.Minute)
	time.Sleep(20 * time.Millisecond)
	assert.Len(t, b.functions.got(), 1)
	b.service.Advance(2 * time.Minute)
	b.eventually("ten minutes after the first", func() bool { return len(b.functions.got()) == 2 })
}
