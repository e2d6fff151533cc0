package engine

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
