// Package resourcegraph compares the resources that programs declare, whatever language the
// programs are written in.
//
//  1. [Read] takes them from the events of the Pulumi engine, as `--event-log` and the
//     Automation API have them: each step of an update or a preview tells of one resource.
//  2. [Differences] compares two graphs resource by resource and names each resource and
//     property in which they differ. Archives and assets are what is in them, wherever they lie.
package resourcegraph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// Resource is one resource and what the engine would do with it.
type Resource struct {
	// URN has the stack, the types of the parents, the type and the name.
	URN string
	// Parent is the URN of the resource's parent.
	Parent string
	// Operation is the engine's word: same, create, update and others.
	Operation apitype.OpType
	// Inputs are the resource's inputs, without the paths of assets and archives.
	Inputs map[string]any
}

// Graph is the resources of a program by their URNs, without providers: those of the program
// have the version of the SDK in their names.
type Graph map[string]Resource

// Read reads the events of a preview or an update, JSON values one after the other.
func Read(events io.Reader) (Graph, error) {
	graph := Graph{}
	decoder := json.NewDecoder(events)
	for {
		var event apitype.EngineEvent
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			return graph, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading an event of the engine: %w", err)
		}
		if event.ResourcePreEvent == nil {
			continue
		}
		step := event.ResourcePreEvent.Metadata
		if step.New == nil || strings.HasPrefix(step.Type, "pulumi:providers:") {
			continue
		}
		inputs, _ := withoutPaths(step.New.Inputs).(map[string]any)
		graph[step.URN] = Resource{URN: step.URN, Parent: step.New.Parent, Operation: step.Op, Inputs: inputs}
	}
}

// withoutPaths leaves the path out of each asset and archive that has a hash.
func withoutPaths(value any) any {
	switch value := value.(type) {
	case map[string]any:
		_, signed := value[sig.Key]
		_, hashed := value["hash"]
		clean := make(map[string]any, len(value))
		for key, element := range value {
			if signed && hashed && key == "path" {
				continue
			}
			clean[key] = withoutPaths(element)
		}
		return clean
	case []any:
		clean := make([]any, len(value))
		for i, element := range value {
			clean[i] = withoutPaths(element)
		}
		return clean
	default:
		return value
	}
}

// Differences are the sentences that tell in what a graph differs from the one that is wanted,
// one for each resource or property, in the order of the URNs.
func Differences(got, wanted Graph) []string {
	var differences []string
	for _, urn := range sortedKeys(got, wanted) {
		is, there := got[urn]
		should, expected := wanted[urn]
		switch {
		case !there:
			differences = append(differences, urn+": is missing")
		case !expected:
			differences = append(differences, urn+": is not wanted")
		default:
			if is.Parent != should.Parent {
				differences = append(differences, sentence(urn+": parent", is.Parent, should.Parent))
			}
			differences = append(differences, compare(urn+": inputs", is.Inputs, should.Inputs)...)
		}
	}
	return differences
}

// compare tells in what two values differ, as deep in them as it can.
func compare(path string, got, wanted any) []string {
	if reflect.DeepEqual(got, wanted) {
		return nil
	}
	var differences []string
	switch is := got.(type) {
	case map[string]any:
		if should, same := wanted.(map[string]any); same {
			for _, key := range sortedKeys(is, should) {
				differences = append(differences, compareKey(path+"."+key, key, is, should)...)
			}
			return differences
		}
	case []any:
		if should, same := wanted.([]any); same && len(is) == len(should) {
			for i := range is {
				differences = append(differences, compare(path+"["+strconv.Itoa(i)+"]", is[i], should[i])...)
			}
			return differences
		}
	}
	return []string{sentence(path, got, wanted)}
}

// compareKey compares what two maps have at a key. A key that is absent is not one with null.
func compareKey(path, key string, got, wanted map[string]any) []string {
	is, there := got[key]
	should, expected := wanted[key]
	switch {
	case !there:
		return []string{fmt.Sprintf("%s is missing, want %s", path, text(should))}
	case !expected:
		return []string{fmt.Sprintf("%s is %s, want none", path, text(is))}
	default:
		return compare(path, is, should)
	}
}

func sentence(path string, got, wanted any) string {
	return fmt.Sprintf("%s is %s, want %s", path, text(got), text(wanted))
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

func sortedKeys[V any](a, b map[string]V) []string {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	return slices.Sorted(maps.Keys(keys))
}
