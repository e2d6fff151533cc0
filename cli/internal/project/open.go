package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// Selection is what a user names of a repository.
type Selection struct {
	// Folder is where the manifest is looked for, and above; "" is the working directory.
	Folder string
	// Manifest is another manifest, relative to the folder; "" looks for one.
	Manifest string
	// Environment is the name of the stacks; "" is that of the branch, see
	// [git.Environment].
	Environment string
}

// Path is the absolute path of the manifest.
func (s Selection) Path() (string, error) {
	folder, err := filepath.Abs(s.Folder)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", fmt.Errorf("there is no folder %s: name one of the repository with --cwd", folder)
	}
	switch {
	case s.Manifest == "":
		return manifest.Find(folder)
	case filepath.IsAbs(s.Manifest):
		return s.Manifest, nil
	}
	return filepath.Join(folder, s.Manifest), nil
}

// Open reads the manifest and the projects that a user means. lookup is [os.LookupEnv].
func Open(ctx context.Context, selected Selection, lookup func(string) (string, bool)) (*Plan, error) {
	path, err := selected.Path()
	if err != nil {
		return nil, err
	}
	m, err := manifest.Read(path)
	if err != nil {
		return nil, err
	}
	environment, err := git.Environment(ctx, m.Folder, selected.Environment, lookup)
	if err != nil {
		return nil, err
	}
	return Read(m, environment)
}
