package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/settings"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Stack outputs by which stacks find each other.
const (
	platformOutput = "platform"
	interopOutput  = "_interopMeta"
)

// platformReference is the platform of a plugin: of another stack, whose values are
// known, or of the same program, whose values are not known in the first preview.
type platformReference struct {
	connection.Platform
	known bool
	// The values as inputs: those of a platform of the same program carry the dependency
	// on it.
	api, url, connect, layer, schedulerGroup pulumi.StringInput
	// alarmTopic is nil when the platform's alarms tell nobody.
	alarmTopic pulumi.StringInput
}

// sibling is the ARN of one of the platform's resources: prefix, name, suffix.
func (p platformReference) sibling(service, prefix string, name pulumi.StringInput, suffix string) pulumi.StringOutput {
	return pulumi.All(p.layer, name).ApplyT(func(values []any) string {
		return naming.Sibling(values[0].(string), service, prefix+values[1].(string)+suffix)
	}).(pulumi.StringOutput)
}

// apiARN is the ARN of the platform's API, or of what is at a path below it.
func (p platformReference) apiARN(path string) pulumi.StringOutput {
	return p.sibling("appsync", "apis/", p.api, path)
}

// schedulesARN is the ARN of the platform's group of schedules.
func (p platformReference) schedulesARN() pulumi.StringOutput {
	return p.sibling("scheduler", "schedule-group/", p.schedulerGroup, "")
}

// findPlatform finds the plugin's platform: the argument `platform`, the argument
// `platformStack`, the configuration, in this order.
func findPlatform(ctx *pulumi.Context, args PluginArgs, sources localconfig.Sources) (platformReference, error) {
	if args.Platform != nil {
		return platformOfProgram(ctx, args.Platform.ToStringMapOutput())
	}
	configured := sources.Look(localconfig.Stack)
	stack, place := configured.Value, settings.Place(configured.Candidate)
	if args.PlatformStack != nil {
		stack, place = *args.PlatformStack, "the argument `platformStack`"
	}
	if stack == "" {
		return platformReference{}, settings.MissingPlatform()
	}
	values, err := settings.Output(ctx, stack, platformOutput, "platform", "${<platform>.connection}")
	if settings.Awaited(ctx, stack, err) {
		return platformOfProgram(ctx, unknownOutput[map[string]string]().(pulumi.StringMapOutput))
	}
	if err != nil {
		return platformReference{}, fmt.Errorf("%w\nThe stack's name is from %s", err, place)
	}
	platform, err := connection.ParsePlatform(connection.Strings(values), fmt.Sprintf("the output %q of the stack %q", platformOutput, stack))
	reference := platformReference{
		Platform: platform,
		known:    true,
		api:      pulumi.String(platform.APIID),
		url:      pulumi.String(platform.GraphQLURL),
		connect:  pulumi.String(platform.ConnectFunctionName),
		layer:    pulumi.String(platform.RuntimeLayerARN),

		schedulerGroup: pulumi.String(platform.SchedulerGroupName),
	}
	if platform.AlarmTopicARN != "" {
		reference.alarmTopic = pulumi.String(platform.AlarmTopicARN)
	}
	return reference, err
}

// platformOfProgram reads the connection of a platform in the same program, or of one that
// is to be deployed before. As long as it is not known, which is in a preview only, the
// defaults of a platform stand in.
func platformOfProgram(ctx *pulumi.Context, output pulumi.StringMapOutput) (platformReference, error) {
	values, known, err := await[map[string]string](ctx, output)
	if err != nil {
		return platformReference{}, err
	}
	reference := platformReference{Platform: connection.Platform{
		Class: stackclass.Of(ctx.Stack()), LogRetentionDays: stackclass.Of(ctx.Stack()).LogRetentionDays(), Architecture: string(defaultArchitecture),
	}}
	if known {
		if reference.Platform, err = connection.ParsePlatform(values, "the argument `platform`"); err != nil {
			return platformReference{}, err
		}
	}
	value := func(pick func(connection.Platform) string) pulumi.StringInput {
		return output.ApplyT(func(values map[string]string) (string, error) {
			platform, err := connection.ParsePlatform(values, "the argument `platform`")
			return pick(platform), err
		}).(pulumi.StringOutput)
	}
	reference.known = known
	reference.api = value(func(p connection.Platform) string { return p.APIID })
	reference.url = value(func(p connection.Platform) string { return p.GraphQLURL })
	reference.connect = value(func(p connection.Platform) string { return p.ConnectFunctionName })
	reference.layer = value(func(p connection.Platform) string { return p.RuntimeLayerARN })
	reference.schedulerGroup = value(func(p connection.Platform) string { return p.SchedulerGroupName })
	if reference.AlarmTopicARN != "" {
		reference.alarmTopic = value(func(p connection.Platform) string { return p.AlarmTopicARN })
	}
	return reference, nil
}

// unknownOutput is an output of which nothing is known in this preview.
func unknownOutput[T any]() pulumi.Output {
	return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) (value T) { return value })
}

// publishers are the plugins whose extension points can be used.
type publishers struct {
	// points are the extension points by plugin and name.
	points map[string]map[string]publisherPoint
	// unknown are the plugins that are not known yet, of the same program or of stacks that
	// are to be deployed before.
	unknown []pulumi.MapOutput
}

// publisherPoint is one extension point of another plugin. Its values carry the dependency
// on a plugin of the same program.
type publisherPoint struct {
	topic    pulumi.StringInput
	commands []string
	queue    remoteQueue
}

