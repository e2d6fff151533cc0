package generate

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/workspace"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

const (
	platformFolder = "platform" + suffix
	// platformSuffix is how the name of a platform's project ends.
	platformSuffix = "-platform"
)

// planPlatform decides what a platform's files become.
func (r *request) planPlatform(repository *repository) (*outcome, error) {
	p := &problems{}
	wanted := skeleton.Stack{Folder: platformFolder, Release: r.release, UV: workspace.UV(repository.root)}
	wanted.Project = r.platformProject(p, repository)
	p.folder(repository, platformFolder)
	wanted.Language = r.languageOf(p, repository, platformFolder)
	wanted.Environments = r.platformEnvironments(p, repository)
	if err := p.err(); err != nil {
		return nil, err
	}
	wanted.Description = "The platform of " + application(wanted.Project) + ", what all of its plugins share."
	wanted.Module = module(repository, wanted.Project, "platform")
	files, err := skeleton.Platform(wanted)
	if err != nil {
		return nil, err
	}
	files = append(files, r.workflow(p, repository, wanted, nil)...)
	if err := p.err(); err != nil {
		return nil, err
	}
	return r.plan(repository, files, wanted, func(text []byte) ([]byte, error) {
		if _, exists := repository.platform(); exists {
			return text, nil
		}
		return manifest.AddPlatform(text, platformFolder, wanted.Project)
	})
}

// platformProject is the name of the platform's project.
func (r *request) platformProject(p *problems, repository *repository) string {
	entry, exists := repository.platform()
	if !exists {
		name := r.name
		if name == "" {
			name = plain(filepath.Base(repository.root))
		}
		if name == "" {
			p.add("the application needs a name, which cannot be made from that of the folder %s: 'reventless generate platform my-app'", filepath.Base(repository.root))
			return ""
		}
		p.name("an application", name)
		project := strings.TrimSuffix(name, platformSuffix) + platformSuffix
		p.projectName(project)
		return project
	}
	if path.Clean(entry.Path) != platformFolder {
		p.add("%s:%d: there is a platform already, in %s", manifest.File, entry.Line, entry.Path)
		return ""
	}
	project, err := repository.project(entry)
	p.keep(err)
	if r.name != "" && application(project) != strings.TrimSuffix(r.name, platformSuffix) {
		p.add("%s:%d: the platform is there already, and its project is called %s: leave out the name", manifest.File, entry.Line, project)
	}
	return project
}

// application is the name that all projects of an application begin with.
func application(platformProject string) string {
	return strings.TrimSuffix(platformProject, platformSuffix)
}

// module is the name of a Go module below the root's, else below the application's name.
func module(repository *repository, platformProject, name string) string {
	if root := repository.module(); root != "" {
		return root + "/" + name
	}
	return application(platformProject) + "/" + name
}

// platformEnvironments are those that are there and those that are asked for.
func (r *request) platformEnvironments(p *problems, repository *repository) []skeleton.Environment {
	there, err := repository.configurations(platformFolder)
	p.keep(err)
	var environments []skeleton.Environment
	for _, name := range r.environmentNames(p, there, nil) {
		environments = append(environments, skeleton.Environment{Name: name, Region: r.regionOf(name, there)})
	}
	return p.regions(environments)
}

// plan adds the user's own files to generated ones.
func (r *request) plan(repository *repository, files []generated.File, wanted skeleton.Stack, enter func([]byte) ([]byte, error)) (*outcome, error) {
	p := &problems{}
	plan, err := generated.Decide(repository.root, files)
	p.keep(err)
	edits, err := workspace.Register(repository.root, packages(files))
	p.keep(err)
	entered, err := enter(repository.text)
	p.keep(err)
	if err := p.err(); err != nil {
		return nil, err
	}
	for _, edit := range edits {
		plan.Edited(edit.Path, edit.Before, edit.After)
	}
	plan.Edited(manifest.File, repository.text, entered)
	return &outcome{files: plan, environment: wanted.Environments[0].Name, language: wanted.Language, release: wanted.Release}, nil
}

// packages are the folders that have package files.
func packages(files []generated.File) workspace.Packages {
	var found workspace.Packages
	for _, file := range files {
		folder, name := path.Split(file.Path)
		folder = path.Clean(folder)
		switch name {
		case "package.json":
			found.Node = append(found.Node, folder)
		case "go.mod":
			found.Go = append(found.Go, folder)
		case "pyproject.toml":
			found.Python = append(found.Python, folder)
		}
	}
	return found
}
