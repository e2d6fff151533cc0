package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// projectFiles are the names that Pulumi knows a project's file by.
var projectFiles = []string{"Pulumi.yaml", "Pulumi.yml", "Pulumi.json"}

// resolve finds each stack's folder and project.
func (m *Manifest) resolve() error {
	p := &parser{file: filepath.Base(m.Path)}
	projects := map[string]Stack{}
	for i := range m.Stacks {
		stack := &m.Stacks[i]
		stack.Folder = filepath.Join(m.Folder, filepath.FromSlash(stack.Path))
		name, err := ProjectName(stack.Folder)
		if err != nil {
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

// ProjectName is the name of the Pulumi project in a folder; the error says why there is none.
func ProjectName(folder string) (string, error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", errors.New("there is no such folder")
	}
	for _, file := range projectFiles {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		var project struct {
			Name string `yaml:"name"`
		}
		if err := yaml.Unmarshal(text, &project); err != nil {
			return "", fmt.Errorf("its %s is no YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if project.Name == "" {
			return "", fmt.Errorf("its %s has no name", file)
		}
		return project.Name, nil
	}
	return "", errors.New("the folder has no Pulumi.yaml; make it with 'reventless generate'")
}
