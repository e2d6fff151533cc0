package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/config"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// The outputs by which stacks find each other.
const (
	platformOutput = "platform"
	interopOutput  = "_interopMeta"
)

// platform checks that each plugin's stack names a platform that it can use.
func (e *examination) platform(ctx context.Context, p *patient) {
	if p.state != nil && len(p.state.Platforms) > 0 {
		p.home = &p.state.Platforms[0]
		e.exportsPlatform(p)
		return
	}
	if p.Platform {
		e.unchecked(checkPlatform, p.Name, "the platform is not deployed, or its state cannot be read")
		return
	}
	found := e.platformStack(p)
	if !found.Set() {
		e.unnamed(p)
		return
	}
	named := found.Value
	at := fmt.Sprintf("%s (%s)", named, found.Name)
	if parts := strings.Split(named, "/"); len(parts) != 3 || slices.Contains(parts, "") {
		e.add(checkPlatform, p.Name, Problem, e.setPlatform(p), "%s is no stack's full name, <org>/<project>/<stack>", at)
		return
	}
	if read := e.referenced(ctx, checkPlatform, p, named, at, e.setPlatform(p)); read != nil {
		e.usable(p, read, named, at)
	}
}

// platformStack is the platform that the configuration names. Before a stack exists pulumi
// does not tell its configuration; then it is the first of the file's references.
func (e *examination) platformStack(p *patient) localconfig.Value {
	sources, _ := config.Sources(p.configured(e.plan.Environment), e.Environ)
	found := sources.Look(localconfig.Stack)
	if !found.Set() && p.configuration == nil && p.PlatformStack != "" {
		found.Candidate = localconfig.Candidate{Origin: localconfig.StackConfig, Name: localconfig.Stack.Config(), Value: p.PlatformStack}
	}
	return found
}

func (e *examination) setPlatform(p *patient) string {
	name := "<org>/<platform project>/" + e.plan.Environment
	for _, other := range e.patients {
		if other.Platform && other.info != nil {
			name = other.info.Name
		}
	}
	return fmt.Sprintf("run `pulumi config set %s %s --stack %s` in %s", localconfig.Stack.Config(), name, e.plan.Environment, p.Path)
}

// unnamed tells of a stack whose configuration names no platform. Its program may: then the
// plugin answers at the API of a platform that is known.
func (e *examination) unnamed(p *patient) {
	if p.state != nil {
		for _, plugin := range p.state.Plugins {
			for _, other := range e.patients {
				if other.state == nil || plugin.GraphQLURL == "" {
					continue
				}
				for i, candidate := range other.state.Platforms {
					if candidate.GraphQLURL == plugin.GraphQLURL {
						p.home = &other.state.Platforms[i]
						e.ok(checkPlatform, p.Name, "its program names the platform of the stack %s", other.Name)
						return
					}
				}
			}
		}
	}
	e.add(checkPlatform, p.Name, Warning, e.setPlatform(p)+", unless the program gives the plugin `platform` or `platformStack`",
		"Missing required configuration variable '%s', if the program has no argument for it, which cannot be seen here", localconfig.Stack.Config())
}

// exportsPlatform checks what the platform's own stack exports. A program that has its plugins
// in itself does not have to.
func (e *examination) exportsPlatform(p *patient) {
	if problem := formatOf(p.state); problem != "" && p.Platform && len(p.state.Plugins) == 0 {
		e.add(checkPlatform, p.Name, Problem, exportPlatform+", then "+e.up(p.Name), "%s, so no plugin can use it", problem)
		return
	}
	e.ok(checkPlatform, p.Name, "the platform %s is in this stack", p.home.Name)
}

const exportPlatform = "let the platform's program export it, `outputs: {platform: ${<platform>.connection}}` in Pulumi.yaml"

// formatOf says what is wrong with a platform's output, "" when a plugin can read it.
func formatOf(s *stack.Stack) string {
	output, exists := s.Outputs[platformOutput]
	if !exists {
		return fmt.Sprintf("it has no output %q", platformOutput)
	}
	connection, _ := output.(map[string]any)
	switch version, _ := connection["formatVersion"].(string); version {
	case protocol.PlatformFormatVersion:
		return ""
	case "":
		return fmt.Sprintf("its output %q is no connection of a platform", platformOutput)
	default:
		return fmt.Sprintf("its output %q has format %s, this release knows %s", platformOutput, version, protocol.PlatformFormatVersion)
	}
}

// usable checks that a stack has a platform for a plugin.
func (e *examination) usable(p *patient, read *stack.Stack, named, at string) {
	if problem := formatOf(read); problem != "" {
		e.add(checkPlatform, p.Name, Problem, exportPlatform+" and deploy that stack with the same release of the provider", "%s: %s", at, problem)
		return
	}
	if len(read.Platforms) == 0 {
		e.add(checkPlatform, p.Name, Problem, e.setPlatform(p), "%s has no platform deployed", at)
		return
	}
	p.home = &read.Platforms[0]
	if !strings.HasSuffix(named, "/"+e.plan.Environment) {
		e.add(checkPlatform, p.Name, Warning, e.setPlatform(p)+", unless it is meant so", "%s is a stack of another environment than %s", at, e.plan.Environment)
		return
	}
	e.ok(checkPlatform, p.Name, "%s is deployed and can be used", at)
}

