package change

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/program"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// place is a file or folder whose changes change a stack.
type place struct {
	stack string
	why   reason
}

// places are what the stacks are made of. Paths are relative to the repository's root.
type places struct {
	manifest, root string
	// own are the stacks by their folders.
	own map[string]string
	// configured are the stacks by their configuration files, and by their Pulumi.local.yaml;
	// configFolders are where those files are.
	configured    map[string][]string
	configFolders map[string]bool
	// all are the other places by path, sorted are their paths.
	all    map[string][]place
	sorted []string
}

const localFile = "Pulumi.local.yaml"

// configFile is the file of a stack, also one that is disabled.
var configFile = regexp.MustCompile(`^Pulumi\..+\.(?:yaml|yml|json)(?:\.disabled)?$`)

// findPlaces finds the places of a plan's stacks, and the stacks outside of the repository.
func findPlaces(ctx context.Context, repository *git.Repository, plan *project.Plan, listing *git.Listing) (found *places, outside []string, err error) {
	reader := program.NewReader(repository, listing)
	p := &places{own: map[string]string{}, configured: map[string][]string{}, configFolders: map[string]bool{}, all: map[string][]place{}}
	p.manifest, _ = repository.Path(plan.Manifest.Path)
	p.root, _ = repository.Path(plan.Manifest.Folder)
	var problems []error
	for _, target := range plan.Targets {
		folder, inside := repository.Path(target.Folder)
		if !inside {
			outside = append(outside, target.Name)
			continue
		}
		p.own[folder] = target.Name
		p.configuration(repository, target, folder)
		beside := besides(folder)
		for _, other := range beside {
			p.add(other, target.Name, reason{RuleBeside, "it belongs to " + target.Path})
		}
		p.watch(repository, plan.Manifest.Folder, target)
		sources, err := reader.Sources(ctx, folder, beside...)
		problems = append(problems, err)
		p.program(target.Name, sources)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, nil, fmt.Errorf("find what the stacks are made of: %w", err)
	}
	p.sorted = slices.Sorted(maps.Keys(p.all))
	return p, outside, nil
}

func (p *places) watch(repository *git.Repository, folder string, target project.Target) {
	for _, watched := range target.Watch {
		for _, at := range repository.Paths(folder, watched) {
			p.add(at, target.Name, reason{RuleWatch, "it watches " + watched})
		}
	}
}

func (p *places) program(stack string, sources []program.Source) {
	for _, source := range sources {
		rule := RuleReads
		if source.Dependency {
			rule = RuleDependency
		}
		p.add(source.Path, stack, reason{rule, source.Why})
	}
}

func (p *places) add(at, stack string, why reason) {
	if !slices.Contains(p.all[at], place{stack, why}) {
		p.all[at] = append(p.all[at], place{stack, why})
	}
}

func (p *places) configuration(repository *git.Repository, target project.Target, folder string) {
	p.configFolders[folder] = true
	for _, file := range []string{target.Config, filepath.Join(target.Folder, localFile)} {
		if at, inside := repository.Path(file); inside {
			p.configured[at] = append(p.configured[at], target.Name)
			p.configFolders[path.Dir(at)] = true
		}
	}
}

// besides are the folders that belong to that of a stack by their names.
func besides(folder string) []string {
	bare, suffixed := strings.CutSuffix(folder, "-aws")
	if !suffixed || bare == "" || strings.HasSuffix(bare, "/") {
		return nil
	}
	return []string{bare, bare + "-spec"}
}

// match tells found which stacks a file changes, and why.
func (p *places) match(file string, found func(stack string, why reason)) {
	exact := func(at string) {
		for _, place := range p.all[at] {
			found(place.stack, place.why)
		}
	}
	exact(file)
	for _, stack := range p.configured[file] {
		found(stack, reason{RuleConfiguration, "its configuration"})
	}
	// A file of another environment counts only where it is named.
	if file == p.manifest || p.configFolders[path.Dir(file)] && configFile.MatchString(path.Base(file)) {
		return
	}
	// Of a submodule git says only that it changed.
	at, _ := slices.BinarySearch(p.sorted, file+"/")
	for ; at < len(p.sorted) && strings.HasPrefix(p.sorted[at], file+"/"); at++ {
		exact(p.sorted[at])
	}
	owned := false
	for folder := file; folder != "."; {
		folder = path.Dir(folder)
		exact(folder)
		// A stack's folder within another's is not the other's.
		if stack, own := p.own[folder]; own && !owned {
			found(stack, reason{RuleFolder, "its folder"})
			owned = true
		}
	}
}
