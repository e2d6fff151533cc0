package provider

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/identity"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/schedule"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// The platform's functions. A push of the schema takes minutes at worst. Should the admin
// function be killed meanwhile, its requests come back a minute after its timeout, and
// connect still waits for their outcome then.
const (
	adminTimeout, adminMemory     = 300, 512
	connectTimeout, connectMemory = 840, 256
)

const (
	// watchPart is the part of the platform that looks after plugins, watchMinutes how
	// often it does.
	watchPart    = "watch"
	watchMinutes = 1
	// registryPart is the queue of requests, and the data source of the platform's own
	// fields; sweepsPart is the queue of reminders.
	registryPart = "registry"
	sweepsPart   = "sweeps"
)

// platformExpansion makes the resources of one platform.
type platformExpansion struct {
	environment
	ctx      *pulumi.Context
	args     PlatformArgs
	owner    component.Owner
	platform *Platform
	stack    string
	// made are all resources made so far.
	made *[]pulumi.Resource
	// site is the host UI, nil for none.
	site *sitePlan

	// users is the user pool that was chosen.
	users identity.Choice

	userPool *identity.Pool
	// apiLog is the API's own log, nil for none.
	apiLog           *graph.Log
	api              *appsync.GraphQLApi
	key              pulumi.StringPtrOutput
	log, plugins     *table.Table
	liveness         *table.Table
	registry, sweeps *queue.Queue
	layer            *lambda.LayerVersion
	admin, connect   *function.Function
	group            *schedule.Group
	// alarmTopic is told of alarms, nil when nobody is.
	alarmTopic pulumi.StringInput
}

// run makes everything, each step from what the steps before have made.
func (x *platformExpansion) run() error {
	steps := []func() error{x.identity, x.schedules, x.logging, x.graphQL, x.storage, x.queues, x.functions, x.watch, x.alarms}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	gate, err := x.fields()
	if err != nil {
		return err
	}
	if err := x.hostUI(); err != nil {
		return err
	}
	if err := x.guard(); err != nil {
		return err
	}
	x.outputs(gate)
	return nil
}

// identity makes what users sign in with.
func (x *platformExpansion) identity() (err error) {
	switch {
	case !x.args.has(graph.UserPools):
	case x.users.ID != "":
		x.userPool, err = identity.Reuse(x.ctx, x.owner, x.users.ID)
	default:
		x.userPool, err = identity.New(x.ctx, x.owner, identity.Settings{SelfSignUp: or(x.args.SelfSignUp, false)})
	}
	return err
}

// logging makes what the API's own log needs before the API.
func (x *platformExpansion) logging() (err error) {
	if level := x.args.logLevel(x.ctx); level != registry.APILogOff {
		x.apiLog, err = graph.NewLog(x.ctx, x.owner, level, x.group.ARN)
	}
	return err
}

// graphQL makes the API and its key, and lets it ask the function that decides whom to let in.
func (x *platformExpansion) graphQL() (err error) {
	if x.api, err = graph.NewAPI(x.ctx, x.owner, x.authorization(), x.apiLog); err != nil {
		return err
	}
	if x.args.has(graph.Lambda) {
		if err := function.Permit(x.ctx, x.owner, "authorizer", x.args.LambdaAuthorizer.FunctionARN, iam.AppSync, x.api.Arn); err != nil {
			return err
		}
	}
	if !x.args.has(graph.APIKey) {
		x.key = absent()
		return nil
	}
	key, err := graph.NewKey(x.ctx, x.owner, x.api.ID().ToStringOutput(), x.args.APIKeyExpires)
	if err != nil {
		return err
	}
	x.key = pulumi.ToSecret(key.Key.ToStringPtrOutput()).(pulumi.StringPtrOutput)
	return nil
}

// authorization is how the API lets clients in.
func (x *platformExpansion) authorization() graph.Authorization {
	authorization := graph.Authorization{Modes: x.args.modes(), OpenIDConnect: x.args.OpenIDConnect.settings(), Function: x.args.LambdaAuthorizer.settings()}
	if x.userPool != nil {
		authorization.Pool = graph.UserPool{ID: x.userPool.ID, Clients: append(pulumi.StringArray{x.userPool.ClientID}, x.args.UserPoolClientIDs...)}
	}
	return authorization
}

// storage makes the event log of the Plugin aggregate, the Plugins read model and the
// table of the plugins' latest heartbeats.
func (x *platformExpansion) storage() (err error) {
	if x.log, err = table.NewEventLog(x.ctx, x.owner, "Plugin-events", table.OnDemand); err != nil {
		return err
	}
	if x.plugins, err = table.NewReadModel(x.ctx, x.owner, "Plugins-rows", table.OnDemand, nil, table.Rows{}); err != nil {
		return err
	}
	x.liveness, err = table.NewReadModel(x.ctx, x.owner, "liveness", table.OnDemand, nil, table.Rows{})
	return err
}

// queues makes the queue of requests, which has one reader, and the one of sweeps.
func (x *platformExpansion) queues() (err error) {
	if x.registry, err = queue.NewSerialFIFO(x.ctx, x.owner, registryPart, adminTimeout); err != nil {
		return err
	}
	x.sweeps, err = queue.NewStandard(x.ctx, x.owner, sweepsPart, adminTimeout)
	return err
}

