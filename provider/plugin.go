package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/settings"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Plugin is the component of one plugin.
type Plugin struct {
	pulumi.ResourceState

	PluginName      pulumi.StringOutput    `pulumi:"pluginName"`
	PluginVersion   pulumi.StringOutput    `pulumi:"pluginVersion"`
	InteropMeta     pulumi.MapOutput       `pulumi:"interopMeta"`
	GraphQLURL      pulumi.StringOutput    `pulumi:"graphqlUrl"`
	FunctionNames   pulumi.StringMapOutput `pulumi:"functionNames"`
	TableNames      pulumi.StringMapOutput `pulumi:"tableNames"`
	TopicARNs       pulumi.StringMapOutput `pulumi:"topicArns"`
	CommandQueueURL pulumi.StringOutput    `pulumi:"commandQueueUrl"`
}

// newPlugin makes a plugin, see the package comment.
func (e environment) newPlugin(ctx *pulumi.Context, name string, args PluginArgs, options ...pulumi.ResourceOption) (*Plugin, error) {
	if err := e.requireEngine(ctx); err != nil {
		return nil, err
	}
	checked, err := checkPlugin(ctx, name, args)
	if err != nil {
		return nil, err
	}
	plugin := &Plugin{}
	if err := ctx.RegisterComponentResourceV2(pluginToken, name, args.inputs(checked.plugin), plugin, options...); err != nil {
		return nil, err
	}
	expansion := &pluginExpansion{
		environment: e,
		ctx:         ctx,
		args:        args,
		checked:     checked,
		component:   plugin,
		owner: component.Owner{
			Scope:            naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Component: name},
			Resource:         plugin,
			Tags:             component.Tags(args.Tags, "plugin", checked.plugin.Name),
			LogRetentionDays: checked.platform.LogRetentionDays,
		},
	}
	return plugin, expansion.run()
}

// inputs is what the state records of the arguments. The schema and the code are in the
// state already, with the resources that they belong to.
func (a PluginArgs) inputs(plugin declaration.Plugin) pulumi.Map {
	return pulumi.Map{
		"name":    pulumi.String(plugin.Name),
		"version": pulumi.String(plugin.Version),
		"runtime": pulumi.String(plugin.Runtime),
		"handler": pulumi.String(plugin.Handler),
	}
}

// checkedPlugin is a plugin without problems.
type checkedPlugin struct {
	plugin   declaration.Plugin
	fragment *schema.Fragment
	indexes  validate.Indexes
	billing  string
	platform platformReference
	topics   map[string]pulumi.StringInput
}

// checkPlugin finds everything that is wrong without asking the registry.
func checkPlugin(ctx *pulumi.Context, name string, args PluginArgs) (*checkedPlugin, error) {
	platform, err := findPlatform(ctx, args)
	if err != nil {
		return nil, err
	}
	memory, err := settings.Memory(ctx, defaultMemory)
	if err != nil {
		return nil, err
	}
	checked := &checkedPlugin{platform: platform, plugin: args.declaration(name, memory, platform.Architecture)}
	if checked.billing, err = settings.BillingMode(ctx); err != nil {
		return nil, err
	}
	fragment, known, problems := validate.Fragment(checked.plugin.Name, args.Schema)
	checked.fragment = fragment
	declared, indexes := validate.Plugin(checked.plugin, known)
	checked.indexes = indexes
	problems = append(problems, declared...)
	problems = append(problems, validate.Code(args.Code)...)
	problems = append(problems, validate.Environment(args.Environment, knownText(ctx))...)
	problems = append(problems, validate.Tags(args.Tags)...)
	topics, unbound, err := findTopics(ctx, args, checked.plugin.Extensions)
	if err != nil {
		return nil, err
	}
	checked.topics = topics
	return checked, validate.Error("plugin "+checked.plugin.Name, append(problems, unbound...))
}

// knownText gives the value of an input, false when it is not known yet.
func knownText(ctx *pulumi.Context) func(pulumi.StringInput) (string, bool) {
	return func(input pulumi.StringInput) (string, bool) {
		if input == nil {
			return "", false
		}
		value, known, err := await[string](ctx, input.ToStringOutput())
		return value, known && err == nil
	}
}

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
	}
}

// ask asks the registry whether it would take the plugin, and returns the nonce of the
// connection. Its problems are reported like those of the arguments, so that a preview
// shows a conflict with another plugin. A platform that is not there yet is not asked.
func (x *pluginExpansion) ask(request protocol.ConnectRequest) (pulumi.StringInput, error) {
	if !x.checked.platform.known {
		return x.checked.platform.connect.ToStringOutput().ApplyT(func(string) string { return "" }).(pulumi.StringOutput), nil
	}
	result, err := connection.Check(x.ctx, x.owner, x.checked.platform.ConnectFunctionName, request)
	if err != nil {
		return nil, err
	}
	if result.OK {
		return pulumi.String(result.Nonce), nil
	}
	problems := make([]validate.Problem, len(result.Problems))
	for i, problem := range result.Problems {
		problems[i] = validate.Problem{Path: validate.SchemaPath(problem.Line, problem.Column), Reason: problem.Message}
	}
	if len(problems) == 0 {
		return nil, connection.Refusal(request.Plugin, result)
	}
	return nil, validate.Error("plugin "+request.Plugin+" does not fit the platform", problems)
}
