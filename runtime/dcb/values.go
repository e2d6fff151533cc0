package dcb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// integerPattern is an integer that is written in one way only.
var integerPattern = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// Values returns the values that a tag has in a JSON object, each once, in the order in
// which they are found. Missing, null and "" give no value. Texts are taken as they are,
// integers as they are written; anything else at a path of the tag is an error, because
// an event with it could not be found again.
func Values(model definition.DCB, data json.RawMessage, tag string) ([]string, error) {
	object, err := parseObject(data)
	if err != nil {
		return nil, err
	}
	return valuesIn(model, object, tag)
}

// parseObject reads a JSON object, numbers as they are written.
func parseObject(data json.RawMessage) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil || object == nil {
		return nil, errors.Join(errors.New("the data is no JSON object"), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the data is more than one JSON object")
	}
	return object, nil
}

// valuesIn returns the values that a tag has in an object.
func valuesIn(model definition.DCB, object map[string]any, tag string) ([]string, error) {
	paths, err := pathsOf(model, tag)
	if err != nil {
		return nil, err
	}
	var values []string
	seen := map[string]bool{}
	for _, path := range paths {
		found, err := collect(object, strings.Split(path, "."), nil)
		if err != nil {
			return nil, fmt.Errorf("tag %q at %q: %w", tag, path, err)
		}
		for _, value := range found {
			if !seen[value] {
				seen[value] = true
				values = append(values, value)
			}
		}
	}
	return values, nil
}

// pathsOf are the paths at which a tag's values are looked for.
func pathsOf(model definition.DCB, tag string) ([]string, error) {
	declared, ok := model.Tags[tag]
	switch {
	case !ok:
		return nil, fmt.Errorf("the tag %q is not declared", tag)
	case len(declared.Fields) == 0:
		return []string{tag}, nil
	}
	return declared.Fields, nil
}

// collect appends the values at a path, through objects and arrays.
func collect(node any, path []string, values []string) ([]string, error) {
	switch n := node.(type) {
	case nil:
		return values, nil
	case []any:
		var err error
		for _, element := range n {
			if values, err = collect(element, path, values); err != nil {
				return nil, err
			}
		}
		return values, nil
	case map[string]any:
		if len(path) == 0 {
			return nil, errors.New("there is an object, a tag's value is a text or an integer")
		}
		return collect(n[path[0]], path[1:], values)
	}
	if len(path) > 0 {
		return nil, fmt.Errorf("%q is looked for in something that is no object", path[0])
	}
	return appendValue(node, values)
}

// appendValue appends a text or an integer.
func appendValue(node any, values []string) ([]string, error) {
	switch n := node.(type) {
	case string:
		if n == "" {
			return values, nil
		}
		return append(values, n), nil
	case json.Number:
		if integerPattern.MatchString(n.String()) {
			return append(values, n.String()), nil
		}
		return nil, fmt.Errorf("%s is no integer, a tag's value is a text or an integer", n)
	}
	return nil, fmt.Errorf("%v is a boolean, a tag's value is a text or an integer", node)
}
