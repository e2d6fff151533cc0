package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// heartbeat tells the platform that the plugin is alive. That is worth telling because
// an invocation reaches the engine only when the handler's process is up. The platform's
// function is invoked asynchronously: nobody waits for its answer, and Lambda repeats
// the invocation when it fails.
func (e *Engine) heartbeat(ctx context.Context) (any, error) {
	if e.ConnectFunction == "" || e.Config.Lambda == nil {
		return nil, fmt.Errorf("a heartbeat came, but the function has no %s; redeploy the plugin", definition.EnvConnectFunction)
	}
	request, err := json.Marshal(protocol.ConnectRequest{
		Action: protocol.ActionHeartbeat, Plugin: e.Definition.Plugin, Version: e.Definition.Version,
		Stack: e.Definition.Stack, Minutes: e.Definition.HeartbeatMinutes,
	})
	if err != nil {
		return nil, fmt.Errorf("write the heartbeat: %w", err)
	}
	_, err = e.Config.Lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(e.ConnectFunction), InvocationType: types.InvocationTypeEvent, Payload: request,
	})
	if err != nil {
		return nil, fmt.Errorf("send the heartbeat to %s: %w", e.ConnectFunction, err)
	}
	return struct{}{}, nil
}
