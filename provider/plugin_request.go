package provider

import (
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// request is the request that connects the plugin.
func (c *checkedPlugin) request(stack string) protocol.ConnectRequest {
	points := sortedKeys(c.plugin.ExtensionPoints)
	return protocol.ConnectRequest{
		Plugin:          c.plugin.Name,
		Version:         c.plugin.Version,
		Stack:           stack,
		Fragment:        c.fragment.SDL(),
		Hash:            schema.Hash(c.plugin.Version, c.fragment.SDL(), points),
		ExtensionPoints: points,

		HeartbeatMinutes: c.heartbeatMinutes(),
		Subscriptions:    c.subscriptions(),
		UIBundleURL:      c.plugin.UIBundleURL,
	}
}

// uiBundleURL is the address of a plugin's part of the host UI: that of the environment,
// unless it is empty, else the argument.
func uiBundleURL(plugin, argument string) string {
	if value := strings.TrimSpace(os.Getenv(localconfig.UIBundleVariable(plugin))); value != "" {
		return value
	}
	return strings.TrimSpace(argument)
}

// heartbeatMinutes is how often the plugin says that it is alive, 0 when it never does.
func (c *checkedPlugin) heartbeatMinutes() int {
	if _, wanted := pulse(c.plugin); !wanted {
		return 0
	}
	return c.plugin.HeartbeatMinutes
}

// subscriptions are the extensions that the platform subscribes.
func (c *checkedPlugin) subscriptions() []protocol.Subscription {
	var subscriptions []protocol.Subscription
	for _, name := range sortedKeys(c.plugin.Extensions) {
		extension := c.plugin.Extensions[name]
		if !or(extension.ViaPlatform, false) {
			continue
		}
		policy, scope := topic.Filter{Types: extension.Events, Where: extension.Where}.Policy()
		subscriptions = append(subscriptions, protocol.Subscription{
			Extension: name, Plugin: extension.Plugin, ExtensionPoint: extension.ExtensionPoint,
			FilterPolicy: policy, FilterPolicyScope: scope,
		})
	}
	return subscriptions
}

// ask asks the registry whether it would take the plugin, and returns the nonce of the
// connection. Its problems are reported like those of the arguments, so that a preview
// shows a conflict with another plugin, and nothing is registered then. A platform that is
// not there yet is not asked.
func (c *checkedPlugin) ask(ctx *pulumi.Context, request protocol.ConnectRequest, options []pulumi.ResourceOption) (pulumi.StringInput, error) {
	if !c.platform.known {
		return c.platform.connect.ToStringOutput().ApplyT(func(string) string { return "" }).(pulumi.StringOutput), nil
	}
	provider, err := givenProvider(ctx, "aws", options)
	if err != nil {
		return nil, err
	}
	result, err := connection.Check(ctx, c.platform.ConnectFunctionName, request, provider...)
	if err != nil {
		return nil, err
	}
	for _, notice := range result.Notices {
		if err := ctx.Log.Warn(notice, nil); err != nil {
			return nil, err
		}
	}
	if result.OK {
		return pulumi.String(result.Nonce), nil
	}
	problems := make([]validate.Problem, len(result.Problems))
	for i, problem := range result.Problems {
		problems[i] = validate.Problem{Path: validate.SchemaPath(problem.Line, problem.Column), Reason: problem.Message}
		if problem.Code == protocol.CodeNameTaken {
			problems[i].Path = "name"
		}
	}
	if len(problems) == 0 {
		return nil, connection.Refusal(request.Plugin, result)
	}
	return nil, validate.Error("plugin "+request.Plugin+" does not fit the platform", problems)
}
