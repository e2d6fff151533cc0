// Package manifest reads deploy-manifest.yaml, which says what stacks a repository has and
// in which order they are deployed.
//
//  1. [Find] looks for the file from a folder upwards, [Read] reads it.
//  2. Every key and every name is checked, and each folder for the Pulumi project in it;
//     all that is wrong comes in one error, each problem with its line.
//  3. The platform comes before every plugin. A plugin comes after those that it depends
//     on; a cycle is named in full.
//
// The file's own JSON Schema, for editors, is [Schema].
package manifest

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is the name of the manifest.
const File = "deploy-manifest.yaml"

// PlatformName is the name that the platform's stack goes by, in commands and reports.
const PlatformName = "platform"

// Schema is the JSON Schema of the manifest.
//
//go:embed manifest.schema.json
var Schema []byte

// Manifest is what a repository deploys.
type Manifest struct {
	// Path is the file, Folder where it is; both are absolute.
	Path, Folder string
	// Stacks are in the manifest's order, the platform first.
	Stacks []Stack
}

// Stack is one entry.
type Stack struct {
	// Name is the plugin's name, [PlatformName] for the platform.
	Name string
	// Platform says that it is the platform's.
	Platform bool
	// Project is the name of the Pulumi project, as its Pulumi.yaml says it.
	Project string
	// Path is the project's folder as the manifest has it, Folder the absolute one.
	Path, Folder string
	// DependsOn are the names of the plugins that are deployed before.
	DependsOn []string
	// Watch are further files and folders whose changes change the stack, relative to the
	// manifest.
	Watch []string
	// Line is where the entry begins.
	Line int
}

// Stack is the stack of a name.
func (m *Manifest) Stack(name string) (Stack, bool) {
	for _, stack := range m.Stacks {
		if stack.Name == name {
			return stack, true
		}
	}
	return Stack{}, false
}

// Names are those of all stacks, in their order.
func (m *Manifest) Names() []string {
	names := make([]string, len(m.Stacks))
	for i, stack := range m.Stacks {
		names[i] = stack.Name
	}
	return names
}

// Find is the path of the manifest of a folder: in it, or in the nearest folder above
// it that has one.
func Find(folder string) (string, error) {
	start, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		path := filepath.Join(folder, File)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("there is no %s in %s nor above it: name it with --manifest, or make one with 'reventless generate platform'", File, start)
		}
	}
}

// Read reads a manifest. The error has every problem, each with its line.
func Read(path string) (*Manifest, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no manifest %s: name another with --manifest, or make one with 'reventless generate platform'", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	read, err := Parse(filepath.Base(path), text)
	if err != nil {
		return nil, err
	}
	read.Path, read.Folder = path, filepath.Dir(path)
	return read, read.resolve()
}
