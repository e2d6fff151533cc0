package program

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// requirementsTXT are the sources of Python in a folder by a requirements.txt.
func (r *Reader) requirementsTXT(folder, file string) ([]Source, error) {
	found, err := r.requirements(file, map[string]bool{})
	return append(files([]string{file}, folder), found...), err
}

// pyprojectTOML are the sources of Python in a folder by a pyproject.toml.
func (r *Reader) pyprojectTOML(folder, file string) ([]Source, error) {
	found, err := r.pyproject(file)
	beside := r.tree.beside(path.Dir(file), "pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock")
	return append(files(beside, folder), found...), err
}

var (
	// included is a line with a further file, editable the option before a path.
	included = regexp.MustCompile(`^(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)`)
	editable = regexp.MustCompile(`^(?:-e|--editable)[ =]?\s*`)
	// named is a requirement with a place, as in `shared @ file:../shared`.
	named = regexp.MustCompile(`^[A-Za-z0-9._-]+\s*(?:\[[^]]*\])?\s*@\s*`)
	// rest is what comes behind a path: extras, a marker, options, a comment.
	rest = regexp.MustCompile(`(\[[^]]*\])?\s*(;.*|\s#.*|\s--.*)?$`)
)

// requirements are the folders and files that the lines of a requirements.txt name.
func (r *Reader) requirements(file string, seen map[string]bool) ([]Source, error) {
	if seen[file] {
		return nil, nil
	}
	seen[file] = true
	text, err := r.read(file)
	if err != nil {
		return nil, err
	}
	var sources []Source
	var problems []error
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		why := fmt.Sprintf("`%s` of %s", line, file)
		if further := included.FindStringSubmatch(line); further != nil {
			for _, source := range r.sources(path.Dir(file), further[1], why, true) {
				sources = append(sources, source)
				if r.tree.files[source.Path] {
					found, err := r.requirements(source.Path, seen)
					sources, problems = append(sources, found...), append(problems, err)
				}
			}
		} else if place, local := localRequirement(line); local {
			sources = append(sources, r.sources(path.Dir(file), place, why, true)...)
		}
	}
	return sources, errors.Join(problems...)
}

// localRequirement is the path that a requirement names.
func localRequirement(line string) (string, bool) {
	place := rest.ReplaceAllString(editable.ReplaceAllString(line, ""), "")
	if at := named.FindString(place); at != "" {
		place = strings.TrimPrefix(place, at)
		if !strings.HasPrefix(place, "file:") {
			return "", false
		}
	}
	place = strings.TrimPrefix(strings.TrimPrefix(place, "file://"), "file:")
	local := strings.HasPrefix(place, "./") || strings.HasPrefix(place, "../") || place == "." || place == ".." ||
		editable.MatchString(line) && !strings.Contains(place, "://")
	return place, local
}

// place is a dependency that may name a folder.
type place struct {
	Path string `toml:"path"`
}

// pyproject is what of a pyproject.toml names dependencies: PEP 508, Poetry and uv.
type pyproject struct {
	Project struct {
		Dependencies []string
		Optional     map[string][]string `toml:"optional-dependencies"`
	}
	Tool struct {
		Poetry struct {
			Dependencies map[string]toml.Primitive
			Group        map[string]struct{ Dependencies map[string]toml.Primitive }
		}
		UV struct{ Sources map[string]toml.Primitive }
	}
}

// pyproject are the paths that a pyproject.toml names.
func (r *Reader) pyproject(file string) ([]Source, error) {
	text, err := r.read(file)
	if err != nil {
		return nil, err
	}
	var read pyproject
	meta, err := toml.Decode(string(text), &read)
	if err != nil {
		return nil, fmt.Errorf("%s is no TOML that Python packages have: %w", file, err)
	}
	var sources []Source
	for _, to := range append(read.lines(), read.tables(meta)...) {
		sources = append(sources, r.sources(path.Dir(file), to, fmt.Sprintf("the dependency %s of %s", to, file), true)...)
	}
	return sources, nil
}

// lines are the paths of requirements.
func (p *pyproject) lines() (paths []string) {
	lines := slices.Clone(p.Project.Dependencies)
	for _, name := range slices.Sorted(maps.Keys(p.Project.Optional)) {
		lines = append(lines, p.Project.Optional[name]...)
	}
	for _, line := range lines {
		if to, local := localRequirement(line); local {
			paths = append(paths, to)
		}
	}
	return paths
}

// tables are the paths of Poetry's dependencies and uv's sources. A version is a text, and
// what differs by platform a list.
func (p *pyproject) tables(meta toml.MetaData) (paths []string) {
	tables := []map[string]toml.Primitive{p.Tool.Poetry.Dependencies, p.Tool.UV.Sources}
	for _, name := range slices.Sorted(maps.Keys(p.Tool.Poetry.Group)) {
		tables = append(tables, p.Tool.Poetry.Group[name].Dependencies)
	}
	for _, table := range tables {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			var one place
			var several []place
			if meta.PrimitiveDecode(table[name], &one) != nil && meta.PrimitiveDecode(table[name], &several) != nil {
				continue
			}
			for _, named := range append(several, one) {
				if named.Path != "" {
					paths = append(paths, named.Path)
				}
			}
		}
	}
	return paths
}
