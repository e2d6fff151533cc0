package change

import (
	"fmt"
	"path"

	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// shared are the files that all stacks share when they are in the folder of the manifest or
// in the repository's root: what programs are made of, in which versions, and what runs them.
var shared = map[string]bool{
	"package.json": true, "package-lock.json": true, "npm-shrinkwrap.json": true, "pnpm-lock.yaml": true, "pnpm-workspace.yaml": true, "yarn.lock": true,
	"bun.lock": true, "bun.lockb": true, "lerna.json": true, ".npmrc": true, ".yarnrc.yml": true, ".node-version": true, ".nvmrc": true,
	"tsconfig.json": true, "rescript.json": true,
	"requirements.txt": true, "pyproject.toml": true, "uv.lock": true, "poetry.lock": true, "pdm.lock": true, "Pipfile": true, "Pipfile.lock": true, ".python-version": true,
	"go.mod": true, "go.sum": true, "go.work": true, "go.work.sum": true,
	".tool-versions": true, "mise.toml": true, ".pulumi.version": true,
}

// framework says whether all stacks share a file.
func (p *places) framework(file string) bool {
	folder := path.Dir(file)
	return (folder == "." || folder == p.root) && shared[path.Base(file)]
}

// providers are the ones that every stack is made with.
var providers = []string{"reventless", "aws"}

// compareProviders notes when a Pulumi.yaml pins another version of a provider. All stacks
// follow, since plugins and their platform are deployed by one version.
func (d *detection) compareProviders(found *places) {
	for file, text := range d.projects {
		if _, own := found.own[path.Dir(file)]; !own {
			continue
		}
		now, err := d.read(file)
		if err != nil {
			continue // another file is its project's now
		}
		was, is := pinned(text), pinned(now)
		for _, name := range providers {
			if was[name] != is[name] {
				d.all(reason{RuleFramework, fmt.Sprintf("it names another version of the provider %s", name)}, file)
			}
		}
	}
}

// pinned are the providers that a Pulumi.yaml names. What Pulumi refuses names none.
func pinned(text []byte) map[string]string {
	if !projectfile.MayNameProviders(text) {
		return nil
	}
	file, err := projectfile.Parse(text)
	if err != nil {
		return nil
	}
	return file.Providers
}
