package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// Defaults of the arguments. The annotations below repeat them for the SDKs.
const (
	defaultPluginVersion = "0.0.0"
	defaultRuntime       = "nodejs22.x"
	// defaultMemory is in MB, defaultTimeout in seconds: AppSync waits for 30.
	defaultMemory  = 512
	defaultTimeout = 30
	// defaultHeartbeat is in minutes.
	defaultHeartbeat = 5
)

// PluginArgs are the arguments of a plugin. Structure is plain, so that it is known in a
// preview; what may come from other resources is an Input.
type PluginArgs struct {
	Name            *string                               `pulumi:"name,optional"`
	Version         *string                               `pulumi:"version,optional"`
	Schema          string                                `pulumi:"schema"`
	Code            pulumi.AssetOrArchiveInput            `pulumi:"code"`
	Runtime         *string                               `pulumi:"runtime,optional"`
	Handler         *string                               `pulumi:"handler,optional"`
	Architecture    *Architecture                         `pulumi:"architecture,optional"`
	Memory          *int                                  `pulumi:"memory,optional"`
	Timeout         *int                                  `pulumi:"timeout,optional"`
	Environment     map[string]pulumi.StringInput         `pulumi:"environment,optional"`
	StackClass      *StackClass                           `pulumi:"stackClass,optional"`
	LogRetention    *int                                  `pulumi:"logRetentionDays,optional"`
	Alarms          *Alarms                               `pulumi:"alarms,optional"`
	Tracing         *bool                                 `pulumi:"tracing,optional"`
	Tags            map[string]pulumi.StringInput         `pulumi:"tags,optional"`
	Aggregates      map[string]declaration.Aggregate      `pulumi:"aggregates,optional"`
	ReadModels      map[string]declaration.ReadModel      `pulumi:"readModels,optional"`
	ExtensionPoints map[string]declaration.ExtensionPoint `pulumi:"extensionPoints,optional"`
	Extensions      map[string]declaration.Extension      `pulumi:"extensions,optional"`
	DCB             *declaration.DCB                      `pulumi:"dcb,optional"`
	Tasks           map[string]declaration.Task           `pulumi:"tasks,optional"`
	Schedules       map[string]declaration.Schedule       `pulumi:"schedules,optional"`
	Queries         map[string]declaration.CustomQuery    `pulumi:"queries,optional"`
	Archives        map[string]pulumi.AssetOrArchiveInput `pulumi:"archives,optional"`
	Heartbeat       *int                                  `pulumi:"heartbeatMinutes,optional"`
	UIBundleURL     *string                               `pulumi:"uiBundleUrl,optional"`
	PlatformStack   *string                               `pulumi:"platformStack,optional"`
	Dependencies    []string                              `pulumi:"dependencies,optional"`
	Platform        pulumi.StringMapInput                 `pulumi:"platform,optional"`
	Interop         []pulumi.MapInput                     `pulumi:"interop,optional"`
}

