package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// Platform is the component with what plugins share.
type Platform struct {
	pulumi.ResourceState

	Connection          pulumi.StringMapOutput `pulumi:"connection"`
	APIID               pulumi.StringOutput    `pulumi:"apiId"`
	APIARN              pulumi.StringOutput    `pulumi:"apiArn"`
	GraphQLURL          pulumi.StringOutput    `pulumi:"graphqlUrl"`
	APIKey              pulumi.StringPtrOutput `pulumi:"apiKey"`
	PluginsTableName    pulumi.StringOutput    `pulumi:"pluginsTableName"`
	RegistryQueueURL    pulumi.StringOutput    `pulumi:"registryQueueUrl"`
	DeadLetterQueueURLs pulumi.StringMapOutput `pulumi:"deadLetterQueueUrls"`
	ConnectFunctionName pulumi.StringOutput    `pulumi:"connectFunctionName"`
	AdminFunctionName   pulumi.StringOutput    `pulumi:"adminFunctionName"`
	RuntimeLayerARN     pulumi.StringOutput    `pulumi:"runtimeLayerArn"`
	HostUIURL           pulumi.StringPtrOutput `pulumi:"hostUiUrl"`
}

// newPlatform makes a platform, see the package comment.
func (e environment) newPlatform(ctx *pulumi.Context, name string, args PlatformArgs, options ...pulumi.ResourceOption) (*Platform, error) {
	if err := e.requireEngine(ctx); err != nil {
		return nil, err
	}
	own, err := ownName(ctx, "platform", name, args.Name, options)
	if err != nil {
		return nil, err
	}
	site, err := e.validatePlatform(ctx, own, args, options)
	if err != nil {
		return nil, err
	}
	platform := &Platform{}
	var made []pulumi.Resource
	recorded := append(slices.Clone(options), pulumi.Transformations([]pulumi.ResourceTransformation{record(&made)}))
	if err := ctx.RegisterComponentResourceV2(platformToken, name, args.inputs(own), platform, recorded...); err != nil {
		return nil, err
	}
	expansion := &platformExpansion{
		environment: e,
		ctx:         ctx,
		args:        args,
		platform:    platform,
		made:        &made,
		site:        site,
		stack:       stackName(ctx),
		owner: component.Owner{
			Scope:            naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Component: name, Name: own},
			Resource:         platform,
			Tags:             component.Tags(args.Tags, "platform", own),
			LogRetentionDays: or(args.LogRetentionDays, defaultLogRetentionDays),
		},
	}
	return platform, expansion.run()
}

// validatePlatform reports everything that is wrong with the arguments, and plans the
// host UI.
func (e environment) validatePlatform(ctx *pulumi.Context, name string, args PlatformArgs, options []pulumi.ResourceOption) (*sitePlan, error) {
	expires := ""
	if args.APIKeyExpires != nil {
		value, known, err := await[*string](ctx, args.APIKeyExpires.ToStringPtrOutput())
		if err != nil {
			return nil, err
		}
		if known && value != nil {
			expires = *value
		}
	}
	problems := validate.PlatformName(name)
	problems = append(problems, validate.Platform(args.modes(), expires, string(or(args.Architecture, defaultArchitecture)),
		or(args.LogRetentionDays, defaultLogRetentionDays), e.now())...)
	problems = append(problems, validate.Tags(args.Tags)...)
	site, wrong, err := planSite(ctx, args, options)
	if err != nil {
		return nil, err
	}
	if err := validate.Error("platform "+name, append(problems, wrong...)); err != nil || site == nil {
		return nil, err
	}
	return site, site.name(ctx, name, options)
}

// inputs is what the state records of the arguments.
func (a PlatformArgs) inputs(name string) pulumi.Map {
	return pulumi.Map{
		"name":                pulumi.String(name),
		"version":             pulumi.String(or(a.Version, Version)),
		"authenticationModes": pulumi.ToStringArray(a.modes()),
		"architecture":        pulumi.String(or(a.Architecture, defaultArchitecture)),
		"logRetentionDays":    pulumi.Int(or(a.LogRetentionDays, defaultLogRetentionDays)),
	}
}

// record is a transformation that changes nothing and remembers each resource that is
// made below a component.
func record(made *[]pulumi.Resource) pulumi.ResourceTransformation {
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		if _, custom := args.Resource.(pulumi.CustomResource); custom {
			*made = append(*made, args.Resource)
		}
		return nil
	}
}

// outputs fills in the platform's outputs. The connection waits for the gate: nobody may
// connect to a platform whose own schema was refused.
func (x *platformExpansion) outputs(gate pulumi.StringOutput) {
	p := x.platform
	p.APIID = x.api.ID().ToStringOutput()
	p.APIARN = x.api.Arn
	p.GraphQLURL = x.api.Uris.MapIndex(pulumi.String("GRAPHQL"))
	p.APIKey = x.key
	p.PluginsTableName = pulumi.String(x.plugins.Name).ToStringOutput()
	p.RegistryQueueURL = x.registry.URL
	p.DeadLetterQueueURLs = pulumi.StringMap{
		registryPart: x.registry.DeadLetter.URL, sweepsPart: x.sweeps.DeadLetter.URL,
	}.ToStringMapOutput()
	p.ConnectFunctionName = x.connect.NameOutput
	p.AdminFunctionName = x.admin.NameOutput
	p.RuntimeLayerARN = x.layer.Arn
	p.Connection = pulumi.All(p.APIID, p.GraphQLURL, p.ConnectFunctionName, p.RuntimeLayerARN,
		x.group.Name, gate).ApplyT(func(values []any) map[string]string {
		return connection.Platform{
			Name:                x.owner.Name,
			Stack:               x.stack,
			APIID:               values[0].(string),
			GraphQLURL:          values[1].(string),
			ConnectFunctionName: values[2].(string),
			RuntimeLayerARN:     values[3].(string),
			SchedulerGroupName:  values[4].(string),
			AuthenticationModes: x.args.modes(),
			LogRetentionDays:    x.owner.LogRetentionDays,
			Architecture:        string(or(x.args.Architecture, defaultArchitecture)),
		}.Values()
	}).(pulumi.StringMapOutput)
}

// needsKey says whether the API has keys.
func (a PlatformArgs) needsKey() bool {
	return slices.Contains(a.modes(), graph.APIKey)
}
