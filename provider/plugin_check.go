package provider

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
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
	topics   map[string]pulumi.StringInput
}

// checkPlugin finds everything that is wrong without asking the registry. What is wrong
// with the configuration does not keep the arguments from being checked.
func checkPlugin(ctx *pulumi.Context, name string, args PluginArgs) (*checkedPlugin, error) {
	var wrong wrongSettings
	platform, err := findPlatform(ctx, args)
	wrong.add(err)
	memory, err := settings.Memory(ctx, defaultMemory)
	wrong.add(err)
	billing, err := settings.BillingMode(ctx)
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
	topics, unbound, err := findTopics(ctx, args, checked.plugin.Extensions)
	wrong.add(err)
	checked.topics = topics
	return checked, wrong.with("plugin "+checked.plugin.Name, append(problems, unbound...))
}

// declared finds what is wrong with the arguments by themselves.
func (c *checkedPlugin) declared(ctx *pulumi.Context, args PluginArgs) []validate.Problem {
	fragment, known, problems := validate.Fragment(c.plugin.Name, args.Schema)
	c.fragment = fragment
	declared, indexes := validate.Plugin(c.plugin, known)
	c.indexes = indexes
	problems = append(problems, declared...)
	problems = append(problems, validate.Code(args.Code)...)
	problems = append(problems, validate.Environment(args.Environment, knownText(ctx))...)
	return append(problems, validate.Tags(args.Tags)...)
}

// wrongSettings collects what is wrong with the stack's configuration, or with the other
// stacks that it names.
type wrongSettings []error

func (w *wrongSettings) add(err error) {
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
