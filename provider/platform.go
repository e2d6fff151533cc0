package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/identity"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/settings"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// Platform is the component with what plugins share.
type Platform struct {
	pulumi.ResourceState

	Connection          pulumi.StringMapOutput `pulumi:"connection"`
	APIID               pulumi.StringOutput    `pulumi:"apiId"`
	APIARN              pulumi.StringOutput    `pulumi:"apiArn"`
	GraphQLURL          pulumi.StringOutput    `pulumi:"graphqlUrl"`
	APIKey              pulumi.StringPtrOutput `pulumi:"apiKey"`
	UserPoolID          pulumi.StringPtrOutput `pulumi:"userPoolId"`
	UserPoolClientID    pulumi.StringPtrOutput `pulumi:"userPoolClientId"`
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
	plan, err := e.planPlatform(ctx, own, args, options)
	if err != nil {
		return nil, err
	}
	platform := &Platform{}
	var made []pulumi.Resource
	recorded := append(slices.Clone(options), pulumi.Transformations([]pulumi.ResourceTransformation{record(&made)}))
	if err := ctx.RegisterComponentResourceV2(platformToken, name, args.inputs(own, args.logRetentionDays(ctx)), platform, recorded...); err != nil {
		return nil, err
	}
	expansion := &platformExpansion{
		environment: e,
		ctx:         ctx,
		args:        args,
		users:       plan.users,
		platform:    platform,
		made:        &made,
		site:        plan.site,
		stack:       stackName(ctx),
		owner: component.Owner{
			Scope:            naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Component: name, Name: own},
			Resource:         platform,
			Tags:             component.Tags(args.Tags, "platform", own, stackName(ctx)),
			LogRetentionDays: args.logRetentionDays(ctx),
			Class:            args.class(ctx),
			Tracing:          or(args.Tracing, false),
		},
	}
	return platform, expansion.run()
}

// platformPlan is what is found out of a platform before anything is registered.
type platformPlan struct {
	// users is the user pool that was chosen.
	users identity.Choice
	// site is the host UI, nil for none.
	site *sitePlan
}

// planPlatform reports everything that is wrong with the arguments, and plans the rest.
func (e environment) planPlatform(ctx *pulumi.Context, name string, args PlatformArgs, options []pulumi.ResourceOption) (platformPlan, error) {
	var wrong wrongSettings
	sources, err := settings.Sources(ctx)
	wrong.add(err)
	plan := platformPlan{users: args.choose(sources)}
	problems, err := e.platformProblems(ctx, name, args, plan.users)
	if err != nil {
		return plan, err
	}
	site, unfit, err := planSite(ctx, sources, args, options)
	if err != nil {
		return plan, err
	}
	if err := wrong.with("platform "+name, append(problems, unfit...)); err != nil {
		return plan, err
	}
	given, err := givenProvider(ctx, "aws", options)
	if err != nil {
		return plan, err
	}
	if plan.site = site; site != nil {
		if err := site.name(ctx, name, given...); err != nil {
			return plan, err
		}
	}
	return plan, identity.Verify(ctx, plan.users, given...)
}

// platformProblems is what is wrong with the arguments by themselves.
func (e environment) platformProblems(ctx *pulumi.Context, name string, args PlatformArgs, users identity.Choice) ([]validate.Problem, error) {
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
		args.logRetentionDays(ctx), e.now())...)
	problems = append(problems, validate.UserPool(args.modes(), validate.Users{ID: users.ID, From: users.From,
		Given: args.CognitoUserPoolID != nil, SelfSignUp: or(args.SelfSignUp, false), Clients: len(args.UserPoolClientIDs)})...)
	problems = append(problems, validate.Authorizers(args.modes(), args.OpenIDConnect.known(ctx), args.LambdaAuthorizer.known(ctx))...)
	problems = append(problems, validate.Tags(args.Tags)...)
	return append(problems, args.Alarms.problems()...), nil
}

// choose looks for the user pool of an API that has users.
func (a PlatformArgs) choose(sources localconfig.Sources) identity.Choice {
	if !a.has(graph.UserPools) {
		return identity.Choice{}
	}
	return identity.Choose(sources, a.CognitoUserPoolID)
}

// inputs is what the state records of the arguments.
func (a PlatformArgs) inputs(name string, logRetentionDays int) pulumi.Map {
	return pulumi.Map{
		"name":                pulumi.String(name),
		"version":             pulumi.String(or(a.Version, Version)),
		"authenticationModes": pulumi.ToStringArray(a.modes()),
		"architecture":        pulumi.String(or(a.Architecture, defaultArchitecture)),
		"logRetentionDays":    pulumi.Int(logRetentionDays),
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
	p.UserPoolID, p.UserPoolClientID = x.pool()
	p.PluginsTableName = pulumi.String(x.plugins.Name).ToStringOutput()
	p.RegistryQueueURL = x.registry.URL
	p.DeadLetterQueueURLs = pulumi.StringMap{
		registryPart: x.registry.DeadLetter.URL, sweepsPart: x.sweeps.DeadLetter.URL,
	}.ToStringMapOutput()
	p.ConnectFunctionName = x.connect.NameOutput
	p.AdminFunctionName = x.admin.NameOutput
	p.RuntimeLayerARN = x.layer.Arn
	alarmTopic := x.alarmTopic
	if alarmTopic == nil {
		alarmTopic = pulumi.String("")
	}
	p.Connection = pulumi.All(p.APIID, p.GraphQLURL, p.ConnectFunctionName, p.RuntimeLayerARN,
		x.group.Name, alarmTopic, p.UserPoolID, p.UserPoolClientID, gate).ApplyT(func(values []any) map[string]string {
		userPool, client := values[6].(*string), values[7].(*string)
		return connection.Platform{
			Name:                x.owner.Name,
			Stack:               x.stack,
			APIID:               values[0].(string),
			GraphQLURL:          values[1].(string),
			ConnectFunctionName: values[2].(string),
			RuntimeLayerARN:     values[3].(string),
			SchedulerGroupName:  values[4].(string),
			UserPoolID:          or(userPool, ""),
			UserPoolClientID:    or(client, ""),
			AuthenticationModes: x.args.modes(),
			LogRetentionDays:    x.owner.LogRetentionDays,
			Class:               x.owner.Class,
			AlarmTopicARN:       values[5].(string),
			Tracing:             x.owner.Tracing,
			Architecture:        string(or(x.args.Architecture, defaultArchitecture)),
		}.Values()
	}).(pulumi.StringMapOutput)
}

// has says whether the API has a mode.
func (a PlatformArgs) has(mode string) bool {
	return slices.Contains(a.modes(), mode)
}

// pool is the user pool and the platform's client in it, absent where there is none.
func (x *platformExpansion) pool() (id, client pulumi.StringPtrOutput) {
	if x.userPool == nil {
		return absent(), absent()
	}
	return x.userPool.ID.ToStringPtrOutput(), x.userPool.ClientID.ToStringPtrOutput()
}

// absent is an output without a value.
func absent() pulumi.StringPtrOutput {
	return pulumi.StringPtr("").ToStringPtrOutput().ApplyT(func(*string) *string { return nil }).(pulumi.StringPtrOutput)
}
