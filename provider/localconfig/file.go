package localconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Local are the entries of a [File] by key.
type Local map[string]Entry

// Entry is one value of a [File].
type Entry struct {
	Value string
	// Place is file and line.
	Place string
}

// ReadFile reads the [File] of a folder. Where there is none there are no values; one that
// cannot be read, or that is no list of keys with a text each, is an error that names every
// line that is wrong.
func ReadFile(folder string) (Local, error) {
	text, err := os.ReadFile(filepath.Join(folder, File))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", File, err)
	}
	return parse(text)
}

func parse(text []byte) (Local, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s is no YAML: %s; write a line `key: value` for each value", File, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		if root.Tag == "!!null" {
			return nil, nil
		}
		return nil, fmt.Errorf("%s:%d: it must have a line `key: value` for each value", File, root.Line)
	}
	return entries(root)
}

func entries(root *yaml.Node) (Local, error) {
	local := Local{}
	var problems []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, node := root.Content[i], root.Content[i+1]
		place := fmt.Sprintf("%s:%d", File, key.Line)
		value, err := textOf(node)
		if slices.Contains(pulumiKeys, key.Value) {
			err = nil // the key is the mistake, see Check
		}
		switch name, prefixed := strings.CutPrefix(key.Value, Namespace+":"); {
		case prefixed:
			err = fmt.Errorf("write %q without %q: keys are bare in this file", name, Namespace+":")
		case local[key.Value].Place != "":
			err = fmt.Errorf("%q is there twice, first in line %s", key.Value, strings.TrimPrefix(local[key.Value].Place, File+":"))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", place, err))
			continue
		}
		local[key.Value] = Entry{Value: value, Place: place}
	}
	return local, errors.Join(problems...)
}

// textOf is a scalar's text, or that of a list of scalars with commas between.
func textOf(node *yaml.Node) (string, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", nil
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind == yaml.SequenceNode:
		texts := make([]string, len(node.Content))
		for i, element := range node.Content {
			if element.Kind != yaml.ScalarNode {
				return "", errors.New("a list may have texts only")
			}
			texts[i] = element.Value
		}
		return strings.Join(texts, ","), nil
	}
	return "", errors.New("the value must be a text or a list of texts")
}
