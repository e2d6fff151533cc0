package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// heartbeat tells the platform that the plugin is alive. That is worth telling because
// an invocation reaches the engine only when the handler's process is up. The platform's
// function is invoked asynchronously: nobody waits for its answer, and Lambda repeats
// the invocation when it fails. What is in the plugin's dead-letter queues goes with it, so
// that it costs the platform nothing to know.
func (e *Engine) heartbeat(ctx context.Context) (any, error) {
	if e.ConnectFunction == "" || e.Config.Lambda == nil {
		return nil, fmt.Errorf("a heartbeat came, but the function has no %s; redeploy the plugin", definition.EnvConnectFunction)
	}
	request, err := json.Marshal(protocol.ConnectRequest{
		Action: protocol.ActionHeartbeat, Plugin: e.Definition.Plugin, Version: e.Definition.Version,
		Stack: e.Definition.Stack, Minutes: e.Definition.HeartbeatMinutes, DeadLetters: e.deadLetters(ctx),
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

// countTime is how long a heartbeat waits for the numbers of messages, a quarter of the
// invocation's time at most.
const countTime = 3 * time.Second

// deadLetters counts the messages in the plugin's dead-letter queues. What cannot be counted
// is no reason not to say that the plugin is alive: nil, or a queue without a number.
func (e *Engine) deadLetters(ctx context.Context) *protocol.DeadLetterReport {
	lc, ok := lambdacontext.FromContext(ctx)
	if e.DeadLetters == nil || !ok || len(e.Definition.DeadLetterQueues) == 0 {
		return nil
	}
	urls, err := deadletters.URLs(lc.InvokedFunctionArn, e.Definition.DeadLetterQueues)
	if err != nil {
		e.Logger.WarnContext(ctx, "dead letters are not counted", "reason", err.Error())
		return nil
	}
	within := countTime
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/4)
	}
	report, err := deadletters.Count(ctx, e.DeadLetters, urls, within, e.Now())
	if err != nil {
		e.Logger.WarnContext(ctx, "not all dead letters could be counted", "reason", err.Error())
	}
	return report
}
