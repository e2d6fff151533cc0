package localaws

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scheduleBed is a bed with a local AWS of its own, whose time a test can put forward.
type scheduleBed struct {
	*bed
	schedules *scheduler.Client
	role      string
}

func newScheduleBed(t *testing.T) *scheduleBed {
	own, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b := &scheduleBed{bed: newBed(t, own), schedules: scheduler.NewFromConfig(config(own))}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`
	created, err := iam.NewFromConfig(config(own)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &b.name, AssumeRolePolicyDocument: &trust})
	require.NoError(t, err)
	b.role = *created.Role.Arn
	return b
}

func (b *scheduleBed) input(expression, targetARN string) *scheduler.CreateScheduleInput {
	return &scheduler.CreateScheduleInput{Name: &b.name, ScheduleExpression: &expression, FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: &targetARN, RoleArn: &b.role, Input: aws.String(`{"at":"<aws.scheduler.scheduled-time>","n":"<aws.scheduler.attempt-number>","id":"<aws.scheduler.execution-id>","arn":"<aws.scheduler.schedule-arn>"}`)}}
}

func (b *scheduleBed) schedule(input *scheduler.CreateScheduleInput) {
	b.Helper()
	_, err := b.schedules.CreateSchedule(b.Context(), input)
	require.NoError(b, err)
}

func (b *scheduleBed) advance(by string) {
	status, text := b.admin("POST", "clock", `{"advance":"`+by+`"}`)
	require.Equal(b, 200, status, text)
}

func (b *scheduleBed) exists() bool {
	_, err := b.schedules.GetSchedule(b.Context(), &scheduler.GetScheduleInput{Name: &b.name})
	return err == nil
}

// firing is the input that the schedules of these tests send.
type firing struct {
	At, N, ID, ARN string
}

func (b *scheduleBed) firings(url string, count int) []firing {
	b.Helper()
	var all []firing
	b.eventually(fmt.Sprintf("%d firings", count), func() bool {
		for _, body := range b.receiveAll(url) {
			var f firing
			require.NoError(b, json.Unmarshal([]byte(body), &f), body)
			all = append(all, f)
		}
		return len(all) >= count
	})
	return all
}

// in is a time of schedules from now on, in the form of at().
func (b *scheduleBed) in(d time.Duration) string {
	return "at(" + time.Now().Add(d).UTC().Format("2006-01-02T15:04:05") + ")"
}

func TestScheduleOnceWithVirtualTime(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	url, arn := b.queue(b.name, nil)
	expression := b.in(time.Hour)
	input := b.input(expression, arn)
	input.ActionAfterCompletion = types.ActionAfterCompletionDelete
	b.schedule(input)
	b.advance("59m")
	time.Sleep(100 * time.Millisecond)
	assert.Empty(t, b.receiveAll(url))
	b.advance("2m")
	fired := b.firings(url, 1)
	assert.Equal(t, strings.TrimSuffix(strings.TrimPrefix(expression, "at("), ")")+"Z", fired[0].At)
	assert.Equal(t, "1", fired[0].N)
	assert.NotEmpty(t, fired[0].ID)
	assert.Equal(t, "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/"+b.name, fired[0].ARN)
	b.eventually("deleted", func() bool { return !b.exists() })
}

func TestScheduleRateToFIFOQueue(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	url, arn := b.queue(b.name+".fifo", map[string]string{"ContentBasedDeduplication": "true"})
	input := b.input("rate(5 minutes)", arn)
	input.Target.SqsParameters = &types.SqsParameters{MessageGroupId: aws.String("timer")}
	b.schedule(input)
	require.Len(t, b.firings(url, 1), 1, "the first occurrence is at once")
	b.advance("10m1s")
	require.Len(t, b.firings(url, 2), 2)
	update := &scheduler.UpdateScheduleInput{Name: &b.name, ScheduleExpression: input.ScheduleExpression, FlexibleTimeWindow: input.FlexibleTimeWindow, Target: input.Target, State: types.ScheduleStateDisabled}
	_, err := b.schedules.UpdateSchedule(t.Context(), update)
	require.NoError(t, err)
	b.advance("1h")
	time.Sleep(200 * time.Millisecond)
	assert.Empty(t, b.receiveAll(url))
	assert.True(t, b.exists())
}

func TestScheduleInvokesFunctionByCronInTimeZone(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	events := b.function()
	input := b.input("cron(0 3 * * ? *)", "arn:aws:lambda:eu-central-1:123456789012:function:"+b.name)
	input.ScheduleExpressionTimezone = aws.String("Europe/Berlin")
	input.Target.Input = aws.String(`{"Records":[{"eventSource":"aws:sqs","body":"tick"}]}`)
	b.schedule(input)
	b.advance("48h")
	b.eventually("two days, two invocations", func() bool { return len(texts(events())) == 2 })
}

func TestScheduleEndAndFlexibleWindow(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	url, arn := b.queue(b.name, nil)
	input := b.input("rate(1 hour)", arn)
	input.StartDate, input.EndDate = aws.Time(time.Now().Add(time.Hour)), aws.Time(time.Now().Add(150*time.Minute))
	input.ActionAfterCompletion = types.ActionAfterCompletionDelete
	input.FlexibleTimeWindow = &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(15)}
	b.schedule(input)
	b.advance("59m")
	assert.Empty(t, b.receiveAll(url))
	b.advance("24h")
	assert.Len(t, b.firings(url, 2), 2)
	b.eventually("deleted after its end", func() bool { return !b.exists() })
}

func TestScheduleFaults(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	url, arn := b.queue(b.name, nil)
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	status, text := b.admin("POST", "faults", `{"scheduler":{"denyEvery":1}}`)
	require.Equal(t, 200, status, text)
	input := b.input(b.in(time.Minute), arn)
	input.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(2)}
	input.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: &deadARN}
	b.schedule(input)
	b.advance("2m")
	var dead *sqs.ReceiveMessageOutput
	b.eventually("dead letter", func() bool {
		var err error
		dead, err = b.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &deadURL, MessageAttributeNames: []string{"All"}})
		require.NoError(t, err)
		return len(dead.Messages) == 1
	})
	attributes := dead.Messages[0].MessageAttributes
	assert.Equal(t, "AccessDeniedException", *attributes["ERROR_CODE"].StringValue)
	assert.Equal(t, "MaximumRetryAttempts", *attributes["EXHAUSTED_RETRY_CONDITION"].StringValue)
	assert.Equal(t, "2", *attributes["RETRY_ATTEMPTS"].StringValue)
	assert.Equal(t, arn, *attributes["TARGET_ARN"].StringValue)
	assert.Contains(t, *dead.Messages[0].Body, "MessageBody")
	assert.Empty(t, b.receiveAll(url))
	assert.True(t, b.exists(), "it is kept without ActionAfterCompletion")

	_, _ = b.admin("POST", "faults", `{"scheduler":{"denyEvery":0,"duplicateEvery":1,"lateMillis":60000}}`)
	other := b.input("rate(1 day)", arn)
	other.Name = aws.String("duplicated")
	b.schedule(other)
	time.Sleep(100 * time.Millisecond)
	assert.Empty(t, b.receiveAll(url), "it is late")
	b.advance("61s")
	fired := b.firings(url, 2)
	assert.Equal(t, fired[0], fired[1])
}

func TestScheduleToFIFOQueueWithoutContentBasedDeduplication(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	_, arn := b.queue(b.name+".fifo", nil)
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	input := b.input("rate(1 day)", arn)
	input.Target.SqsParameters = &types.SqsParameters{MessageGroupId: aws.String("g")}
	input.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}
	input.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: &deadARN}
	b.schedule(input)
	assert.Contains(t, b.receive(deadURL), `"MessageGroupId":"g"`)
}

func TestScheduleRolesAndInventory(t *testing.T) {
	t.Parallel()
	b := newScheduleBed(t)
	_, arn := b.queue(b.name, nil)
	input := b.input("rate(1 day)", arn)
	input.Target.RoleArn = aws.String(role)
	_, err := b.schedules.CreateSchedule(t.Context(), input)
	require.ErrorContains(t, err, "must allow AWS EventBridge Scheduler to assume the role")
	input.Target.RoleArn = &b.role
	b.schedule(input)
	_, listed := b.admin("GET", "inventory", "")
	assert.Contains(t, listed, `{"service":"scheduler","type":"schedule","id":"default/`+b.name+`"}`)
	_, err = b.schedules.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: &b.name})
	require.NoError(t, err)
	_, listed = b.admin("GET", "inventory", "")
	assert.NotContains(t, listed, `"schedule"`)
}

func TestClockRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	for _, body := range []string{``, `{}`, `{"advance":"-1m"}`, `{"advance":"9000h"}`, `{"advance":5}`} {
		status, text := b.admin("POST", "clock", body)
		assert.Equal(t, 400, status, body)
		assert.Contains(t, text, "advance")
	}
	status, text := b.admin("GET", "clock", "")
	assert.Equal(t, 200, status)
	assert.Contains(t, text, `"offset":"0s"`)
}
