package doctor

import (
	"context"
	"strings"

	"github.com/blang/semver"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// releases compares the releases of the provider that made the stacks.
func (e *examination) releases(_ context.Context, p *patient) {
	if p.state == nil || len(p.state.Plugins)+len(p.state.Platforms) == 0 {
		e.unchecked(checkRelease, p.Name, "nothing of it is deployed, or its state cannot be read")
		return
	}
	if len(p.state.Platforms) > 0 {
		e.platformRelease(p)
	}
	for _, plugin := range p.state.Plugins {
		if p.home == nil {
			e.unchecked(checkRelease, p.Name, "its platform is not known")
			continue
		}
		e.pluginRelease(p, plugin)
	}
}

// pluginRelease compares a plugin's release, and the runtime that it was given, with those of
// its platform. A state does not always tell the release.
func (e *examination) pluginRelease(p *patient, plugin stack.Plugin) {
	layer := runtimeOf(plugin, p.home.RuntimeLayer)
	again := e.up(p.Name) + ": after its platform each plugin is deployed again"
	switch unknown := plugin.Release == "" || p.home.Release == ""; {
	case registry.Older(p.home.Release, plugin.Release): // false when either is not known
		e.add(checkRelease, p.Name, Problem, "deploy the platform first, then all plugins: run `reventless up --stack "+e.plan.Environment+"`",
			"%s was deployed by release %s, its platform by %s, which may not understand it", plugin.Name, plugin.Release, p.home.Release)
	case layer != "" && layer != p.home.RuntimeLayer:
		e.add(checkRelease, p.Name, Warning, again, "%s runs with the runtime layer %s, its platform has %s now", plugin.Name, layerName(layer), layerName(p.home.RuntimeLayer))
	case unknown && layer != "":
		e.ok(checkRelease, p.Name, "%s runs with the runtime layer that its platform has", plugin.Name)
	case unknown:
		e.add(checkRelease, p.Name, Note, "", "the states do not tell by which release of the provider %s and its platform were deployed", plugin.Name)
	case plugin.Release != p.home.Release:
		e.add(checkRelease, p.Name, Warning, again, "%s was deployed by release %s, its platform by %s already", plugin.Name, plugin.Release, p.home.Release)
	default:
		e.ok(checkRelease, p.Name, "%s and its platform were deployed by release %s", plugin.Name, plugin.Release)
	}
}

// platformRelease compares a platform's release with that of this command.
func (e *examination) platformRelease(p *patient) {
	release := p.home.Release
	own, err := semver.Parse(strings.TrimPrefix(e.Version, "v"))
	switch {
	case release == "" || err != nil || len(own.Pre) > 0:
		e.ok(checkRelease, p.Name, "deployed by release %s", orUnknown(release))
	case release != own.String():
		e.add(checkRelease, p.Name, Warning, "use the command and the provider of the same release; to upgrade, deploy the platform first, then all plugins",
			"the platform was deployed by release %s, this command is of %s", release, own)
	default:
		e.ok(checkRelease, p.Name, "deployed by release %s, that of this command", release)
	}
}

// runtimeOf is the version of a platform's runtime layer that a plugin's functions run with,
// "" when they run without it.
func runtimeOf(plugin stack.Plugin, current string) string {
	name := current[:strings.LastIndex(current, ":")+1]
	for _, layer := range plugin.Layers {
		if name != "" && strings.HasPrefix(layer, name) {
			return layer
		}
	}
	return ""
}

// layerName is the name and version of a layer, for people.
func layerName(arn string) string {
	_, name, found := strings.Cut(arn, ":layer:")
	if !found {
		return arn
	}
	return name
}

func orUnknown(release string) string {
	if release == "" {
		return "(the state does not tell)"
	}
	return release
}
