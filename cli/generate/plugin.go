package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/workspace"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// selfManaged is the organization of all stacks on a self-managed backend.
const selfManaged = "organization"

// planPlugin decides what a plugin's files become.
func (r *request) planPlugin(repository *repository) (*outcome, error) {
	p := &problems{}
	p.pluginName(repository, r.name)
	folder := r.name + suffix
	entry, exists := repository.stack(r.name)
	wanted := skeleton.PluginStack{Name: r.name, Stack: skeleton.Stack{Folder: folder, Release: r.release, UV: workspace.UV(repository.root)}}
	wanted.Language = r.languageOf(p, repository, folder)
	wanted.Handler = skeleton.HandlerIn(p.choose("handler", r.handler, repository.handler(r.name), r.name, skeleton.Handlers), r.name)
	wanted.DependsOn = p.dependencies(repository, r.name, r.dependsOn, entry, exists)
	organization, platform := r.platformOf(p, repository)
	wanted.Project = application(platform) + "-" + r.name
	p.projectName(wanted.Project)
	p.projectIsFree(repository, r.name, wanted.Project)
	wanted.Environments = r.pluginEnvironments(p, repository, organization, platform, wanted.DependsOn)
	if err := p.err(); err != nil {
		return nil, err
	}
	wanted.Description = "The plugin " + r.name + " of " + application(platform) + "."
	wanted.Module = module(repository, platform, r.name)
	files, err := skeleton.Plugin(wanted)
	if err != nil {
		return nil, err
	}
	files = append(files, r.workflow(p, repository, wanted.Stack, &wanted)...)
	if err := p.err(); err != nil {
		return nil, err
	}
	return r.plan(repository, files, wanted.Stack, func(text []byte) ([]byte, error) {
		if exists {
			return text, nil
		}
		return manifest.AddPlugin(text, r.name, folder, wanted.DependsOn)
	})
}

// projectIsFree checks that no other stack has the project's name, or else both would be one.
func (p *problems) projectIsFree(repository *repository, name, project string) {
	for _, stack := range repository.stacks {
		if stack.Name == name {
			continue
		}
		if other, err := repository.project(stack); err == nil && other == project {
			p.add("%s:%d: the Pulumi project of %s is called %s, as that of %s would be: choose another name", manifest.File, stack.Line, stack.Name, project, name)
		}
	}
}

// platformOf is the organization and the project of the platform.
func (r *request) platformOf(p *problems, repository *repository) (organization, project string) {
	organization, project = r.givenPlatform(p)
	parts := strings.Split(repository.platformStack(r.name+suffix), "/")
	if len(parts) == 3 && organization == "" {
		organization = parts[0]
	}
	entry, exists := repository.platform()
	switch {
	case exists && project != "":
		p.add("%s:%d: the manifest has a platform of its own: leave out --platform", manifest.File, entry.Line)
	case exists:
		var err error
		project, err = repository.project(entry)
		p.keep(err)
	case project == "" && len(parts) == 3:
		project = parts[1]
	case project == "":
		p.add("%s", noPlatform(repository))
	}
	if organization == "" {
		organization = selfManaged
	}
	return organization, project
}

// givenPlatform is what flags say of the platform.
func (r *request) givenPlatform(p *problems) (organization, project string) {
	organization = r.organization
	if organization != "" && !pulumiName.MatchString(organization) {
		p.add("--org %q is no name of an organization: it is the first part of the platform's stack, as in my-org/my-app-platform/alpha", organization)
	}
	if r.platform != "" {
		parts := strings.Split(r.platform, "/")
		if len(parts) != 2 || !pulumiName.MatchString(parts[0]) || !pulumiName.MatchString(parts[1]) {
			p.add("--platform %q: name organization and project, such as my-org/my-app-platform; the stack is that of the environment", r.platform)
			return organization, "unknown"
		}
		project = parts[1]
		if organization == "" {
			organization = parts[0]
		}
	}
	return organization, project
}

// noPlatform says that the platform is not known, and what to do.
func noPlatform(repository *repository) string {
	const elsewhere = "or name that of another repository with --platform <organization>/<project>"
	if repository.text != nil {
		return manifest.File + " has no platform, and no plugin that names one: make it with 'reventless generate platform', " + elsewhere
	}
	if above, err := manifest.Find(repository.root); err == nil {
		return "there is no " + manifest.File + " in " + repository.root + ", but above it: name its folder with --cwd " + strings.TrimSuffix(above, manifest.File) + ", " + elsewhere
	}
	return "there is no " + manifest.File + " in " + repository.root + ": make a platform first with 'reventless generate platform', " + elsewhere
}

// pluginEnvironments are the stacks of a plugin: those that are there and asked for, else
// the platform's.
func (r *request) pluginEnvironments(p *problems, repository *repository, organization, platform string, dependsOn []string) []skeleton.Environment {
	there, err := repository.configurations(r.name + suffix)
	p.keep(err)
	ofPlatform := map[string]configuration{}
	if entry, exists := repository.platform(); exists {
		ofPlatform, err = repository.configurations(entry.Path)
		p.keep(err)
	}
	projects := p.projects(repository, dependsOn)
	var environments []skeleton.Environment
	for _, name := range r.environmentNames(p, there, sortedNames(ofPlatform)) {
		if _, exists := ofPlatform[name]; !exists && len(ofPlatform) > 0 {
			p.add("the platform has no environment %s, but %s: make it first with 'reventless generate platform --env %s'",
				name, strings.Join(slices.Sorted(maps.Keys(ofPlatform)), ", "), name)
		}
		environment := skeleton.Environment{Name: name, Region: r.regionOf(name, ofPlatform, there), PlatformStack: organization + "/" + platform + "/" + name}
		for _, project := range projects {
			environment.Dependencies = append(environment.Dependencies, organization+"/"+project+"/"+name)
		}
		environments = append(environments, environment)
	}
	return p.regions(environments)
}

// projects are the Pulumi projects of plugins.
func (p *problems) projects(repository *repository, names []string) []string {
	var projects []string
	for _, name := range names {
		if stack, exists := repository.stack(name); exists {
			project, err := repository.project(stack)
			p.keep(err)
			projects = append(projects, project)
		}
	}
	return projects
}