// referenced reads a stack that another one names, nil when it cannot be used, with the
// finding noted.
func (e *examination) referenced(ctx context.Context, check string, p *patient, named, at, fix string) *stack.Stack {
	if e.unlisted != nil {
		e.unchecked(check, p.Name, "%s", e.unlisted)
		return nil
	}
	if own := e.patient(e.plan.Own(named)); own != nil && (own.info == nil || own.info.Name == named) {
		switch {
		case own.info == nil:
			e.add(check, p.Name, Problem, e.up(own.Name)+" first", "%s: no stack named %q found: it has not been created yet", at, named)
		case own.unread != nil:
			e.unchecked(check, p.Name, "the state of %s cannot be read", own.Name)
		case !own.deployedState():
			e.add(check, p.Name, Problem, e.up(own.Name)+" first", "%s: the stack is not deployed yet", at)
		default:
			return own.state
		}
		return nil
	}
	read, err := e.read(ctx, p.Folder, named)
	if err != nil {
		e.add(check, p.Name, Problem, fix+"; or deploy that stack first", "%s: %s.%s", at, oneLine(err.Error()), schema.Suggest(named, e.names()))
		return nil
	}
	if len(read.Plugins)+len(read.Platforms) == 0 {
		e.add(check, p.Name, Problem, "deploy that stack first, with `pulumi up`; or "+fix, "%s has nothing deployed", at)
		return nil
	}
	return read
}

func oneLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSuffix(line, ".")
}

func (e *examination) names() []string {
	names := make([]string, len(e.existing))
	for i, info := range e.existing {
		names[i] = info.Name
	}
	return names
}

// patient is that of a name, nil when there is none.
func (e *examination) patient(name string) *patient {
	at := slices.IndexFunc(e.patients, func(p *patient) bool { return p.Name == name })
	if at < 0 {
		return nil
	}
	return e.patients[at]
}

// dependencies checks each stack of interstack:dependencies.
func (e *examination) dependencies(ctx context.Context, p *patient) {
	for _, named := range p.Dependencies {
		at := named + " (interstack:dependencies)"
		read := e.referenced(ctx, checkDependencies, p, named, at, fmt.Sprintf("edit interstack.dependencies in %s/Pulumi.%s.yaml", p.Path, e.plan.Environment))
		if read == nil {
			continue
		}
		if problem := interopOf(read); problem != "" {
			e.add(checkDependencies, p.Name, Problem,
				"let that program export it, `outputs: {_interopMeta: ${<plugin>.interopMeta}}` in Pulumi.yaml, and deploy that stack", "%s: %s", at, problem)
			continue
		}
		e.ok(checkDependencies, p.Name, "%s is deployed and tells its extension points", at)
	}
	if len(p.Dependencies) == 0 {
		e.ok(checkDependencies, p.Name, "it names no other plugin's stack")
	}
}

// interopOf says what is wrong with what a plugin's stack exports, "" when others can read it.
func interopOf(s *stack.Stack) string {
	output, exists := s.Outputs[interopOutput]
	if !exists || output == nil {
		return fmt.Sprintf("it has no output %q", interopOutput)
	}
	text, err := json.Marshal(output)
	if err == nil {
		_, err = protocol.DecodeInterop(text)
	}
	if err != nil {
		return fmt.Sprintf("its output %q: %s", interopOutput, err)
	}
	return ""
}

// order holds depends-on of the manifest against what the configuration names: a workflow
// that knows the manifest only deploys in the order of depends-on.
func (e *examination) order(_ context.Context, p *patient) {
	var named []string
	for _, reference := range p.Dependencies {
		if own := e.plan.Own(reference); own != "" && own != p.Name {
			named = append(named, own)
		}
	}
	fine := true
	for _, name := range named {
		if !slices.Contains(p.DependsOn, name) {
			fine = false
			e.add(checkOrder, p.Name, Warning, fmt.Sprintf("add %s to depends-on of %s in deploy-manifest.yaml", name, p.Name),
				"interstack:dependencies names the stack of %s, depends-on does not: who deploys by the manifest alone may deploy %s first", name, p.Name)
		}
	}
	for _, name := range p.DependsOn {
		if !slices.Contains(named, name) {
			fine = false
			e.add(checkOrder, p.Name, Note, "", "depends-on has %s, interstack:dependencies does not name its stack: that is the order alone", name)
		}
	}
	if fine {
		e.ok(checkOrder, p.Name, "depends-on and interstack:dependencies say the same")
	}
}