func (x *platformExpansion) schedules() (err error) {
	x.group, err = schedule.NewGroup(x.ctx, x.owner)
	return err
}

// watch makes the schedule with which the admin function looks after plugins that fell
// silent. What is not sent is of no use later: the next one comes in a minute.
func (x *platformExpansion) watch() error {
	role, err := iam.NewRole(x.ctx, x.owner, watchPart, schedule.Trust(x.group.ARN), iam.Allow(iam.On(x.admin.ARN), "lambda:InvokeFunction"))
	if err != nil {
		return err
	}
	_, err = schedule.New(x.ctx, x.owner, schedule.Schedule{
		Part:       watchPart,
		Expression: schedule.Every(watchMinutes),
		TimeZone:   "UTC",
		Group:      x.group.Name,
		Role:       role.ARN,
		Target:     x.admin.ARN,
		Input:      schedule.Input(protocol.Trigger{Reventless: protocol.TriggerWatch}),
		Ready:      append(role.Ready, x.admin.Ready...),
	})
	return err
}

// functions makes the runtime layer, the admin function with its mappings, and the
// connect function.
func (x *platformExpansion) functions() (err error) {
	archive, err := x.runtimeLayer()
	if err != nil {
		return err
	}
	if x.layer, err = function.NewRuntimeLayer(x.ctx, x.owner, archive); err != nil {
		return err
	}
	if x.admin, err = x.function(x.adminSpec()); err != nil {
		return err
	}
	if _, err = x.admin.ReadQueue(x.ctx, x.owner, registryPart, x.registry, function.Together); err != nil {
		return err
	}
	if _, err = x.admin.ReadQueue(x.ctx, x.owner, sweepsPart, x.sweeps, function.Together); err != nil {
		return err
	}
	x.connect, err = x.function(x.connectSpec())
	return err
}

func (x *platformExpansion) function(spec function.Spec) (*function.Function, error) {
	spec.Architecture = string(or(x.args.Architecture, defaultArchitecture))
	spec, err := spec.Engine(x.layer.Arn)
	if err != nil {
		return nil, err
	}
	return function.New(x.ctx, x.owner, spec)
}

func (x *platformExpansion) adminSpec() function.Spec {
	environment := x.registryEnvironment()
	environment[registry.EnvSweepQueueURL] = x.sweeps.URL
	environment[registry.EnvAPIID] = x.api.ID().ToStringOutput()
	environment[registry.EnvAPILogLevel] = pulumi.String(x.args.logLevel(x.ctx))
	environment[registry.EnvAPILogRetentionDays] = pulumi.String(strconv.Itoa(x.owner.LogRetentionDays))
	return function.Spec{
		Purpose:     definition.FunctionAdmin,
		Description: "Composes the schema of all plugins and pushes it",
		Memory:      adminMemory,
		Timeout:     adminTimeout,
		Environment: environment,
		Statements: []iam.Statement{
			x.log.Allow("dynamodb:Query", "dynamodb:PutItem", "dynamodb:Scan"),
			x.plugins.Allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"),
			x.registry.AllowReceive(),
			x.registry.AllowDelay(),
			x.sweeps.AllowReceive(),
			iam.Allow(iam.On(x.registry.ARN, x.sweeps.ARN), "sqs:SendMessage"),
			graph.AllowLogGroup(x.api),
			graph.AllowSchema(x.api.Arn, x.api.ID().ToStringOutput()),
			x.liveness.Allow("dynamodb:Scan"),
			topic.AllowWiring(x.api.Arn),
		},
	}
}

func (x *platformExpansion) connectSpec() function.Spec {
	environment := x.registryEnvironment()
	environment[registry.EnvDeadLetterQueues] = pulumi.JSONMarshal(pulumi.StringMap{
		registryPart: x.registry.DeadLetter.URL, sweepsPart: x.sweeps.DeadLetter.URL,
	})
	return function.Spec{
		Purpose:     definition.FunctionConnect,
		Description: "Takes requests of plugins to connect and waits for their outcome",
		Memory:      connectMemory,
		Timeout:     connectTimeout,
		Environment: environment,
		Statements: []iam.Statement{
			x.log.Allow("dynamodb:Query", "dynamodb:Scan"),
			x.plugins.Allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"),
			x.liveness.Allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"),
			x.registry.AllowSend(),
			iam.Allow(iam.On(x.registry.DeadLetter.ARN, x.sweeps.DeadLetter.ARN), "sqs:GetQueueAttributes"),
		},
	}
}

func (x *platformExpansion) registryEnvironment() pulumi.StringMap {
	return pulumi.StringMap{
		registry.EnvPluginLogTable:      pulumi.String(x.log.Name),
		registry.EnvPluginsTable:        pulumi.String(x.plugins.Name),
		registry.EnvLivenessTable:       pulumi.String(x.liveness.Name),
		registry.EnvRegistryQueueURL:    x.registry.URL,
		registry.EnvAuthenticationModes: pulumi.String(strings.Join(x.args.modes(), ",")),
		registry.EnvStack:               pulumi.String(x.stack),
	}
}

