package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Plugin is the component of one plugin.
type Plugin struct {
	pulumi.ResourceState

	PluginName          pulumi.StringOutput    `pulumi:"pluginName"`
	PluginVersion       pulumi.StringOutput    `pulumi:"pluginVersion"`
	InteropMeta         pulumi.MapOutput       `pulumi:"interopMeta"`
	GraphQLURL          pulumi.StringOutput    `pulumi:"graphqlUrl"`
	FunctionNames       pulumi.StringMapOutput `pulumi:"functionNames"`
	EventLogTableNames  pulumi.StringMapOutput `pulumi:"eventLogTableNames"`
	ReadModelTableNames pulumi.StringMapOutput `pulumi:"readModelTableNames"`
	TopicARNs           pulumi.StringMapOutput `pulumi:"topicArns"`
	CommandQueueURL     pulumi.StringOutput    `pulumi:"commandQueueUrl"`
	BucketNames         pulumi.StringMapOutput `pulumi:"bucketNames"`
	DeadLetterQueueURLs pulumi.StringMapOutput `pulumi:"deadLetterQueueUrls"`
}

// newPlugin makes a plugin, see the package comment.
func (e environment) newPlugin(ctx *pulumi.Context, name string, args PluginArgs, options ...pulumi.ResourceOption) (*Plugin, error) {
	if err := e.requireEngine(ctx); err != nil {
		return nil, err
	}
	own, err := ownName(ctx, "plugin", name, args.Name, options)
	if err != nil {
		return nil, err
	}
	checked, err := checkPlugin(ctx, own, args, options)
	if err != nil {
		return nil, err
	}
	if err := e.claims.take(ctx, name, checked); err != nil {
		return nil, err
	}
	request := checked.request(stackName(ctx))
	nonce, err := checked.ask(ctx, request, options)
	if err != nil {
		return nil, err
	}
	plugin := &Plugin{}
	var made []pulumi.Resource
	recorded := append(slices.Clone(options), pulumi.Transformations([]pulumi.ResourceTransformation{record(&made)}))
	if err := ctx.RegisterComponentResourceV2(pluginToken, name, args.inputs(checked.plugin), plugin, recorded...); err != nil {
		return nil, err
	}
	expansion := &pluginExpansion{
		environment: e,
		ctx:         ctx,
		args:        args,
		checked:     checked,
		component:   plugin,
		made:        &made,
		owner: component.Owner{
			Scope:            naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Component: name, Name: checked.plugin.Name},
			Resource:         plugin,
			Tags:             component.Tags(args.Tags, "plugin", checked.plugin.Name, stackName(ctx)),
			LogRetentionDays: args.logRetentionDays(checked.platform),
			Class:            args.class(checked.platform),
			Tracing:          or(args.Tracing, checked.platform.Tracing),
		},
	}
	return plugin, expansion.run(request, nonce)
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
