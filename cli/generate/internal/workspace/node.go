package workspace

import (
	"encoding/json"

	"github.com/tailscale/hujson"
	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli/internal/yamledit"
)

// addToPackageJSON adds to "workspaces", a list or an object with the list "packages".
func addToPackageJSON(text []byte, folder string) ([]byte, error) {
	return addToJSON(text, folder, "/workspaces", "/workspaces/packages")
}

func addToLerna(text []byte, folder string) ([]byte, error) {
	return addToJSON(text, folder, "/packages")
}

// addToJSON adds to the first of the lists that is there.
func addToJSON(text []byte, folder string, pointers ...string) ([]byte, error) {
	document, err := hujson.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, pointer := range pointers {
		found := document.Find(pointer)
		if found == nil {
			continue
		}
		list, ok := found.Value.(*hujson.Array)
		if !ok {
			continue
		}
		var members any
		if err := json.Unmarshal(standard(*found), &members); err != nil {
			return nil, err
		}
		if covers(texts(members), folder) {
			return nil, nil
		}
		appendTo(list, folder)
		return document.Pack(), nil
	}
	return nil, nil
}

func standard(value hujson.Value) []byte {
	value = value.Clone()
	value.Standardize()
	return value.Pack()
}

// appendTo appends an element that is laid out like the last one.
func appendTo(list *hujson.Array, text string) {
	element := hujson.Value{Value: hujson.String(text)}
	if n := len(list.Elements); n > 0 {
		last := &list.Elements[n-1]
		element.BeforeExtra = last.BeforeExtra
		if n == 1 && len(element.BeforeExtra) == 0 {
			element.BeforeExtra = hujson.Extra(" ")
		}
		element.AfterExtra, last.AfterExtra = last.AfterExtra, nil
	}
	list.Elements = append(list.Elements, element)
}

func addToPNPM(text []byte, folder string) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	packages, exists := document["packages"]
	if !exists || covers(texts(packages), folder) {
		return nil, nil
	}
	return yamledit.Append(text, "packages", yamledit.Item{Block: []string{folder}, Flow: folder})
}
