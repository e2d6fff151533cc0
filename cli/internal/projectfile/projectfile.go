// Package projectfile reads Pulumi.yaml, the file of a Pulumi project.
//
//  1. [Read] finds it in a folder and takes from it what the command line needs, at once:
//     the file of a YAML program is long, and parsing it is most of the time that a manifest
//     of many stacks takes.
//  2. What was taken is kept by the file's text, so that nobody parses a text twice.
//
// The types of values are for Pulumi to check; one of a wrong type is as none.
package projectfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Names are the names that Pulumi knows the file by.
var Names = []string{"Pulumi.yaml", "Pulumi.yml", "Pulumi.json"}

// File is what a project's file says.
type File struct {
	// Name is the project's name.
	Name string
	// Main is where the program is, relative to the file; "" is beside it.
	Main string
	// StackConfigDir is where the stacks' configuration is, relative to the file.
	StackConfigDir string
	// Providers are those that packages and plugins name, with how they do.
	Providers map[string]string
	// Reads are the files and folders that a YAML program reads.
	Reads []Reading
}

// Reading is a function of a YAML program that reads a file or folder.
type Reading struct {
	// Function is the function as it is written, Path its argument, with ${…} in it.
	Function, Path string
}

// Read reads the project's file of a folder. name is what it is called; the error is an
// [os.ErrNotExist] when there is none.
func Read(folder string) (file *File, name string, err error) {
	for _, name := range Names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, name, err
		}
		file, err := Parse(text)
		return file, name, err
	}
	return nil, "", fmt.Errorf("%s has no Pulumi.yaml: %w", folder, os.ErrNotExist)
}

// parsed are the files by their texts.
var parsed sync.Map

// Parse reads the text of a project's file, or of the Main.yaml that a YAML program may be
// in. The result is shared and must not be changed.
func Parse(text []byte) (*File, error) {
	if known, done := parsed.Load(string(text)); done {
		return known.(*File), nil
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("it is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	file := take(&document)
	parsed.Store(string(text), file)
	return file, nil
}

// plainName is a name that needs no parser.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// Name is the project's name in the text of a project's file, "" when it has none.
func Name(text []byte) string {
	if values := lines(text, "name:"); len(values) == 1 && plainName.MatchString(values[0]) {
		return values[0]
	}
	file, err := Parse(text)
	if err != nil {
		return ""
	}
	return file.Name
}

// MayNameProviders says whether a project's file may name providers, which is quicker to say
// than which.
func MayNameProviders(text []byte) bool {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return true // on one line, or JSON
	}
	for _, key := range []string{"packages", "plugins"} {
		for _, quote := range []string{"", `"`, "'"} {
			if len(lines(text, quote+key+quote)) > 0 {
				return true
			}
		}
	}
	return false
}

// lines are what is behind a key at the beginning of a line.
func lines(text []byte, key string) (values []string) {
	if bytes.HasPrefix(text, []byte(key)) {
		text = append([]byte("\n"), text...)
	}
	for {
		at := bytes.Index(text, []byte("\n"+key))
		if at < 0 {
			return values
		}
		text = text[at+1+len(key):]
		value, _, _ := bytes.Cut(text, []byte("\n"))
		values = append(values, string(bytes.TrimSpace(value)))
	}
}

func take(document *yaml.Node) *File {
	file := &File{}
	var top map[string]yaml.Node
	if document.Decode(&top) == nil {
		file.Name, file.Main, file.StackConfigDir = text(top["name"]), text(top["main"]), text(top["stackConfigDir"])
		file.Providers = providers(top["packages"], top["plugins"])
	}
	file.read(document)
	return file
}

func text(node yaml.Node) string {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return ""
	}
	return node.Value
}

func providers(packages, plugins yaml.Node) map[string]string {
	named := map[string]string{}
	var sources map[string]any
	if packages.Decode(&sources) == nil {
		for name, source := range sources {
			named[name] = fmt.Sprintf("package %v\n", source)
		}
	}
	var kinds struct {
		Providers []map[string]any `yaml:"providers"`
	}
	if plugins.Decode(&kinds) == nil {
		for _, provider := range kinds.Providers {
			name, _ := provider["name"].(string)
			named[name] += fmt.Sprintf("plugin %v\n", provider)
		}
	}
	return named
}

// readers are the functions of Pulumi YAML that read files, in lower case.
var readers = map[string]bool{"fn::filearchive": true, "fn::fileasset": true, "fn::readfile": true}

// read takes the functions that read from a node and what is below.
func (f *File) read(node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if readers[strings.ToLower(key.Value)] && value.Kind == yaml.ScalarNode {
				f.Reads = append(f.Reads, Reading{key.Value, value.Value})
			}
		}
	}
	for _, child := range node.Content {
		f.read(child)
	}
}
