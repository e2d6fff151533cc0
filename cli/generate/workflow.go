package generate

import (
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
)

// workflow is the workflow that deploys from GitHub: none, unless it is asked for or was
// generated before. A workflow deploys to an account with the next push, so nobody gets one
// unasked.
func (r *request) workflow(p *problems, repository *repository, wanted skeleton.Stack, handler *skeleton.PluginStack) []generated.File {
	there, known := repository.exists(skeleton.WorkflowFile), false
	if there {
		var err error
		known, err = generated.Known(repository.root, skeleton.WorkflowFile)
		p.keep(err)
	}
	switch {
	case r.github && !repository.exists(".git"):
		p.add("--github: %s is not the root of a git repository, where GitHub looks for workflows: run `git init` there first; for a manifest below the root, copy the workflow of docs/github.md", repository.root)
		return nil
	case r.github && there && !known:
		p.add("--github: %s is there and is yours: call the reusable workflow from it as docs/github.md says, or rename it", skeleton.WorkflowFile)
		return nil
	case !r.github && !known:
		return nil
	}
	file, err := skeleton.Workflow(repository.deployment(r.release, wanted, handler))
	p.keep(err)
	return []generated.File{file}
}

// deployment is what a run needs, of the stacks that are there and the wanted one.
func (r *repository) deployment(release skeleton.Release, wanted skeleton.Stack, plugin *skeleton.PluginStack) skeleton.Deployment {
	environments, programs, builds := map[string]bool{}, map[string]bool{wanted.Language: true}, map[string]bool{}
	for _, environment := range wanted.Environments {
		environments[environment.Name] = true
	}
	for _, stack := range r.stacks {
		// What cannot be read is said where it counts.
		if language, err := r.language(stack.Path); err == nil {
			programs[language] = true
		}
		configurations, _ := r.configurations(stack.Path)
		for name := range configurations {
			environments[name] = true
		}
		if !stack.Platform && r.exists(stack.Name, "build", "main.go") {
			builds[stack.Name] = true
		}
	}
	if plugin != nil && plugin.Handler.Language == skeleton.Go {
		builds[plugin.Name] = true
	}
	return skeleton.Deployment{Environments: slices.Sorted(maps.Keys(environments)), Node: programs[skeleton.TypeScript], Python: programs[skeleton.Python],
		Go: programs[skeleton.Go] || len(builds) > 0, Builds: slices.Sorted(maps.Keys(builds)), Release: release}
}
