package connection

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Check asks the platform's connect function whether the registry would take a fragment,
// without changing anything. It runs in previews too. The error is a fault of the way
// there; a refusal is in the result. The options say with which provider to ask.
func Check(ctx *pulumi.Context, function string, request protocol.ConnectRequest, options ...pulumi.InvokeOption) (protocol.ConnectResult, error) {
	input, err := checkInput(ctx, request)
	if err != nil {
		return protocol.ConnectResult{}, err
	}
	answer, err := lambda.LookupInvocation(ctx, &lambda.LookupInvocationArgs{FunctionName: function, Input: input}, options...)
	if err != nil {
		return protocol.ConnectResult{}, fmt.Errorf("the platform cannot be asked about the schema: its connect function %s failed: %s\n"+
			"See that the platform is deployed, in the account and region of this stack's credentials and aws:region", function, cause.Text(err))
	}
	return parse(answer.Result)
}

// Release asks the platform to give up the resolver of a root field ("Query.product"). The
// error says why it did not: it is somebody else's, or the platform cannot be asked.
func Release(ctx *pulumi.Context, function string, plugin, stack, field string, options ...pulumi.InvokeOption) error {
	input, err := json.Marshal(protocol.ConnectRequest{Action: protocol.ActionRelease, Plugin: plugin, Stack: stack, RootField: field})
	if err != nil {
		return err
	}
	answer, err := lambda.LookupInvocation(ctx, &lambda.LookupInvocationArgs{FunctionName: function, Input: string(input)}, options...)
	if err != nil {
		return fmt.Errorf("the platform cannot be asked to give up the resolver of %s: its connect function %s failed: %s", field, function, cause.Text(err))
	}
	result, err := parse(answer.Result)
	if err != nil || result.OK {
		return err
	}
	var problems []error
	for _, problem := range result.Problems {
		problems = append(problems, errors.New(problem.Message))
	}
	return errors.Join(problems...)
}

// Account asks AWS for the account that the stack is deployed into. The options say with
// which provider to ask.
func Account(ctx *pulumi.Context, options ...pulumi.InvokeOption) (string, error) {
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, options...)
	if err != nil {
		return "", fmt.Errorf("AWS cannot be asked for the account, which is part of the names of buckets: %s\n"+
			"See that this stack's credentials are valid", cause.Text(err))
	}
	return caller.AccountId, nil
}

// CheckLater is [Check] for a platform that is made in the same program: it waits for
// the function, and in the preview before it exists the result is unknown. A refusal is
// an error.
func CheckLater(ctx *pulumi.Context, owner component.Owner, function pulumi.StringInput, request protocol.ConnectRequest, ready ...pulumi.Resource) (pulumi.StringOutput, error) {
	input, err := checkInput(ctx, request)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	options := []pulumi.InvokeOption{pulumi.Parent(owner.Resource)}
	if len(ready) > 0 {
		options = append(options, pulumi.DependsOn(ready))
	}
	answer := lambda.LookupInvocationOutput(ctx, lambda.LookupInvocationOutputArgs{
		FunctionName: function,
		Input:        pulumi.String(input),
	}, options...)
	return answer.Result().ApplyT(func(text string) (string, error) {
		result, err := parse(text)
		if err != nil {
			return "", err
		}
		return result.Nonce, Refusal(request.Plugin, result)
	}).(pulumi.StringOutput), nil
}

// checkInput is the request of a check. That of an update takes the nonce that it is
// given, that of a preview only looks at it.
func checkInput(ctx *pulumi.Context, request protocol.ConnectRequest) (string, error) {
	request.Action, request.Applying = protocol.ActionCheck, !ctx.DryRun()
	input, err := json.Marshal(request)
	return string(input), err
}

// Late is what of a request to connect is known only when other resources are there.
type Late struct {
	// Nonce makes the connection run again when it is a new one.
	Nonce pulumi.StringInput
	// Topics are the ARNs of the topics by extension point. Queues and DeadLetters are
	// those of the queues of extensions that the platform subscribes, by extension.
	Topics, Queues, DeadLetters pulumi.StringMap
}

// complete is the request as JSON text when everything is known.
func (l Late) complete(request protocol.ConnectRequest) pulumi.StringOutput {
	return pulumi.All(l.Nonce, l.Topics, l.Queues, l.DeadLetters).ApplyT(func(values []any) (string, error) {
		request := request
		request.Nonce, _ = values[0].(string)
		if topics, _ := values[1].(map[string]string); len(topics) > 0 {
			request.Topics = topics
		}
		queues, _ := values[2].(map[string]string)
		deadLetters, _ := values[3].(map[string]string)
		request.Subscriptions = slices.Clone(request.Subscriptions)
		for i, subscription := range request.Subscriptions {
			request.Subscriptions[i].QueueARN = queues[subscription.Extension]
			request.Subscriptions[i].DeadLetterARN = deadLetters[subscription.Extension]
		}
		text, err := json.Marshal(request)
		return string(text), err
	}).(pulumi.StringOutput)
}

// Connect is the resource that connects a fragment and disconnects it when it goes. The
// nonce is part of its input, so a new one makes it run again; a trigger would replace
// it, which means to connect and then to disconnect. It comes after all of ready.
func Connect(ctx *pulumi.Context, owner component.Owner, part string, function pulumi.StringInput, request protocol.ConnectRequest, late Late,
	ready []pulumi.Resource, options ...pulumi.ResourceOption,
) (*lambda.Invocation, error) {
	input := late.complete(request)
	invocation, err := lambda.NewInvocation(ctx, owner.Logical(part), &lambda.InvocationArgs{
		FunctionName:   function,
		Input:          input,
		LifecycleScope: pulumi.String("CRUD"),
	}, owner.Child(append(options, pulumi.DependsOn(ready))...))
	if err != nil {
		return nil, fmt.Errorf("the connection %s: %w", part, err)
	}
	return invocation, nil
}

// Gate is the text when the connection is made, and an error with all problems when it
// was refused. Whatever uses the text waits for the connection.
func Gate(invocation *lambda.Invocation, plugin, text string) pulumi.StringOutput {
	return invocation.Result.ApplyT(func(answer string) (string, error) {
		result, err := parse(answer)
		if err != nil {
			return "", err
		}
		return text, Refusal(plugin, result)
	}).(pulumi.StringOutput)
}

// Refusal is the error of a refused connection, nil of an accepted one.
func Refusal(plugin string, result protocol.ConnectResult) error {
	if result.OK {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the platform refused the schema of %q:", plugin)
	for _, problem := range result.Problems {
		text.WriteString("\n  - " + problem.Message)
		if problem.Line > 0 {
			fmt.Fprintf(&text, " (schema:%d:%d)", problem.Line, problem.Column)
		}
	}
	if len(result.Problems) == 0 {
		text.WriteString(" it gave no reason; look into the log of its connect and admin functions")
	}
	return fmt.Errorf("%s", text.String())
}

func parse(answer string) (protocol.ConnectResult, error) {
	var result protocol.ConnectResult
	if err := json.Unmarshal([]byte(answer), &result); err != nil {
		return result, fmt.Errorf("the answer of the platform's connect function is not understood: %w; "+
			"the platform's stack may be of another release, "+fixPlatformUpgrade, err)
	}
	return result, nil
}
