package provider

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/settings"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// checkedPlugin is a plugin without problems.
type checkedPlugin struct {
	plugin   declaration.Plugin
	fragment *schema.Fragment
	indexes  validate.Indexes
	billing  string
	platform platformReference
	// topics are what extensions are subscribed to, remoteQueues the command queues of
	// the plugins that they extend, by extension.
	topics       map[string]pulumi.StringInput
	remoteQueues map[string]remoteQueue
	// buckets are the physical names of tasks' buckets, by task.
	buckets map[string]string
	// selections are what the mutations of fed subscriptions select, by subscription.
	selections map[string]string
}

// checkPlugin finds everything that is wrong without asking the registry. What is wrong
// with the configuration does not keep the arguments from being checked.
func checkPlugin(ctx *pulumi.Context, name string, args PluginArgs, options []pulumi.ResourceOption) (*checkedPlugin, error) {
	var wrong wrongSettings
	sources, err := settings.Sources(ctx)
	wrong.add(err)
	platform, err := findPlatform(ctx, args, sources)
	wrong.add(err)
	memory, err := settings.Memory(ctx, sources, defaultMemory)
	wrong.add(err)
	billing, err := settings.BillingMode(ctx, sources)
	wrong.add(err)
	if platform.Architecture == "" {
		platform.Architecture = string(defaultArchitecture)
	}
	checked := &checkedPlugin{
		platform: platform,
		billing:  billing,
		plugin:   args.declaration(name, memory, platform.Architecture),
	}
	problems := checked.declared(ctx, args)
	bound, unbound, err := bindExtensions(ctx, args, checked.plugin.Extensions)
	wrong.add(err)
	checked.topics, checked.remoteQueues = bound.topics, bound.queues
	checked.buckets, err = bucketNames(ctx, checked, options)
	wrong.add(err)
	problems = append(problems, checked.budget(ctx, args)...)
	return checked, wrong.with("plugin "+checked.plugin.Name, append(problems, unbound...))
}

// declared finds what is wrong with the arguments by themselves.
func (c *checkedPlugin) declared(ctx *pulumi.Context, args PluginArgs) []validate.Problem {
	fragment, known, problems := validate.Fragment(c.plugin)
	c.fragment = fragment
	c.selections = selections(c.plugin, fragment)
	declared, indexes := validate.Plugin(c.plugin, known)
	c.indexes = indexes
	problems = append(problems, declared...)
	problems = append(problems, validate.Code("code", args.Code)...)
	for _, name := range sortedKeys(args.Archives) {
		problems = append(problems, validate.Code(validate.Path("archives", name), args.Archives[name])...)
	}
	problems = append(problems, validate.Environment(args.Environment, knownText(ctx))...)
	problems = append(problems, validate.LogRetention(or(args.LogRetention, 0))...)
	problems = append(problems, args.Alarms.problems()...)
	return append(problems, validate.Tags(args.Tags)...)
}

// selectionDepth is how deep the selection of a fed subscription goes: subscribers can
// select objects in objects up to here.
const selectionDepth = 5

// selections are what the mutations of fed subscriptions select: everything that a
// subscriber could. There is none without a fragment.
func selections(plugin declaration.Plugin, fragment *schema.Fragment) map[string]string {
	selected := map[string]string{}
	if fragment == nil {
		return selected
	}
	types := map[string]string{}
	for _, field := range fragment.RootFields() {
		if field.Type == "Subscription" {
			types[field.Name] = field.Definition.Type.Name()
		}
	}
	for _, model := range plugin.Models() {
		for field := range model.Subscriptions {
			selected[field] = fragment.Selection(types[field], selectionDepth)
		}
	}
	return selected
}

// bucketNames are the physical names of tasks' buckets. Names of buckets are unique in the
// whole world, so the account is part of them; AWS is asked for it only when there are any.
func bucketNames(ctx *pulumi.Context, checked *checkedPlugin, options []pulumi.ResourceOption) (map[string]string, error) {
	names := map[string]string{}
	scope := component.Owner{Scope: naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Name: checked.plugin.Name}}
	for _, name := range sortedKeys(checked.plugin.Tasks) {
		if checked.plugin.Tasks[name].Bucket == nil {
			continue
		}
		account, err := accountOf(ctx, checked.platform, options)
		if err != nil {
			return names, err
		}
		names[name] = bucket.Name(scope, taskPart(name), account)
	}
	return names, nil
}

// accountOf is the account in which the plugin is deployed.
func accountOf(ctx *pulumi.Context, platform platformReference, options []pulumi.ResourceOption) (string, error) {
	if account := platform.Account(); account != "" {
		return account, nil
	}
	provider, err := givenProvider(ctx, "aws", options)
	if err != nil {
		return "", err
	}
	return connection.Account(ctx, provider...)
}

// wrongSettings collects what is wrong with the stack's configuration, or with the other
// stacks that it names.
type wrongSettings []error

// add adds an error, and each of several that are joined.
func (w *wrongSettings) add(err error) {
	if joined, several := err.(interface{ Unwrap() []error }); several {
		for _, one := range joined.Unwrap() {
			w.add(one)
		}
		return
	}
	if err != nil {
		*w = append(*w, err)
	}
}

// with is the error of the settings and of the problems of the arguments, nil of none. A
// setting that is all that is wrong is an error of its own text.
func (w wrongSettings) with(what string, problems []validate.Problem) error {
	if len(w) == 1 && len(problems) == 0 {
		return w[0]
	}
	settings := make([]validate.Problem, len(w))
	for i, err := range w {
		settings[i] = validate.Problem{Path: "config", Reason: strings.ReplaceAll(err.Error(), "\n", "\n\t\t  ")}
	}
	return validate.Error(what, append(settings, problems...))
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
