package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configuration is what of a stack's configuration names other stacks.
type configuration struct {
	Config map[string]yaml.Node `yaml:"config"`
}

// configure takes from a configuration the stacks that it names and the region. Pulumi keeps
// `interstack: {dependencies: […]}` below the project's own namespace and
// `interstack:dependencies` as it is; the file may have either.
func (t *Target) configure(text []byte) error {
	var read configuration
	if err := yaml.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("it is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	for _, key := range slices.Sorted(maps.Keys(read.Config)) {
		node := read.Config[key]
		switch {
		case key == "platform:stack" && node.Kind == yaml.ScalarNode:
			t.PlatformStack = node.Value
		case key == "aws:region" && node.Kind == yaml.ScalarNode:
			t.Region = node.Value
		case key == "interstack:dependencies":
			t.Dependencies = append(t.Dependencies, list(node)...)
		case key == "interstack" || strings.HasSuffix(key, ":interstack"):
			var object struct {
				Dependencies yaml.Node `yaml:"dependencies"`
			}
			if node.Decode(&object) == nil {
				t.Dependencies = append(t.Dependencies, list(object.Dependencies)...)
			}
		}
	}
	if t.PlatformStack != "" {
		t.References = append(t.References, t.PlatformStack)
	}
	t.References = append(t.References, t.Dependencies...)
	return nil
}

// list is a list of texts, which may also be written as JSON in a text; the component says
// what is wrong with anything else.
func list(node yaml.Node) []string {
	var texts []string
	if node.Decode(&texts) == nil {
		return texts
	}
	if node.Kind == yaml.ScalarNode && yaml.Unmarshal([]byte(node.Value), &texts) == nil {
		return texts
	}
	return nil
}
