package program

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// packageJSON is what of a package.json says which folders it needs.
type packageJSON struct {
	Name       string            `json:"name"`
	Needed     map[string]string `json:"dependencies"`
	Developing map[string]string `json:"devDependencies"`
	Optional   map[string]string `json:"optionalDependencies"`
	Peers      map[string]string `json:"peerDependencies"`
	Workspaces json.RawMessage   `json:"workspaces"`
}

// javaScript are the sources of JavaScript and TypeScript in a folder by a package.json.
func (r *Reader) javaScript(ctx context.Context, folder, file string) ([]Source, error) {
	read, err := r.packageJSON(file)
	if err != nil {
		return nil, err
	}
	home := path.Dir(file)
	sources := files(r.tree.beside(home, "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"), folder)
	packages, err := r.workspace(ctx, home)
	for _, dependencies := range []map[string]string{read.Needed, read.Developing, read.Optional, read.Peers} {
		for _, name := range slices.Sorted(maps.Keys(dependencies)) {
			why := fmt.Sprintf("the dependency %s of %s", name, file)
			if place, local := localPackage(dependencies[name]); local {
				sources = append(sources, r.sources(home, place, why, true)...)
			} else if place := packages[name]; place != "" {
				sources = append(sources, Source{Path: place, Why: why, Dependency: true})
			}
		}
	}
	return sources, err
}

// localPackage is the path of a dependency that names one.
func localPackage(version string) (string, bool) {
	for _, prefix := range []string{"file:", "link:", "portal:"} {
		if place, local := strings.CutPrefix(version, prefix); local {
			return place, true
		}
	}
	place, local := strings.CutPrefix(version, "workspace:")
	if strings.HasPrefix(version, "./") || strings.HasPrefix(version, "../") || local && strings.HasPrefix(place, ".") {
		return cmp.Or(place, version), true
	}
	return "", false
}

func (r *Reader) packageJSON(file string) (read packageJSON, err error) {
	text, err := r.read(file)
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return read, fmt.Errorf("%s is not as npm wants it: %w", file, err)
	}
	return read, nil
}

// workspace are the folders of the packages of the workspace that a folder is in, by name.
// Whatever version of one a package asks for, it may be linked to the folder.
func (r *Reader) workspace(ctx context.Context, folder string) (map[string]string, error) {
	if packages, done := r.workspaces[folder]; done {
		return packages, nil
	}
	patterns, err := r.patterns(folder)
	var packages map[string]string
	switch {
	case err != nil:
	case len(patterns) > 0:
		packages, err = r.members(ctx, folder, patterns)
	case folder != ".":
		packages, err = r.workspace(ctx, path.Dir(folder))
	}
	r.workspaces[folder] = packages
	return packages, err
}

// patterns are those of the workspace whose root a folder is.
func (r *Reader) patterns(folder string) ([]string, error) {
	var patterns []string
	for _, file := range r.tree.beside(folder, "package.json") {
		read, err := r.packageJSON(file)
		if err != nil {
			return nil, err
		}
		var object struct{ Packages []string }
		if json.Unmarshal(read.Workspaces, &patterns) != nil && json.Unmarshal(read.Workspaces, &object) == nil {
			patterns = object.Packages
		}
	}
	for _, file := range r.tree.beside(folder, "pnpm-workspace.yaml", "lerna.json") {
		text, err := r.read(file)
		if err != nil {
			return nil, err
		}
		var read struct{ Packages []string }
		if err := yaml.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		patterns = append(patterns, read.Packages...)
	}
	return patterns, nil
}

func (r *Reader) members(ctx context.Context, root string, patterns []string) (map[string]string, error) {
	var globs []string
	for _, pattern := range patterns {
		if !strings.HasPrefix(pattern, "!") {
			globs = append(globs, path.Join(root, pattern, "package.json"))
		}
	}
	if len(globs) == 0 {
		return nil, nil
	}
	found, err := r.repository.List(ctx, globs...)
	packages := map[string]string{}
	for _, file := range found {
		if read, err := r.packageJSON(file); err == nil && read.Name != "" {
			packages[read.Name] = path.Dir(file)
		}
	}
	return packages, err
}
