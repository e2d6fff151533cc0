// Package program finds which files of a repository a Pulumi program is made of, beside those
// in its own folder.
//
//  1. [NewReader] takes the repository's files; what is ignored is no part of a program.
//  2. Of the project's Pulumi.yaml it takes `main`, and of a YAML program what it reads by
//     fn::fileArchive, fn::fileAsset and fn::readFile.
//  3. Of code, in the program's folder and in those that it reads, it follows the
//     dependencies on folders of the same repository, and theirs: by package.json for
//     JavaScript and TypeScript, requirements.txt and pyproject.toml for Python, go.mod,
//     go.work and imports for Go. A language counts where there are files of it.
//
// What is read at run time by a path that the program computes cannot be seen.
package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// Source is a file, or a folder with all that is in it, that a program is made of.
type Source struct {
	// Path is relative to the repository's root, with slashes; "." is the root.
	Path string
	// Why says what names it.
	Why string
	// Dependency says that code names it, and not the Pulumi project.
	Dependency bool
	// complete says that what it depends on is among the others already.
	complete bool
}

// Reader reads the programs of one repository, and keeps what several of them need. It is
// not for several goroutines.
type Reader struct {
	repository *git.Repository
	tree       *tree
	// followed are the dependencies of folders, workspaces the packages of npm workspaces by
	// folder and name, imports those of Go packages by folder.
	followed   map[string][]Source
	workspaces map[string]map[string]string
	imports    map[string][]string
}

// NewReader makes a reader of the repository's files.
func NewReader(repository *git.Repository, listing *git.Listing) *Reader {
	return &Reader{repository: repository, tree: newTree(listing.Files), followed: map[string][]Source{},
		workspaces: map[string]map[string]string{}, imports: map[string][]string{}}
}

// Sources are what the program of a project's folder is made of. further are folders whose
// dependencies are the program's too. The error has every file that cannot be read.
func (r *Reader) Sources(ctx context.Context, folder string, further ...string) ([]Source, error) {
	sources, at, err := r.project(folder)
	problems := []error{err}
	waiting := append([]string{folder, at}, further...)
	for _, source := range sources {
		waiting = append(waiting, source.Path)
	}
	seen := map[string]bool{}
	for len(waiting) > 0 {
		next := waiting[0]
		waiting = waiting[1:]
		if seen[next] {
			continue
		}
		seen[next] = true
		found, err := r.follow(ctx, next)
		problems = append(problems, err)
		for _, source := range found {
			sources = append(sources, source)
			if !source.complete {
				waiting = append(waiting, source.Path)
			}
		}
	}
	return sources, errors.Join(problems...)
}

// project are the sources that the Pulumi project itself names, and the folder in which the
// program runs, to which its paths are relative.
func (r *Reader) project(folder string) (sources []Source, at string, err error) {
	file, name, err := projectfile.Read(r.absolute(folder, "."))
	if errors.Is(err, os.ErrNotExist) {
		return nil, folder, nil
	}
	if err != nil {
		return nil, folder, fmt.Errorf("%s: %w", path.Join(folder, name), err)
	}
	name = path.Join(folder, name)
	sources, at = r.main(folder, file.Main, name)
	return append(sources, r.yaml(folder, at, file, name)...), at, nil
}

// main is the folder that the program runs in, a source when it is another one.
func (r *Reader) main(folder, main, file string) ([]Source, string) {
	if main == "" {
		return nil, folder
	}
	absolute := r.absolute(folder, main)
	if info, err := os.Stat(absolute); err != nil || !info.IsDir() {
		absolute = filepath.Dir(absolute) // of a file, which may have yet to be built
	}
	at, inside := r.repository.Path(absolute)
	if !inside {
		return nil, folder
	}
	if within(at, folder) {
		return nil, at
	}
	return []Source{{Path: at, Why: "`main` of " + file}}, at
}

// sources are the places in the repository that a path, relative to a folder, means.
func (r *Reader) sources(folder, written, why string, dependency bool) (found []Source) {
	for _, at := range r.repository.Paths(r.absolute(folder, "."), written) {
		found = append(found, Source{Path: at, Why: why, Dependency: dependency})
	}
	return found
}

func (r *Reader) absolute(folder, written string) string {
	written = filepath.FromSlash(written)
	if filepath.IsAbs(written) {
		return filepath.Clean(written)
	}
	return filepath.Join(r.repository.Root, filepath.FromSlash(folder), written)
}

func (r *Reader) read(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(r.repository.Root, filepath.FromSlash(file)))
}

// within says whether a path is a folder or in it.
func within(file, folder string) bool {
	return folder == "." || file == folder || strings.HasPrefix(file, folder+"/")
}