// remoteQueue is the command queue of another plugin.
type remoteQueue struct{ arn, url pulumi.StringInput }

// bindings are what the extensions of a plugin are bound to, by extension.
type bindings struct {
	topics map[string]pulumi.StringInput
	// queues are the command queues of the owners, for extension points that take
	// commands.
	queues map[string]remoteQueue
}

// bindExtensions finds the extension point of each extension: in plugins of the same
// program, and in the stacks that the plugin depends on. An extension that cannot be bound
// is a problem, unless the platform is to bind it.
func bindExtensions(ctx *pulumi.Context, args PluginArgs, extensions map[string]declaration.Extension) (bindings, []validate.Problem, error) {
	bound := bindings{topics: map[string]pulumi.StringInput{}, queues: map[string]remoteQueue{}}
	available, err := findPublishers(ctx, args)
	if err != nil {
		return bound, nil, err
	}
	var problems []validate.Problem
	for _, name := range sortedKeys(extensions) {
		point, problem := available.find(extensions[name])
		if problem != nil && !or(extensions[name].ViaPlatform, false) {
			problem.Path = validate.Path(append([]string{"extensions", name}, problem.Path)...)
			problems = append(problems, *problem)
		}
		bound.topics[name] = point.topic
		if point.queue.arn != nil {
			bound.queues[name] = point.queue
		}
	}
	return bound, problems, nil
}

func findPublishers(ctx *pulumi.Context, args PluginArgs) (publishers, error) {
	available := publishers{points: map[string]map[string]publisherPoint{}}
	configured, err := settings.Dependencies(ctx)
	if err != nil {
		return available, err
	}
	for _, stack := range settings.Distinct(append(slices.Clone(args.Dependencies), configured...)) {
		values, err := settings.Output(ctx, stack, interopOutput, "plugin", "${<plugin>.interopMeta}")
		if settings.Awaited(ctx, stack, err) {
			available.unknown = append(available.unknown, unknownOutput[map[string]any]().(pulumi.MapOutput))
			continue
		}
		if err != nil {
			return available, err
		}
		meta, err := parseInterop(values, fmt.Sprintf("the output %q of the stack %q", interopOutput, stack))
		if err != nil {
			return available, err
		}
		available.add(meta, func(value string) pulumi.StringInput { return pulumi.String(value) })
	}
	for i, input := range args.Interop {
		if err := available.addOfProgram(ctx, input.ToMapOutput(), fmt.Sprintf("the argument `interop[%d]`", i)); err != nil {
			return available, err
		}
	}
	return available, nil
}

func (p *publishers) add(meta protocol.InteropMeta, input func(value string) pulumi.StringInput) {
	points := map[string]publisherPoint{}
	for name, point := range meta.ExtensionPoints {
		described := publisherPoint{commands: point.Commands}
		if point.TopicARN != "" {
			described.topic = input(point.TopicARN)
		}
		if len(point.Commands) > 0 {
			described.queue = remoteQueue{arn: input(point.CommandQueueARN), url: input(point.CommandQueueURL)}
		}
		points[name] = described
	}
	p.points[meta.Plugin] = points
}

// addOfProgram adds a plugin of the same program; its topics carry the dependency on it.
func (p *publishers) addOfProgram(ctx *pulumi.Context, output pulumi.MapOutput, from string) error {
	values, known, err := await[map[string]any](ctx, output)
	if err != nil {
		return err
	}
	if !known {
		p.unknown = append(p.unknown, output)
		return nil
	}
	meta, err := parseInterop(values, from)
	if err != nil {
		return err
	}
	p.add(meta, func(value string) pulumi.StringInput {
		return output.ApplyT(func(map[string]any) string { return value }).(pulumi.StringOutput)
	})
	return nil
}

func parseInterop(values map[string]any, from string) (protocol.InteropMeta, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return protocol.InteropMeta{}, fmt.Errorf("%s: %w", from, err)
	}
	meta, err := protocol.DecodeInterop(text)
	if err != nil {
		return meta, fmt.Errorf("%s is not what this release of the provider understands: %w; a plugin's stack exports `${<plugin>.interopMeta}` there", from, err)
	}
	return meta, nil
}

// find finds the extension point of one extension. In the preview in which the publisher
// is not known yet, its topic is not known either.
func (p *publishers) find(extension declaration.Extension) (publisherPoint, *validate.Problem) {
	points, found := p.points[extension.Plugin]
	if point, exists := points[extension.ExtensionPoint]; exists {
		return point, nil
	}
	if found {
		return publisherPoint{}, &validate.Problem{Path: "extensionPoint", Reason: fmt.Sprintf("the plugin %s has no extension point %q; it has: %s",
			extension.Plugin, extension.ExtensionPoint, list(sortedKeys(points)))}
	}
	if len(p.unknown) > 0 {
		return publisherPoint{topic: p.unknown[0].ApplyT(func(map[string]any) string { return "" }).(pulumi.StringOutput)}, nil
	}
	return publisherPoint{}, &validate.Problem{Path: "plugin", Reason: fmt.Sprintf("no stack that this one depends on has the plugin %q (known: %s); "+
		"add its stack to interstack:dependencies, give `interop: [${%[1]s.interopMeta}]` when it is in this program, "+
		"or set `viaPlatform: true` when it may be deployed later",
		extension.Plugin, list(sortedKeys(p.points)))}
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
