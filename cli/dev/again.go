package dev

import (
	"context"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
)

// again deploys what is made of changed files. What changed while nothing could be deployed,
// because of a manifest that was wrong for a while, is deployed with it.
func (s *session) again(ctx context.Context, changed []string) error {
	maps.Copy(s.pending, s.roots.stacks(changed))
	if err := s.look(ctx, changed); err != nil {
		return err
	}
	stacks := s.pending
	if len(stacks) == 0 {
		s.steady.Lock()
		defer s.steady.Unlock()
		return s.left(ctx)
	}
	err := s.deploy(ctx, stacks)
	if err == nil {
		s.pending = map[string]string{}
	}
	return err
}

// look finds out which stacks there are now, and what they are made of.
func (s *session) look(ctx context.Context, changed []string) error {
	read, err := manifest.Read(s.plan.Manifest.Path)
	if err != nil {
		return err
	}
	plan, err := project.Read(read, s.plan.Environment)
	if err != nil {
		return err
	}
	if found, err := region(plan); err != nil {
		return err
	} else if found != s.region {
		return fmt.Errorf("the stacks are in %s now, the local AWS is in %s: end dev and start it again", found, s.region)
	}
	found, err := sources(ctx, plan)
	if err != nil {
		return err
	}
	maps.Copy(s.pending, found.stacks(changed))
	maps.Copy(s.pending, entries(s.plan, plan))
	maps.DeleteFunc(s.pending, func(name, _ string) bool { return !takesPart(plan, name) })
	s.plan, s.roots = plan, found
	s.watcher.Watch(found.all())
	return nil
}

// entries are the stacks that are new in a plan, or whose entry in the manifest is another.
func entries(before, now *project.Plan) map[string]string {
	changed := map[string]string{}
	for _, target := range now.Targets {
		old, known := before.Target(target.Name)
		old.Line = target.Line // where an entry is says nothing of it
		switch {
		case target.Skip != "":
		case !known || old.Skip != "":
			changed[target.Name] = "it is new"
		case !reflect.DeepEqual(old.Stack, target.Stack):
			changed[target.Name] = "its entry in the manifest changed"
		}
	}
	return changed
}

func takesPart(plan *project.Plan, name string) bool {
	target, known := plan.Target(name)
	return known && target.Skip == ""
}

// left deals with stacks that are deployed and of which the manifest knows nothing any more,
// or for which there is no configuration any more. They stay, with their data, because
// another branch may have been checked out; with Prune they are destroyed.
func (s *session) left(ctx context.Context) error {
	parts := taking(s.plan)
	if slices.Equal(parts, s.checked) {
		return nil // asking pulumi takes a moment, with each change of a file
	}
	deployed, err := s.workspace.Stacks(ctx, s.plan.Manifest.Folder)
	if err != nil {
		return err
	}
	s.checked = parts
	left := leftOf(s.plan, deployed)
	maps.DeleteFunc(s.told, func(name string, _ bool) bool { _, is := left[name]; return !is })
	for name, why := range left {
		switch {
		case s.options.Prune:
			s.display.Note(name + " " + why + ", and is destroyed")
			if err := s.workspace.Destroy(ctx, name, s.plan.Environment); err != nil {
				s.checked = nil // the next change tries again
				s.display.Note(name + " could not be destroyed: " + err.Error())
			}
		case !s.told[name]:
			s.told[name] = true
			s.display.Note(name + " " + why + ". It stays deployed, with its data, and is not watched; dev with --prune destroys it")
		}
	}
	return nil
}

// taking are the projects that take part, sorted.
func taking(plan *project.Plan) []string {
	var projects []string
	for _, target := range plan.Targets {
		if target.Skip == "" {
			projects = append(projects, target.Project)
		}
	}
	slices.Sort(projects)
	return projects
}

// leftOf are the projects of stacks that have resources and do not take part, with why not.
func leftOf(plan *project.Plan, deployed []pulumi.Info) map[string]string {
	left := map[string]string{}
	for _, info := range deployed {
		parts := strings.Split(info.Name, "/")
		if info.Resources == 0 || len(parts) < 2 || parts[len(parts)-1] != plan.Environment {
			continue
		}
		name, why := parts[len(parts)-2], "is no project of the manifest any more"
		for _, target := range plan.Targets {
			switch {
			case target.Project != name:
			case target.Skip == "":
				why = ""
			default:
				why = "does not take part any more, because " + target.Skip
			}
		}
		if why != "" {
			left[name] = why
		}
	}
	return left
}

// Destroy destroys the stack of a project, by the copy of its configuration: the project
// itself may be gone.
func (w *workspace) Destroy(ctx context.Context, project, stack string) error {
	folder, file, err := w.made(project, stack)
	if err != nil {
		return err
	}
	_, err = w.Command.Run(ctx, pulumi.Request{Operation: pulumi.Destroy, Folder: folder, Stack: stack, Arguments: []string{"--config-file", file, "--remove"}, Output: io.Discard})
	return err
}
