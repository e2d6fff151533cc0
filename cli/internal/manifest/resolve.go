package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// resolve finds each stack's folder and project.
func (m *Manifest) resolve() error {
	p := &parser{file: filepath.Base(m.Path)}
	projects := map[string]Stack{}
	for i := range m.Stacks {
		m.Stacks[i].Folder = filepath.Join(m.Folder, filepath.FromSlash(m.Stacks[i].Path))
	}
	for i, found := range m.projects() {
		stack, name := &m.Stacks[i], found.name
		if err := found.err; err != nil {
			p.wrong(stack.Line, "the path %s of %s: %s", stack.Path, stack.Name, err)
			continue
		}
		if stack.Project != "" && stack.Project != name {
			p.wrong(stack.Line, "%s has the name %s, but the Pulumi project in %s is called %s: make them the same", stack.Name, stack.Project, stack.Path, name)
		}
		stack.Project = name
		if other, twice := projects[name]; twice {
			p.wrong(stack.Line, "%s and %s are of one Pulumi project name, %s, so their stacks would be the same: rename one in its Pulumi.yaml", other.Name, stack.Name, name)
		}
		projects[name] = *stack
		for _, watched := range stack.Watch {
			if _, err := os.Stat(filepath.Join(m.Folder, filepath.FromSlash(watched))); err != nil {
				p.wrong(stack.Line, "%s watches %s, which is not there", stack.Name, watched)
			}
		}
	}
	return errors.Join(p.problems...)
}

// found is the project in a stack's folder.
type found struct {
	name string
	err  error
}

// projects are those of the stacks, read at once.
func (m *Manifest) projects() []found {
	projects := make([]found, len(m.Stacks))
	var reading errgroup.Group
	reading.SetLimit(runtime.GOMAXPROCS(0))
	for i, stack := range m.Stacks {
		reading.Go(func() error {
			projects[i].name, projects[i].err = ProjectName(stack.Folder)
			return nil
		})
	}
	_ = reading.Wait() // each has its own error
	return projects
}

// ProjectName is the name of the Pulumi project in a folder; the error says why there is none.
func ProjectName(folder string) (string, error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", errors.New("there is no such folder")
	}
	file, name, err := projectfile.Read(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", errors.New("the folder has no Pulumi.yaml; make it with 'reventless generate'")
	case err != nil:
		return "", fmt.Errorf("its %s: %w", name, err)
	case file.Name == "":
		return "", fmt.Errorf("its %s has no name", name)
	}
	return file.Name, nil
}
