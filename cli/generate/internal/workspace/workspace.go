// Package workspace makes packages members of the workspace that a repository has, in the
// files of npm, Lerna, pnpm, Go and uv.
//
//  1. Only files that are there, and have a list of members, are changed; a repository
//     without one needs none.
//  2. A package that the list covers already, also by a pattern, changes nothing.
//  3. What is changed is the list: all other text stays as its author wrote it.
package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/reventless/pulumi-reventless/cli/internal/yamledit"
)

// Packages are folders with package files, relative to the root, by language.
type Packages struct {
	// Node have a package.json, Go a go.mod, Python a pyproject.toml.
	Node, Go, Python []string
}

// Edit is a file of the workspace with its changed text.
type Edit struct {
	Path          string
	Before, After []byte
}

// errLayout says that the list cannot be changed without its author.
var errLayout = yamledit.ErrLayout

// member gives a file's text with a folder added to its members.
type member func(text []byte, folder string) ([]byte, error)

// Register gives the edits that make the packages members; nothing is written. Files that
// already are as wanted are left out. The error has all problems, each with its file.
func Register(root string, packages Packages) ([]Edit, error) {
	var edits []Edit
	var problems []error
	for _, file := range []struct {
		name    string
		folders []string
		add     member
	}{
		{"package.json", packages.Node, addToPackageJSON},
		{"lerna.json", packages.Node, addToLerna},
		{"pnpm-workspace.yaml", packages.Node, addToPNPM},
		{"go.work", packages.Go, addToGoWork},
		{"pyproject.toml", packages.Python, addToPyProject},
	} {
		before, err := os.ReadFile(filepath.Join(root, file.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		after := before
		for _, folder := range file.folders {
			var changed []byte
			if changed, err = addTo(file.add, after, folder); err != nil {
				break
			}
			after = changed
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w; add %s to its members, then run the command again", file.name, err, strings.Join(file.folders, " and ")))
		}
		if !bytes.Equal(before, after) {
			edits = append(edits, Edit{file.name, before, after})
		}
	}
	return edits, errors.Join(problems...)
}

func addTo(add member, text []byte, folder string) ([]byte, error) {
	changed, err := add(text, folder)
	if changed == nil {
		changed = text
	}
	return changed, err
}

// UV says whether the root is a workspace of uv.
func UV(root string) bool {
	text, err := os.ReadFile(filepath.Join(root, "pyproject.toml"))
	if err != nil {
		return false
	}
	_, exists := uvMembers(text)
	return exists
}

// covers says whether patterns have a folder among them; those with ! take out again.
func covers(patterns []string, folder string) bool {
	covered := false
	for _, pattern := range patterns {
		pattern, negated := strings.CutPrefix(pattern, "!")
		pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
		if matched, err := doublestar.Match(pattern, folder); matched && err == nil {
			covered = !negated
		}
	}
	return covered
}

// texts are the elements of a list that are texts.
func texts(list any) []string {
	elements, _ := list.([]any)
	var found []string
	for _, element := range elements {
		if text, ok := element.(string); ok {
			found = append(found, text)
		}
	}
	return slices.Clip(found)
}
