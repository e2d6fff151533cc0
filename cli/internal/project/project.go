// Package project reads what the Pulumi projects of a manifest say about one environment.
//
//  1. An environment is the name of a stack in every project. A project without a
//     Pulumi.<environment>.yaml does not take part in it; [Target.Skip] says so. None takes
//     part in an environment whose name, that of a branch, no stack can have.
//  2. platform:stack and interstack:dependencies of that file name other stacks. Those of
//     the manifest's own projects give the order, beside depends-on; the others are stacks
//     of other repositories.
//  3. A circle that these make is an error that names it in full.
package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// Target is a stack of the manifest in one environment.
type Target struct {
	manifest.Stack
	// Config is the stack's configuration file; Skip is why the stack does not take part,
	// "" when it does.
	Config, Skip string
	// After are the names of the targets that are deployed before.
	After []string
	// References are the stacks that the program reads, as organization/project/stack:
	// PlatformStack, "" when the file names none, and Dependencies.
	References    []string
	PlatformStack string
	Dependencies  []string
	// Region is aws:region of the file, "" without one.
	Region string
}

// Plan is all targets of an environment.
type Plan struct {
	Manifest    *manifest.Manifest
	Environment string
	Targets     []Target
}

// Target is the target of a name.
func (p *Plan) Target(name string) (Target, bool) {
	for _, target := range p.Targets {
		if target.Name == name {
			return target, true
		}
	}
	return Target{}, false
}

// External are the references that are no stacks of the manifest, by target.
func (p *Plan) External(target Target) []string {
	return slices.DeleteFunc(slices.Clone(target.References), func(reference string) bool { return p.Own(reference) != "" })
}

// Read reads the projects of a manifest.
func Read(m *manifest.Manifest, environment string) (*Plan, error) {
	plan := &Plan{Manifest: m, Environment: environment}
	var problems []error
	for _, stack := range m.Stacks {
		target, err := read(stack, environment)
		problems = append(problems, err)
		plan.Targets = append(plan.Targets, target)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, target := range plan.Targets {
		names[target.Project] = target.Name
	}
	for i := range plan.Targets {
		plan.Targets[i].After = plan.after(plan.Targets[i], names)
	}
	return plan, plan.checkCircle()
}

// after is whom a target comes after: the platform, what the manifest says, and the
// stacks of the manifest that its configuration names. names are the targets' by project.
func (p *Plan) after(target Target, names map[string]string) []string {
	before := map[string]bool{}
	for _, name := range target.DependsOn {
		before[name] = true
	}
	for _, reference := range target.References {
		before[names[p.projectOf(reference)]] = true
	}
	var after []string
	for _, other := range p.Targets {
		if other.Name != target.Name && (other.Platform || before[other.Name]) {
			after = append(after, other.Name)
		}
	}
	return after
}

// Own is the name of the target that a reference means, "" when it is none of these.
func (p *Plan) Own(reference string) string {
	project := p.projectOf(reference)
	for _, target := range p.Targets {
		if project != "" && target.Project == project {
			return target.Name
		}
	}
	return ""
}

// projectOf is the project of a reference to a stack of this environment, "" for another's.
func (p *Plan) projectOf(reference string) string {
	parts := strings.Split(reference, "/")
	if len(parts) < 2 || parts[len(parts)-1] != p.Environment {
		return ""
	}
	return parts[len(parts)-2]
}

func (p *Plan) checkCircle() error {
	done := map[string]bool{}
	var circle []string
	var visit func(name string, way []string) bool
	visit = func(name string, way []string) bool {
		if at := slices.Index(way, name); at >= 0 {
			circle = append(slices.Clone(way[at:]), name)
			return true
		}
		if done[name] {
			return false
		}
		done[name] = true
		target, _ := p.Target(name)
		return slices.ContainsFunc(target.After, func(next string) bool { return visit(next, append(slices.Clone(way), name)) })
	}
	for _, target := range p.Targets {
		if visit(target.Name, nil) {
			return fmt.Errorf("these stacks need each other in a circle, so none can be deployed first: %s; see depends-on in %s and interstack:dependencies in their Pulumi.%s.yaml, and take one out "+
				"(the platform wires plugins that use each other's extension points, one of them needs no dependency)", strings.Join(circle, " → "), filepath.Base(p.Manifest.Path), p.Environment)
		}
	}
	return nil
}

func read(stack manifest.Stack, environment string) (Target, error) {
	target := Target{Stack: stack}
	folder, err := configFolder(stack.Folder)
	if err != nil {
		return target, err
	}
	file := "Pulumi." + environment + ".yaml"
	target.Config = filepath.Join(folder, file)
	if err := git.CheckStackName(environment); err != nil {
		target.Skip = fmt.Sprintf("no stack can be called %s, so it has no file", environment)
		return target, nil
	}
	text, err := os.ReadFile(target.Config)
	if errors.Is(err, os.ErrNotExist) {
		target.Skip = "there is no " + filepath.ToSlash(filepath.Join(stack.Path, file))
		if _, err := os.Stat(target.Config + ".disabled"); err == nil {
			target.Skip = filepath.ToSlash(filepath.Join(stack.Path, file)) + " is disabled"
		}
		return target, nil
	}
	if err != nil {
		return target, fmt.Errorf("read the configuration of %s: %w", stack.Name, err)
	}
	if err := target.configure(text); err != nil {
		return target, fmt.Errorf("%s: %w", filepath.ToSlash(filepath.Join(stack.Path, file)), err)
	}
	return target, nil
}

// configFolder is where a project keeps its stacks' configuration.
func configFolder(folder string) (string, error) {
	file, name, err := projectfile.Read(folder)
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Join(folder, name), err)
	}
	return filepath.Join(folder, file.StackConfigDir), nil
}
