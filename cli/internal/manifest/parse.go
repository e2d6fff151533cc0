package manifest

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// validName is what a plugin may be called: the name is part of file names and of those of
// GitHub environments.
var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)

// Parse reads a manifest's text and looks at no other file: folders and projects are not
// resolved. file is its name, for errors.
func Parse(file string, text []byte) (*Manifest, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s is no YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	p := &parser{file: file}
	read := &Manifest{Path: file}
	if len(document.Content) > 0 {
		read.Stacks = p.manifest(document.Content[0])
	}
	if len(read.Stacks) == 0 && len(p.problems) == 0 {
		p.wrong(1, "it has neither a platform nor plugins: add `platform: {path: platform-aws, name: <Pulumi project>}` or an entry of `plugins`")
	}
	p.check(read)
	return read, errors.Join(p.problems...)
}

// parser collects problems.
type parser struct {
	file     string
	problems []error
}

func (p *parser) wrong(line int, format string, arguments ...any) {
	p.problems = append(p.problems, fmt.Errorf("%s:%d: %s", p.file, line, fmt.Sprintf(format, arguments...)))
}

func (p *parser) manifest(root *yaml.Node) []Stack {
	var stacks []Stack
	for key, value := range p.entries(root, "the manifest", "platform", "plugins") {
		switch key.Value {
		case "platform":
			stacks = append([]Stack{p.platform(key, value)}, stacks...)
		case "plugins":
			stacks = append(stacks, p.plugins(value)...)
		}
	}
	return stacks
}

func (p *parser) platform(key, node *yaml.Node) Stack {
	stack := Stack{Name: PlatformName, Platform: true, Line: key.Line}
	for key, value := range p.entries(node, "platform", "path", "name", "watch") {
		switch key.Value {
		case "path":
			stack.Path = p.text(value, "platform.path")
		case "name":
			stack.Project = p.text(value, "platform.name")
		case "watch":
			stack.Watch = p.list(value, "platform.watch")
		}
	}
	if stack.Path == "" {
		p.wrong(key.Line, "platform has no path: add the folder of its Pulumi project, as in `path: platform-aws`")
	}
	return stack
}

func (p *parser) plugins(node *yaml.Node) []Stack {
	if empty(node) {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		p.wrong(node.Line, "plugins must be a list, each entry with `- name:` and `path:`")
		return nil
	}
	var stacks []Stack
	for i, entry := range node.Content {
		stacks = append(stacks, p.plugin(entry, fmt.Sprintf("plugins[%d]", i)))
	}
	return stacks
}

func (p *parser) plugin(node *yaml.Node, at string) Stack {
	stack := Stack{Line: node.Line}
	for key, value := range p.entries(node, at, "name", "path", "depends-on", "watch") {
		switch key.Value {
		case "name":
			stack.Name = p.text(value, at+".name")
		case "path":
			stack.Path = p.text(value, at+".path")
		case "depends-on":
			stack.DependsOn = p.list(value, at+".depends-on")
		case "watch":
			stack.Watch = p.list(value, at+".watch")
		}
	}
	if stack.Name == "" {
		p.wrong(node.Line, "%s has no name", at)
	}
	if stack.Path == "" {
		p.wrong(node.Line, "%s has no path: add the folder of its Pulumi project, as in `path: %s-aws`", at, strings.ToLower(orExample(stack.Name)))
	}
	return stack
}

func orExample(name string) string {
	if name == "" {
		return "catalog"
	}
	return name
}

// entries are the keys and values of a mapping; a key that is not known or comes twice is
// a problem.
func (p *parser) entries(node *yaml.Node, at string, known ...string) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if node.Kind != yaml.MappingNode {
			if !empty(node) {
				p.wrong(node.Line, "%s must have the keys %s", at, strings.Join(known, ", "))
			}
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			switch {
			case !slices.Contains(known, key.Value):
				p.wrong(key.Line, "%s has no key %q, but %s.%s", at, key.Value, strings.Join(known, ", "), schema.Suggest(key.Value, known))
			case seen[key.Value]:
				p.wrong(key.Line, "%s has %s twice", at, key.Value)
			case !yield(key, node.Content[i+1]):
				return
			}
			seen[key.Value] = true
		}
	}
}

