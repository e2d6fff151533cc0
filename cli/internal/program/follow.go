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
	if used&javaScript != 0 {
		add(r.javaScript(ctx, folder))
	}
	if used&python != 0 {
		add(r.python(folder))
	}
	if used&golang != 0 {
		add(r.golang(folder))
	}
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
