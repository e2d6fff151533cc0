package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
)

// The types of the components, as YAML programs write them.
const (
	pluginType   = "reventless:index:Plugin"
	platformType = "reventless:index:Platform"
)

// schemaFile is the file of a plugin whose program is not in YAML.
const schemaFile = "schema.graphql"

// fragment is a plugin's part of the schema, as it is in the repository.
type fragment struct {
	target  project.Target
	plugin  string
	version string
	points  []string
	// file is relative to the manifest, text its SDL.
	file, text string
	// fed are the subscriptions that read models feed; declared says that they are known.
	fed      []string
	declared bool
}

// local are the fragments of an environment, and what is known of its platform.
type local struct {
	fragments []fragment
	// modes are the API's authentication modes, nil when no program says them.
	modes []string
}

// program is what is read of a YAML program.
type program struct {
	Main      string              `yaml:"main"`
	Resources map[string]resource `yaml:"resources"`
}

type resource struct {
	Type       string `yaml:"type"`
	Name       string `yaml:"name"`
	Properties struct {
		Name            string               `yaml:"name"`
		Version         string               `yaml:"version"`
		Schema          yaml.Node            `yaml:"schema"`
		ExtensionPoints map[string]yaml.Node `yaml:"extensionPoints"`
		ReadModels      map[string]model     `yaml:"readModels"`
		DCB             struct {
			Views map[string]model `yaml:"stateViewSlices"`
		} `yaml:"dcb"`
		Modes []string `yaml:"authenticationModes"`
	} `yaml:"properties"`
}

type model struct {
	Subscriptions map[string]yaml.Node `yaml:"subscriptions"`
}

// readLocal reads the fragments of the stacks that take part in the environment. The error
// has everything that cannot be read.
func readLocal(plan *project.Plan) (local, error) {
	var found local
	var problems []error
	for _, target := range plan.Targets {
		if target.Skip == "" {
			problems = append(problems, found.add(plan, target))
		}
	}
	return found, errors.Join(problems...)
}

func (l *local) add(plan *project.Plan, target project.Target) error {
	read, file, err := readProgram(target.Folder)
	if err != nil {
		return fmt.Errorf("%s: %w", target.Path, err)
	}
	if len(read.Resources) == 0 {
		return l.addFile(plan, target)
	}
	var problems []error
	names := make([]string, 0, len(read.Resources))
	for name := range read.Resources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch r := read.Resources[name]; r.Type {
		case platformType:
			l.modes = r.modes()
		case pluginType:
			made, err := r.fragment(plan, target, name, file)
			if problems = append(problems, err); err == nil {
				l.fragments = append(l.fragments, made)
			}
		}
	}
	return errors.Join(problems...)
}

// readProgram reads a YAML program: Pulumi.yaml, or Main.yaml beside it. One in another
// language has no resources.
func readProgram(folder string) (program, string, error) {
	var read program
	for _, name := range []string{"Pulumi.yaml", "Pulumi.yml", "Main.yaml"} {
		path := filepath.Join(folder, name)
		if name == "Main.yaml" {
			path = filepath.Join(folder, filepath.FromSlash(read.Main), name)
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = yaml.Unmarshal(text, &read)
		}
		if err != nil || len(read.Resources) > 0 {
			return read, path, err
		}
	}
	return read, "", nil
}

// addFile adds the fragment of a plugin whose program is in another language.
func (l *local) addFile(plan *project.Plan, target project.Target) error {
	if target.Platform {
		return nil
	}
	candidates := []string{filepath.Join(plan.Manifest.Folder, target.Name, schemaFile), filepath.Join(target.Folder, schemaFile)}
	for _, path := range candidates {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		l.fragments = append(l.fragments, fragment{target: target, plugin: target.Name, file: relative(plan, path), text: string(text)})
		return nil
	}
	return fmt.Errorf("%s: the schema of %s is not found: put it into %s or %s", target.Path, target.Name, relative(plan, candidates[0]), relative(plan, candidates[1]))
}

// modes are the authentication modes of a platform; AWS_IAM is always one.
func (r resource) modes() []string {
	modes := slices.Clone(r.Properties.Modes)
	if len(modes) == 0 {
		modes = []string{string(sdl.CognitoUserPools)}
	}
	if !slices.Contains(modes, string(sdl.IAM)) {
		modes = append(modes, string(sdl.IAM))
	}
	return modes
}

// fragment reads the schema of a plugin of a YAML program.
func (r resource) fragment(plan *project.Plan, target project.Target, name, file string) (fragment, error) {
	made := fragment{target: target, plugin: name, version: r.Properties.Version, declared: true}
	if r.Name != "" {
		made.plugin = r.Name
	}
	if r.Properties.Name != "" {
		made.plugin = r.Properties.Name
	}
	for point := range r.Properties.ExtensionPoints {
		made.points = append(made.points, point)
	}
	slices.Sort(made.points)
	for _, models := range []map[string]model{r.Properties.ReadModels, r.Properties.DCB.Views} {
		for _, m := range models {
			for field := range m.Subscriptions {
				made.fed = append(made.fed, field)
			}
		}
	}
	slices.Sort(made.fed)
	made.fed = slices.Compact(made.fed)
	node := r.Properties.Schema
	if node.Kind == yaml.ScalarNode {
		// The lines of a block begin below the key; those of the file are told.
		made.file, made.text = relative(plan, file), strings.Repeat("\n", node.Line)+node.Value
		return made, nil
	}
	return made, made.read(plan, node, file)
}