// Annotate describes the arguments in the schema.
func (a *PluginArgs) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a.Name, "The plugin's name, unique among the plugins of its platform, and part of the names of its AWS resources, which are replaced "+
		"when it changes: 1 to 40 letters, digits and `-`, beginning with a letter. Default: the resource's name, or the one it had before, when an alias tells.")
	annotator.Describe(&a.Version, "The plugin's version, a semantic version such as `1.4.0`. The registry shows it. Default: `0.0.0`.")
	annotator.SetDefault(&a.Version, defaultPluginVersion)
	annotator.Describe(&a.Schema, "The plugin's part of the GraphQL schema, in SDL: `schema: {fn::readFile: ../catalog/schema.graphql}`. "+
		"Each field of `Mutation` is a command of an aggregate or a slice, each field of `Query` a query of rows or of the handler's, each field of `Subscription` "+
		"is fed by mutations (`@aws_subscribe`) or by the changed rows of a read model. "+
		"The type `CommandResult` is the platform's and needs no definition.")
	annotator.Describe(&a.Code, "The handler's code, an archive of a folder, a .zip file or a map of files: `code: {fn::fileArchive: ../catalog/src}`. "+
		"The path is relative to the folder of Pulumi.yaml.")
	annotator.Describe(&a.Runtime, "The Lambda runtime of the handler: "+strings.Join(validate.Runtimes(), ", ")+
		"; provided.al2023 is for a Go program with the engine as a library. Default: `nodejs22.x`.")
	annotator.SetDefault(&a.Runtime, defaultRuntime)
	annotator.Describe(&a.Handler, "The handler, as the runtime names it, such as `index.handler` for the function `handler` of the file `index.js` or `index.py`. "+
		"Default: `index.handler`, and `bootstrap` for provided.al2023; Java and .NET have none.")
	annotator.Describe(&a.Architecture, "The instruction set of the plugin's functions: `arm64` or `x86_64`. Default: that of the platform.")
	annotator.Describe(&a.Memory, "The memory of the functions that run the handler, in MB, 128 to 10240. "+
		"Default: the configuration variable `<project>:lambdaMemory`, else 512.")
	annotator.Describe(&a.Timeout, "How long a function may run, in seconds, 1 to 900. AppSync waits 30 seconds for the answer to a mutation, whatever is set here. Default: 30.")
	annotator.SetDefault(&a.Timeout, defaultTimeout)
	annotator.Describe(&a.Environment, fmt.Sprintf("Environment variables of the handler. Names and values take at most %d bytes together; names that AWS keeps "+
		"for itself, and those that begin with `REVENTLESS_`, are refused. A value may be a secret or an output of another resource. "+
		"Example: `{SHOP_NAME: lamps}`.", validate.MaxEnvironment))
	annotator.Describe(&a.StackClass, "What the loss of the stack would mean, which decides on defaults: `production`, `standard` or `disposable`. Default: that of the platform.")
	annotator.Describe(&a.LogRetention, "How many days CloudWatch keeps the plugin's logs: one of "+
		strings.Trim(fmt.Sprint(validate.LogRetentions), "[]")+", where 0 is for ever. Default: that of the platform, or of the class where `stackClass` is another one.")
	annotator.Describe(&a.Alarms, "CloudWatch alarms of the plugin. Default: in a production stack, and when the platform's alarms tell somebody, who is told of these too. "+
		"Example: `{topicArn: \"arn:aws:sns:eu-west-1:123456789012:operators\"}`.")
	annotator.Describe(&a.Tracing, "Whether AWS X-Ray traces what the plugin's functions do. Default: that of the platform.")
	annotator.Describe(&a.Tags, fmt.Sprintf("Tags for all AWS resources of the plugin that can have some, beside `reventless:plugin`, `reventless:stack` and `reventless:component`; at most %d. "+
		"Example: `{team: shop}`.", validate.MaxTags))
	annotator.Describe(&a.Aggregates, "The aggregates by name, such as `Product: {commands: {addProduct: AddProduct}}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.ReadModels, "The read models by name, such as `Products: {from: [{aggregate: Product}], queries: {product: {get: id}}}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.ExtensionPoints, "What the plugin publishes to other plugins, by name, such as `Products: {events: [ProductAdded]}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.Extensions, "What the plugin receives from other plugins, by name, such as `CatalogProducts: {plugin: catalog, extensionPoint: Products}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.DCB, "The event log on which decisions select events by type and tag, and its slices, automations and translations.")
	annotator.Describe(&a.Tasks, "What objects in a bucket or the time trigger, by name: `ImportProducts: {bucket: {suffix: .csv, content: lines}}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.Schedules, "The commands that the handler may schedule in its answers, by name: `Reminder: {to: Order, command: RemindCustomer}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital.")
	annotator.Describe(&a.Queries, "The fields of `Query` that the handler answers itself, by field: `{priceOf: {loads: {product: {readModel: Products, argument: id}}}}`.")
	annotator.Describe(&a.Archives, "Further code by name, for components with a function of their own: `{imports: {fn::fileArchive: ../catalog/imports}}`.")
	annotator.Describe(&a.Heartbeat, "How often the plugin tells the platform that it is alive, in minutes, 1 to 1440; 0 is never. A plugin that falls silent is shown as `DISCONNECTED`; its fields stay. Default: 5.")
	annotator.SetDefault(&a.Heartbeat, defaultHeartbeat)
	annotator.Describe(&a.UIBundleURL, "Where the plugin's part of the host UI is, such as the entry of a Module Federation remote: an `https://` URL, or an `http://` one of this machine. "+
		"The field `uiBundleUrl` of the query `Platform_plugins` shows it. The environment variable `<PLUGIN>_UI_BUNDLE_URL`, such as `CATALOG_UI_BUNDLE_URL`, goes before it. Default: none.")
	annotator.Describe(&a.PlatformStack, "The stack of the platform, `<org>/<project>/<stack>`, whose output `platform` is the platform's `connection`. "+
		"Default: the configuration variable `platform:stack`.")
	annotator.Describe(&a.Dependencies, "The stacks of the plugins whose extension points are used, `<org>/<project>/<stack>`, each with the output "+
		"`_interopMeta`. They add to those of the configuration variable `interstack:dependencies`.")
	annotator.Describe(&a.Platform, "The `connection` of a platform in the same program: `platform: ${platform.connection}`. It goes before `platformStack`.")
	annotator.Describe(&a.Interop, "The `interopMeta` of plugins in the same program whose extension points are used: `interop: [\"${catalog.interopMeta}\"]`.")
}

