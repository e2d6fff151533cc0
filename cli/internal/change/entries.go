package change

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// Removed is a Pulumi project whose stack the manifest does not have any more. Nothing
// destroys it but its owner.
type Removed struct {
	// Name and Path are those of the manifest at the base.
	Name    string `json:"name"`
	Path    string `json:"path"`
	Project string `json:"project"`
	// Command destroys the stack when it is run in the repository's root.
	Command string `json:"command"`
}

// compareManifest compares the entries of the manifest with those at the base.
func (d *detection) compareManifest(ctx context.Context, found *places, changed []string) error {
	before := d.plan.Manifest
	if slices.Contains(changed, found.manifest) {
		files, err := d.since.Before(ctx, found.manifest)
		if err != nil {
			return err
		}
		text, existed := files[found.manifest]
		if !existed {
			d.all(reason{RuleManifest, "the manifest is new"}, "")
			return nil
		}
		if before, err = manifest.Parse(found.manifest+" at the base", text); err != nil {
			problem, _, _ := strings.Cut(err.Error(), "\n")
			d.all(reason{RuleManifest, "its entry cannot be compared: " + problem}, "")
			return nil
		}
		for _, target := range d.plan.Targets {
			for _, why := range differs(before, target.Stack) {
				d.because(target.Name, reason{RuleManifest, why}, "")
			}
		}
	}
	return d.findRemoved(ctx, found, before)
}

// differs are the ways in which an entry differs from the one before.
func differs(before *manifest.Manifest, now manifest.Stack) (ways []string) {
	was, existed := before.Stack(now.Name)
	if !existed {
		for _, other := range before.Stacks {
			if path.Clean(other.Path) == path.Clean(now.Path) {
				return []string{fmt.Sprintf("its entry was called %s", other.Name)}
			}
		}
		return []string{"its entry is new"}
	}
	if path.Clean(was.Path) != path.Clean(now.Path) {
		ways = append(ways, fmt.Sprintf("its path was %s", was.Path))
	}
	for key, lists := range map[string][2][]string{"depends-on": {was.DependsOn, now.DependsOn}, "watch": {was.Watch, now.Watch}} {
		if sorted := slices.Sorted(slices.Values(lists[0])); !slices.Equal(sorted, slices.Sorted(slices.Values(lists[1]))) {
			ways = append(ways, fmt.Sprintf("its %s was [%s]", key, strings.Join(sorted, ", ")))
		}
	}
	return ways
}

// findRemoved finds the projects of the manifest before that it has not any more. An entry
// that was renamed or moved is the same stack as long as its project is called the same; one
// whose project is called another way has left a stack behind.
func (d *detection) findRemoved(ctx context.Context, found *places, before *manifest.Manifest) error {
	if git.CheckStackName(d.plan.Environment) != nil {
		return nil // nothing is deployed there
	}
	texts, err := d.unchanged(ctx, found, before)
	if err != nil {
		return err
	}
	maps.Copy(texts, d.projects)
	for _, stack := range before.Stacks {
		for _, file := range projectfile.Names {
			file = path.Join(found.root, stack.Path, file)
			name := projectfile.Name(texts[file])
			if name != "" && !slices.ContainsFunc(d.plan.Manifest.Stacks, func(now manifest.Stack) bool { return now.Project == name }) {
				d.removed = append(d.removed, Removed{Name: stack.Name, Path: stack.Path, Project: name, Command: d.destroy(file, name)})
			}
		}
	}
	return nil
}

// unchanged are the project files that did not change of entries of the manifest before whose
// folders are no stack's any more.
func (d *detection) unchanged(ctx context.Context, found *places, before *manifest.Manifest) (map[string][]byte, error) {
	var files []string
	for _, stack := range before.Stacks {
		folder := path.Join(found.root, stack.Path)
		if found.own[folder] != "" {
			continue
		}
		for _, file := range projectfile.Names {
			if file = path.Join(folder, file); d.projects[file] == nil {
				files = append(files, file)
			}
		}
	}
	return d.since.Before(ctx, files...)
}

// destroy is the command that destroys the stack of a project: with its folder if that is
// still there, else with the folder as it was at the base.
func (d *detection) destroy(file, name string) string {
	folder := path.Dir(file)
	if text, err := d.read(file); err == nil && projectfile.Name(text) == name {
		return "pulumi destroy --cwd " + quoted(folder) + " --stack " + d.plan.Environment
	}
	commit := d.base.Commit[:12]
	return fmt.Sprintf("git worktree add ../removed-%s %s && pulumi destroy --cwd %s --stack %s",
		commit, commit, quoted("../removed-"+commit+"/"+folder), d.plan.Environment)
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return strings.ContainsRune(" \t\n'\"\\$`&|;<>()*?[]{}!#~", r) }) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// read reads a file as it is now.
func (d *detection) read(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(d.repository.Root, filepath.FromSlash(file)))
}
