package engine

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/deadletters/deadletterstest"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// functions records invocations of Lambda functions.
type functions struct {
	invoked []lambda.InvokeInput
	err     error
}

func (f *functions) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	f.invoked = append(f.invoked, *in)
	return &lambda.InvokeOutput{}, f.err
}

func TestAHeartbeatIsPassedOn(t *testing.T) {
	t.Parallel()
	platform := &functions{}
	b := newBench(t, definition.FunctionCommands, adds, func(c *Config) {
		c.Lambda, c.ConnectFunction = platform, "connect"
		c.Definition.Stack, c.Definition.HeartbeatMinutes = "org/project/dev", 5
	})
	var answer struct{}
	require.NoError(t, b.handle(t.Context(), protocol.Trigger{Reventless: protocol.TriggerHeartbeat}, &answer))
	require.Len(t, platform.invoked, 1)
	assert.Equal(t, "connect", *platform.invoked[0].FunctionName)
	assert.Equal(t, types.InvocationTypeEvent, platform.invoked[0].InvocationType)
	var request protocol.ConnectRequest
	require.NoError(t, json.Unmarshal(platform.invoked[0].Payload, &request))
	assert.Equal(t, protocol.ConnectRequest{
		Action: protocol.ActionHeartbeat, Plugin: "catalog", Version: "1.0.0", Stack: "org/project/dev", Minutes: 5,
	}, request)
	assert.Empty(t, b.db.Requests())

	platform.err = errors.New("throttled")
	assert.Error(t, b.handle(t.Context(), protocol.Trigger{Reventless: protocol.TriggerHeartbeat}, &answer))
	assert.Contains(t, b.log.String(), "send the heartbeat to connect: throttled")
}

func TestAHeartbeatNeedsThePlatform(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, adds)
	assert.Error(t, b.handle(t.Context(), protocol.Trigger{Reventless: protocol.TriggerHeartbeat}, nil))
	assert.Contains(t, b.log.String(), definition.EnvConnectFunction)
}

// TestAHeartbeatTellsOfDeadLetters checks that it does, and that it comes in any case.
func TestAHeartbeatTellsOfDeadLetters(t *testing.T) {
	t.Parallel()
	const function = "arn:aws:lambda:eu-west-1:123456789012:function:catalog-commands"
	commands, tasks := "https://sqs.eu-west-1.amazonaws.com/123456789012/c-dead-letter.fifo", "https://sqs.eu-west-1.amazonaws.com/123456789012/t-dead-letter"
	counted := func(messages map[string]*int) *protocol.DeadLetterReport {
		return &protocol.DeadLetterReport{CountedAt: "2026-03-01T10:00:00.000Z", Messages: messages}
	}
	tests := map[string]struct {
		function string
		queues   deadletters.SQS
		want     *protocol.DeadLetterReport
		log      string
	}{
		"counted":        {function, deadletterstest.Queues{commands: {2, 1}, tasks: {0, 0}}, counted(map[string]*int{"commands": aws.Int(3), "tasks": aws.Int(0)}), ""},
		"one is gone":    {function, deadletterstest.Queues{commands: {2, 0}}, counted(map[string]*int{"commands": aws.Int(2), "tasks": nil}), "count the dead letters of tasks"},
		"SQS hangs":      {function, deadletterstest.Queues{commands: {-1, 0}, tasks: {-1, 0}}, counted(map[string]*int{"commands": nil, "tasks": nil}), "deadline exceeded"},
		"nobody counts":  {function, nil, nil, ""},
		"a strange name": {"catalog-commands", deadletterstest.Queues{}, nil, "is no ARN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := &functions{}
			b := newBench(t, definition.FunctionCommands, adds, func(c *Config) {
				c.Lambda, c.ConnectFunction, c.DeadLetters = platform, "connect", test.queues
				c.Definition.HeartbeatMinutes = 5
				c.Definition.DeadLetterQueues = map[string]string{"commands": "c-dead-letter.fifo", "tasks": "t-dead-letter"}
			})
			ctx, cancel := context.WithTimeout(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{InvokedFunctionArn: test.function}), 2*time.Second)
			defer cancel()
			var answer struct{}
			require.NoError(t, b.handle(ctx, protocol.Trigger{Reventless: protocol.TriggerHeartbeat}, &answer))
			require.Len(t, platform.invoked, 1)
			var request protocol.ConnectRequest
			require.NoError(t, json.Unmarshal(platform.invoked[0].Payload, &request))
			assert.Equal(t, 5, request.Minutes)
			assert.Equal(t, test.want, request.DeadLetters)
			assert.Contains(t, b.log.String(), test.log)
		})
	}
}