// declaration is what the arguments declare, with defaults filled in. memory is the
// default of the stack's configuration, architecture that of the platform.
func (a PluginArgs) declaration(name string, memory int, architecture string) declaration.Plugin {
	runtime := or(a.Runtime, defaultRuntime)
	return declaration.Plugin{
		Name:            or(a.Name, name),
		Version:         or(a.Version, defaultPluginVersion),
		Schema:          a.Schema,
		Runtime:         runtime,
		Handler:         or(a.Handler, validate.DefaultHandler(runtime)),
		Architecture:    string(or(a.Architecture, Architecture(architecture))),
		Memory:          or(a.Memory, memory),
		Timeout:         or(a.Timeout, defaultTimeout),
		Aggregates:      a.Aggregates,
		ReadModels:      a.ReadModels,
		ExtensionPoints: a.ExtensionPoints,
		Extensions:      a.Extensions,
		DCB:             a.DCB,
		Tasks:           a.Tasks,
		Schedules:       a.Schedules,
		Queries:         a.Queries,
		Archives:        sortedKeys(a.Archives),

		HeartbeatMinutes: or(a.Heartbeat, defaultHeartbeat),
		UIBundleURL:      uiBundleURL(or(a.Name, name), or(a.UIBundleURL, "")),
	}
}

// Annotate describes the component and its outputs in the schema.
func (c *Plugin) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "A plugin: aggregates and slices that decide on commands, read models, automations, translations, tasks, extension points and extensions, run by one "+
		"handler, with its part of the platform's GraphQL API. Export its `interopMeta` as the stack output `_interopMeta`.\n\n"+pluginExamples)
	annotator.Describe(&c.PluginName, "The plugin's name.")
	annotator.Describe(&c.PluginVersion, "The plugin's version.")
	annotator.Describe(&c.InteropMeta, "What other plugins need to use the extension points. Export it as the stack output `_interopMeta`, "+
		"or give it to plugins of the same program in their argument `interop`. It holds no secret.")
	annotator.Describe(&c.GraphQLURL, "The URL of the platform's GraphQL endpoint.")
	annotator.Describe(&c.FunctionNames, "The names of the Lambda functions by purpose: `commands`, `projections`, `relay`, `reactions`, `automations`, `tasks`, `queries`, `feeds`, as far as the plugin has them; "+
		"that of a component's own function is by purpose and component, such as `commands-Product`.")
	annotator.Describe(&c.EventLogTableNames, "The names of the DynamoDB tables with the events, by aggregate; that of the DCB log is `dcb`.")
	annotator.Describe(&c.ReadModelTableNames, "The names of the DynamoDB tables with the rows, by read model, state view slice, automation or translation.")
	annotator.Describe(&c.TopicARNs, "The ARNs of the SNS FIFO topics by extension point.")
	annotator.Describe(&c.CommandQueueURL, "The URL of the SQS FIFO queue of commands.")
	annotator.Describe(&c.BucketNames, "The names of the S3 buckets, by task.")
	annotator.Describe(&c.DeadLetterQueueURLs, "The URLs of the queues with what could not be processed, by what it was sent to: `commands`, `stream-failures`, an extension, and so on.")
}
