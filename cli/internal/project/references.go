package project

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configuration is what of a stack's configuration names other stacks.
type configuration struct {
	Config map[string]yaml.Node `yaml:"config"`
}

// references are the stacks that a configuration names. Pulumi keeps
// `interstack: {dependencies: […]}` below the project's own namespace and
// `interstack:dependencies` as it is; the file may have either.
func references(text []byte) ([]string, error) {
	var read configuration
	if err := yaml.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("it is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var found []string
	for key, node := range read.Config {
		switch {
		case key == "platform:stack" && node.Kind == yaml.ScalarNode && node.Value != "":
			found = append([]string{node.Value}, found...)
		case key == "interstack:dependencies":
			found = append(found, list(node)...)
		case key == "interstack" || strings.HasSuffix(key, ":interstack"):
			var object struct {
				Dependencies yaml.Node `yaml:"dependencies"`
			}
			if node.Decode(&object) == nil {
				found = append(found, list(object.Dependencies)...)
			}
		}
	}
	return found, nil
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
