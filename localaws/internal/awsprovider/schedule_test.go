package awsprovider

import (
	"net/http/httptest"
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/lambda"
	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler"
)

const scheduleType = "aws:scheduler/schedule:Schedule"

func scheduleInputs(more property.Values) property.Values {
	inputs := property.Values{"scheduleExpression": "rate(1 hour)", "flexibleTimeWindow": property.Values{"mode": "OFF"}, "state": "DISABLED",
		"target": property.Values{"arn": "arn:aws:sqs:eu-west-1:123456789012:q.fifo", "roleArn": "arn:aws:iam::123456789012:role/r", "input": `{"a": 1}`,
			"sqsParameters": property.Values{"messageGroupId": "g"}, "retryPolicy": property.Values{"maximumRetryAttempts": 3},
			"deadLetterConfig": property.Values{"arn": "arn:aws:sqs:eu-west-1:123456789012:dead"}}}
	for k, v := range more {
		inputs[k] = v
	}
	return inputs
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	service := scheduler.New(scheduler.Options{Region: "eu-west-1", AccountID: "123456789012"})
	t.Cleanup(service.Close)
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	p := connectedTo(server.URL)
	group := newLab(t, p, "aws:scheduler/scheduleGroup:ScheduleGroup", "timers")
	group.create(property.Values{"tags": map[string]string{"a": "b"}})

	l := newLab(t, p, scheduleType, "tick")
	inputs := scheduleInputs(property.Values{"groupName": group.id, "scheduleExpressionTimezone": "Europe/Berlin", "description": "ticks", "endDate": "2090-01-01T00:00:00Z"})
	state := l.create(inputs)
	assert.Equal(t, group.id+"/"+state.String("name"), l.id)
	assert.Equal(t, "arn:aws:scheduler:eu-west-1:123456789012:schedule/"+l.id, state.String("arn"))
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges(), "no drift: %v", l.diff(inputs).GetDetailedDiff())
	changed := scheduleInputs(property.Values{"groupName": group.id, "scheduleExpression": "cron(0 9 ? * MON-FRI *)"})
	state = l.update(changed)
	assert.Equal(t, "cron(0 9 ? * MON-FRI *)", state.String("scheduleExpression"))
	assert.False(t, state.Has("description"))
	assert.False(t, state.Has("endDate"))
	assert.Equal(t, "UTC", state.String("scheduleExpressionTimezone"))
	assert.Equal(t, []string{"groupName"}, l.diff(scheduleInputs(property.Values{"groupName": "other"})).GetReplaces())
	require.NoError(t, l.tryDelete())
	assert.False(t, l.refresh())

	plain := newLab(t, p, scheduleType, "plain")
	assert.Equal(t, "default/plain", func() string { plain.create(scheduleInputs(property.Values{"name": "plain"})); return plain.id }())
	assert.Equal(t, "default", property.Map(plain.state).String("groupName"))
	require.ErrorContains(t, newLab(t, p, scheduleType, "again").tryCreate(scheduleInputs(property.Values{"name": "plain"})), "already exists")
	require.ErrorContains(t, newLab(t, p, scheduleType, "bad").tryCreate(scheduleInputs(property.Values{"scheduleExpression": "rate(1 minutes)"})), "Invalid Schedule Expression")
	for _, l := range []*lab{plain, group} {
		require.NoError(t, l.tryDelete())
	}
}

func TestScheduleInputsAreChecked(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), scheduleType, "tick")
	_, failures := l.check(scheduleInputs(property.Values{"name": "no blanks", "state": "ON", "startDate": "tomorrow",
		"flexibleTimeWindow": property.Values{"mode": "FLEXIBLE", "maximumWindowInMinutes": 2000}}))
	var paths []string
	for _, f := range failures {
		paths = append(paths, f.GetProperty())
	}
	assert.ElementsMatch(t, []string{"name", "state", "startDate", "flexibleTimeWindow.maximumWindowInMinutes"}, paths)
	_, failures = l.check(property.Values{"scheduleExpression": "rate(1 hour)"})
	assert.Len(t, failures, 2, "target and flexibleTimeWindow are required")
}

func TestPermissionAndEventInvokeConfig(t *testing.T) {
	t.Parallel()
	service, err := lambda.New(lambda.Options{Region: "eu-west-1", AccountID: "123456789012", DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(service.Close)
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	p := connectedTo(server.URL)
	function := newLab(t, p, "aws:lambda/function:Function", "f")
	inputs := functionInputs(t, "exports.handler = async () => 1")
	delete(inputs, "environment")
	inputs["role"], inputs["reservedConcurrentExecutions"] = "arn:aws:iam::123456789012:role/r", 2
	arn := function.create(inputs).String("arn")
	assert.InDelta(t, 2, property.Map(function.state).Int("reservedConcurrentExecutions"), 0)
	inputs["reservedConcurrentExecutions"] = -1
	assert.InDelta(t, -1, function.update(inputs).Int("reservedConcurrentExecutions"), 0)

	permission := newLab(t, p, "aws:lambda/permission:Permission", "s3")
	allowed := property.Values{"action": "lambda:InvokeFunction", "function": arn, "principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::b", "sourceAccount": "123456789012"}
	permission.create(allowed)
	assert.Regexp(t, `^s3-[0-9a-f]{7}$`, permission.id)
	require.True(t, permission.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, permission.diff(allowed).GetChanges(), "no drift: %v", permission.diff(allowed).GetDetailedDiff())
	other := property.Values{"action": "lambda:InvokeFunction", "function": function.id, "principal": "sns.amazonaws.com"}
	assert.Equal(t, []string{"principal", "sourceAccount", "sourceArn"}, permission.diff(other).GetReplaces())

	invoke := newLab(t, p, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "async")
	config := property.Values{"functionName": function.id, "maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60,
		"destinationConfig": property.Values{"onFailure": property.Values{"destination": "arn:aws:sqs:eu-west-1:123456789012:dead"}}}
	invoke.create(config)
	assert.Equal(t, function.id, invoke.id)
	require.True(t, invoke.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, invoke.diff(config).GetChanges(), "no drift: %v", invoke.diff(config).GetDetailedDiff())
	state := invoke.update(property.Values{"functionName": function.id})
	assert.InDelta(t, 2, state.Int("maximumRetryAttempts"), 0)
	assert.False(t, state.Has("destinationConfig"))
	require.True(t, invoke.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, invoke.diff(property.Values{"functionName": function.id}).GetChanges())

	for _, l := range []*lab{permission, invoke} {
		require.NoError(t, l.tryDelete())
		assert.False(t, l.refresh())
	}
	require.NoError(t, function.tryDelete())
}