// fields connects the platform's own schema and answers its fields. The result is the
// gate of its connection.
func (x *platformExpansion) fields() (pulumi.StringOutput, error) {
	probe := graph.Builder{Owner: x.owner, API: x.api.ID().ToStringOutput(), Gate: pulumi.String("Probes new fields")}
	if _, err := probe.None(x.ctx, "probe", schemapush.ProbeDataSource); err != nil {
		return pulumi.StringOutput{}, err
	}
	gate, err := x.connectSelf()
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	role, err := iam.NewRole(x.ctx, x.owner, "api", graph.Trust(x.api.Arn), iam.Allow(iam.On(x.connect.ARN), "lambda:InvokeFunction"))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return gate, x.resolvers(role, gate)
}

// connectSelf connects the platform's own fragment. All that was made before has to be
// there: the registry's writer runs while this is created. It makes the group of the API's
// log, so AppSync may write to it from then on.
func (x *platformExpansion) connectSelf() (pulumi.StringOutput, error) {
	request, err := platformRequest(or(x.args.Version, Version), x.stack, x.args.modes())
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	ready := append([]pulumi.Resource{}, *x.made...)
	nonce, err := connection.CheckLater(x.ctx, x.owner, x.connect.ARN, request, ready...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	invocation, err := connection.Connect(x.ctx, x.owner, "connection", x.connect.NameOutput, request, connection.Late{Nonce: nonce}, ready)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if x.apiLog != nil {
		if err := x.apiLog.Grant(x.ctx, x.owner, x.api, invocation); err != nil {
			return pulumi.StringOutput{}, err
		}
	}
	return connection.Gate(invocation, protocol.PlatformPlugin, "Connected plugins"), nil
}

// platformRequest is the request that connects the platform's own fragment. The modes are
// part of its hash, although not of the fragment, and so is the way of stamping: with others
// it is connected again, and the whole schema is stamped and pushed anew.
func platformRequest(version, stack string, modes []string) (protocol.ConnectRequest, error) {
	fragment, problems := schema.ParseFragment(protocol.PlatformPlugin, "platform.graphql", schema.PlatformSDL)
	if len(problems) > 0 {
		return protocol.ConnectRequest{}, connection.Refusal(protocol.PlatformPlugin, protocol.ConnectResult{
			Problems: []protocol.Problem{{Message: schema.Join(problems)}},
		})
	}
	return protocol.ConnectRequest{
		Plugin:   protocol.PlatformPlugin,
		Version:  version,
		Stack:    stack,
		Fragment: fragment.SDL(),
		Hash:     schema.Hash(version, fragment.SDL(), append([]string{schema.Stamping}, modes...)),
	}, nil
}

// platformFields are the fields that the connect function answers, by root type.
var platformFields = map[string][]string{
	"Query":    {"Platform_plugin", "Platform_plugins", "Platform_pluginEvents"},
	"Mutation": {"Platform_deactivatePlugin", "Platform_activatePlugin", "Platform_retirePlugin"},
}

// resolvers answers the platform's own fields: those of the registry by the connect
// function, and the one that announces outcomes of asynchronous commands by itself.
func (x *platformExpansion) resolvers(role *iam.Role, gate pulumi.StringOutput) error {
	hook, err := x.hook(x.ctx, x.platform, nil)
	if err != nil {
		return err
	}
	builder := graph.Builder{
		Owner: x.owner, API: x.api.ID().ToStringOutput(), Role: role.ARN, Gate: gate, Hook: hook, Ready: role.Ready,
	}
	source, err := builder.Function(x.ctx, registryPart, naming.DataSource(protocol.PlatformPlugin, registryPart), x.connect.ARN)
	if err != nil {
		return err
	}
	for _, rootType := range sortedKeys(platformFields) {
		for _, field := range platformFields[rootType] {
			if err := builder.Resolver(x.ctx, rootType, field, source, graph.InvokeCode()); err != nil {
				return err
			}
		}
	}
	outcomes, err := builder.None(x.ctx, "outcomes", naming.DataSource(protocol.PlatformPlugin, "outcomes"))
	if err != nil {
		return err
	}
	return builder.Resolver(x.ctx, "Mutation", completion, outcomes, graph.FeedCode("result"))
}

// guard is the last resource of all, so it goes first: its deletion fails while plugins
// are connected, in production, or when there are users to keep, and then nothing of the
// platform is destroyed.
func (x *platformExpansion) guard() error {
	protection := x.owner.Protection()
	if x.userPool != nil && x.users.ID == "" && x.owner.Class.KeepsUsers() {
		protection = []pulumi.ResourceOption{pulumi.Protect(true)}
	}
	request := protocol.ConnectRequest{Guard: true, Plugin: protocol.PlatformPlugin, Stack: x.stack}
	_, err := connection.Connect(x.ctx, x.owner, "guard", x.connect.NameOutput, request, connection.Late{Nonce: pulumi.String("")},
		append([]pulumi.Resource{}, *x.made...), protection...)
	return err
}
