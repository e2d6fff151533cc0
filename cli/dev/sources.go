package dev

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// roots are the files and folders that stacks are made of, with the stacks' names.
type roots map[string][]string

// sources finds what the stacks are made of, those too that do not take part: they may begin
// to. The manifest belongs to none of them.
func sources(ctx context.Context, plan *project.Plan) (roots, error) {
	repository, err := git.Open(ctx, plan.Manifest.Folder)
	if err != nil {
		return nil, fmt.Errorf("the files that stacks are made of are found by git: %w", err)
	}
	found, err := change.Sources(ctx, repository, plan)
	if err != nil {
		return nil, err
	}
	watched := roots{plan.Manifest.Path: nil}
	for _, target := range plan.Targets {
		for _, path := range append(found[target.Name], target.Folder, target.Config) {
			if path = filepath.Clean(path); !slices.Contains(watched[path], target.Name) {
				watched[path] = append(watched[path], target.Name)
			}
		}
	}
	return watched, nil
}

// all are the roots, sorted.
func (r roots) all() []string { return slices.Sorted(maps.Keys(r)) }

// stacks are the stacks that are made of changed roots, with one that changed.
func (r roots) stacks(changed []string) map[string]string {
	stacks := map[string]string{}
	for _, root := range changed {
		for _, name := range r[root] {
			stacks[name] = root + " changed"
		}
	}
	return stacks
}