func (p *parser) text(node *yaml.Node, at string) string {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		p.wrong(node.Line, "%s must be a text", at)
		return ""
	}
	return node.Value
}

func (p *parser) list(node *yaml.Node, at string) []string {
	if empty(node) {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		p.wrong(node.Line, "%s must be a list, as in `[%s]`", at, node.Value)
		return nil
	}
	var texts []string
	for i, entry := range node.Content {
		if text := p.text(entry, fmt.Sprintf("%s[%d]", at, i)); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

func empty(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// check looks at what entries say about each other.
func (p *parser) check(read *Manifest) {
	names, paths := map[string]int{}, map[string]int{}
	for i, stack := range read.Stacks {
		p.checkName(stack)
		if line, twice := names[stack.Name]; twice && stack.Name != "" {
			p.wrong(stack.Line, "the name %s is that of line %d too", stack.Name, line)
		}
		folder := path.Clean(strings.ReplaceAll(stack.Path, `\`, "/"))
		if line, twice := paths[folder]; twice && stack.Path != "" {
			p.wrong(stack.Line, "the path %s is that of line %d too: each stack has a project folder of its own", stack.Path, line)
		}
		names[stack.Name], paths[folder] = stack.Line, stack.Line
		read.Stacks[i].DependsOn = p.checkDependencies(read, stack)
	}
	if len(p.problems) == 0 {
		p.checkCycle(read)
	}
}

func (p *parser) checkName(stack Stack) {
	switch {
	case stack.Name == "" || stack.Platform:
	case stack.Name == PlatformName:
		p.wrong(stack.Line, "a plugin cannot be called %s, which is the platform's name here", PlatformName)
	case !validName.MatchString(stack.Name):
		p.wrong(stack.Line, "the name %q must be of letters, digits and -_. and begin with a letter or digit", stack.Name)
	}
}

// checkDependencies gives a stack's dependencies without those that are wrong, the
// platform and doubles.
func (p *parser) checkDependencies(read *Manifest, stack Stack) []string {
	var dependencies []string
	for _, name := range stack.DependsOn {
		_, known := read.Stack(name)
		switch {
		case name == stack.Name:
			p.wrong(stack.Line, "%s depends on itself", name)
		case !known:
			p.wrong(stack.Line, "%s depends on %q, which the manifest does not have; a stack of another repository is not named here, but in interstack:dependencies.%s",
				stack.Name, name, schema.Suggest(name, read.Names()))
		case name != PlatformName && !slices.Contains(dependencies, name):
			dependencies = append(dependencies, name)
		}
	}
	return dependencies
}

// checkCycle names a cycle in full.
func (p *parser) checkCycle(read *Manifest) {
	done := map[string]bool{}
	var visit func(name string, way []string) bool
	visit = func(name string, way []string) bool {
		if at := slices.Index(way, name); at >= 0 {
			stack, _ := read.Stack(name)
			p.wrong(stack.Line, "these depend on each other in a circle, so none can be deployed first: %s; take one of them out of depends-on "+
				"(plugins that use each other's extension points are wired by the platform, one of them needs no depends-on)", strings.Join(append(way[at:], name), " → "))
			return true
		}
		if done[name] {
			return false
		}
		done[name] = true
		stack, _ := read.Stack(name)
		return slices.ContainsFunc(stack.DependsOn, func(next string) bool { return visit(next, append(slices.Clone(way), name)) })
	}
	for _, stack := range read.Stacks {
		if visit(stack.Name, nil) {
			return
		}
	}
}
