package program

import (
	"context"
	"errors"
	"path"
)

// follow are the sources that the code in a folder, or a file of code, depends on.
func (r *Reader) follow(ctx context.Context, folder string) ([]Source, error) {
	if r.tree.files[folder] {
		folder = path.Dir(folder)
	}
	if found, done := r.followed[folder]; done {
		return found, nil
	}
	var found []Source
	var problems []error
	add := func(sources []Source, err error) {
		problems = append(problems, err)
		for _, source := range sources {
			if !within(source.Path, folder) {
				found = append(found, source)
			}
		}
	}
	used := r.tree.languages[folder]
	each := func(of language, name string, read func(folder, file string) ([]Source, error)) {
		if used&of == 0 {
			return
		}
		for _, file := range r.tree.naming(folder, name) {
			add(read(folder, file))
		}
	}
	each(javaScript, "package.json", func(folder, file string) ([]Source, error) { return r.javaScript(ctx, folder, file) })
	each(python, "requirements.txt", r.requirementsTXT)
	each(python, "pyproject.toml", r.pyprojectTOML)
	each(golang, "go.mod", r.golang)
	r.followed[folder] = found
	return found, errors.Join(problems...)
}

// files are sources that say what code is made of, like lock files.
func files(paths []string, folder string) (sources []Source) {
	for _, file := range paths {
		sources = append(sources, Source{Path: file, Why: "it has the dependencies of " + folder, Dependency: true, complete: true})
	}
	return sources
}