// read reads the file that fn::readFile names.
func (f *fragment) read(plan *project.Plan, node yaml.Node, file string) error {
	at := fmt.Sprintf("%s:%d", relative(plan, file), node.Line)
	var function map[string]string
	if node.Decode(&function) != nil || function["fn::readFile"] == "" {
		return fmt.Errorf("%s: the schema of %s is neither a text nor a file, `schema: {fn::readFile: ../%[2]s/%[3]s}`, so it is known only when it is deployed", at, f.plugin, schemaFile)
	}
	path := strings.ReplaceAll(function["fn::readFile"], "${pulumi.cwd}", f.target.Folder)
	if strings.Contains(path, "${") {
		return fmt.Errorf("%s: the file of the schema of %s, %s, is known only when it is deployed; write its path", at, f.plugin, path)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.target.Folder, filepath.FromSlash(path))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: read the schema of %s: %w", at, f.plugin, err)
	}
	f.file, f.text = relative(plan, path), string(text)
	return nil
}

func relative(plan *project.Plan, path string) string {
	if short, err := filepath.Rel(plan.Manifest.Folder, path); err == nil {
		return filepath.ToSlash(short)
	}
	return path
}

// problem is what is wrong with a plugin's fragment.
type problem struct {
	Plugin string `json:"plugin"`
	// Place is file:line:column, as far as it is known.
	Place   string `json:"place,omitempty"`
	Message string `json:"message"`
	// Code is that of package protocol, Other the other plugin of a conflict.
	Code  string `json:"code"`
	Other string `json:"other,omitempty"`
	// From says who found it: "files" or "platform".
	From string `json:"from"`
}

// parse checks a fragment alone.
func (f fragment) parse() (*sdl.Fragment, []sdl.Problem) {
	fed := f.fed
	if !f.declared {
		fed = unfed(f.text)
	}
	feeds := make([]sdl.Feed, len(fed))
	for i, field := range fed {
		feeds[i] = sdl.Feed{Subscription: field, Mutation: sdl.FeedMutation(f.plugin, field)}
	}
	return sdl.ParseFragment(f.plugin, f.file, f.text, sdl.WithFeeds(feeds...))
}

// unfed are the subscriptions of a text that nothing triggers. A program that is not in YAML
// is taken to declare all of them.
func unfed(text string) []string {
	read, err := sdl.ParseLive(text)
	if err != nil {
		return nil // said by the parser of fragments
	}
	var names []string
	if subscription := read.Types()["Subscription"]; subscription != nil {
		for _, field := range subscription.Fields {
			if field.Directives.ForName("aws_subscribe") == nil {
				names = append(names, field.Name)
			}
		}
	}
	return names
}

// compose composes the local fragments with those of other repositories. Without problems
// there is a composition.
func (l local) compose(modes []string, others []Connected) (*sdl.Composition, []*sdl.Fragment, []problem) {
	composer := sdl.NewComposer(authModes(modes))
	var problems []problem
	var parsed []*sdl.Fragment
	set := func(f fragment) {
		fragment, wrong := f.parse()
		if len(wrong) == 0 {
			wrong = composer.Set(fragment)
		}
		for _, w := range wrong {
			problems = append(problems, problem{Plugin: f.plugin, Place: place(w.File, w.Line, w.Column), Message: w.Message, Code: w.Code, Other: w.Other, From: "files"})
		}
		parsed = append(parsed, fragment)
	}
	platform, wrong := sdl.ParseFragment(protocol.PlatformPlugin, "platform.graphql", sdl.PlatformSDL)
	if len(wrong) == 0 {
		wrong = composer.Set(platform)
	}
	if len(wrong) > 0 {
		return nil, nil, []problem{{Plugin: protocol.PlatformPlugin, Message: sdl.Join(wrong), Code: wrong[0].Code, From: "files"}}
	}
	for _, other := range others {
		if !slices.ContainsFunc(l.fragments, func(f fragment) bool { return f.plugin == other.Plugin }) {
			if fragment, wrong := sdl.ParseFragment(other.Plugin, "the registry", other.Fragment); len(wrong) == 0 {
				_ = composer.Set(fragment) // connected ones go together
			}
		}
	}
	for _, f := range l.fragments {
		set(f)
	}
	if len(problems) > 0 {
		return nil, parsed, problems
	}
	composition, wrong := composer.Compose()
	for _, w := range wrong {
		problems = append(problems, problem{Plugin: w.Other, Place: place(w.File, w.Line, w.Column), Message: w.Message, Code: w.Code, From: "files"})
	}
	return composition, parsed, problems
}

func authModes(modes []string) []sdl.AuthMode {
	typed := make([]sdl.AuthMode, len(modes))
	for i, mode := range modes {
		typed[i] = sdl.AuthMode(mode)
	}
	return typed
}

func place(file string, line, column int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
