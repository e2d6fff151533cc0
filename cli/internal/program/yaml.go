package program

import (
	"errors"
	"os"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readers are the functions of Pulumi YAML that read files, in lower case.
var readers = map[string]bool{"fn::filearchive": true, "fn::fileasset": true, "fn::readfile": true}

// yaml are the sources of a YAML program, which is in Pulumi.yaml or in a Main.yaml where the
// program runs. Programs in other languages have no such functions.
func (r *Reader) yaml(folder, at, file string, document *yaml.Node) []Source {
	sources := r.readBy(folder, at, file, document)
	main := path.Join(at, "Main.yaml")
	text, err := r.read(main)
	if errors.Is(err, os.ErrNotExist) {
		return sources
	}
	var program yaml.Node
	if err != nil || yaml.Unmarshal(text, &program) != nil {
		return sources // of another language, or for Pulumi to refuse
	}
	return append(sources, r.readBy(folder, at, main, &program)...)
}

// readBy are what the functions in a node read.
func (r *Reader) readBy(folder, at, file string, node *yaml.Node) []Source {
	var sources []Source
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if !readers[strings.ToLower(key.Value)] || value.Kind != yaml.ScalarNode {
				continue
			}
			written, known := static(value.Value, r.absolute(at, "."), r.absolute(folder, "."))
			for _, source := range r.sources(at, written, key.Value+" of "+file, false) {
				// A path with an unknown rest may be anything below; nothing is known of one that
				// may be the folder itself or above it.
				if known || !within(folder, source.Path) {
					sources = append(sources, source)
				}
			}
		}
	}
	for _, child := range node.Content {
		sources = append(sources, r.readBy(folder, at, file, child)...)
	}
	return sources
}

// static is a path with Pulumi's own variables filled in. From the first other one on it is
// not known; static is then the folder before that.
func static(text, working, project string) (written string, known bool) {
	text = strings.NewReplacer("${pulumi.cwd}", working, "${pulumi.rootDirectory}", project).Replace(text)
	before, _, variable := strings.Cut(text, "${")
	if !variable {
		return text, true
	}
	return path.Dir(before + "x"), false
}
