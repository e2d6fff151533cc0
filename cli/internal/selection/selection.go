// Package selection chooses stacks by name, as --only does.
//
//  1. A pattern is a name, which may have * and ?; "!" before it leaves out what it means.
//  2. "name..." means the stacks that come after it too, "...name" those that it comes
//     after, directly or not.
//  3. All patterns count together; with none, or only with such that leave out, it is about
//     all stacks.
package selection

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

const ellipsis = "..."

// Node is a stack and those that it comes after.
type Node struct {
	Name  string
	After []string
}

// Select gives the names of the chosen nodes, in their order. A pattern that means nothing
// is an error.
func Select(nodes []Node, patterns []string) ([]string, error) {
	in, out := map[string]bool{}, map[string]bool{}
	var problems []error
	everything := true
	for _, pattern := range patterns {
		chosen, rest := in, pattern
		if left, found := strings.CutPrefix(pattern, "!"); found {
			chosen, rest = out, left
		} else {
			everything = false
		}
		problems = append(problems, mark(nodes, rest, chosen))
	}
	var names []string
	for _, node := range nodes {
		if (everything || in[node.Name]) && !out[node.Name] {
			names = append(names, node.Name)
		}
	}
	return names, errors.Join(problems...)
}

// mark adds what a pattern means.
func mark(nodes []Node, pattern string, chosen map[string]bool) error {
	name, after := strings.CutSuffix(pattern, ellipsis)
	name, before := strings.CutPrefix(name, ellipsis)
	found := false
	for _, node := range nodes {
		matches, err := path.Match(name, node.Name)
		if err != nil {
			return fmt.Errorf("the pattern %q is wrong: brackets and backslashes have a meaning of their own in it", pattern)
		}
		if !matches {
			continue
		}
		found = true
		chosen[node.Name] = true
		if after {
			spread(nodes, node.Name, chosen, dependents)
		}
		if before {
			spread(nodes, node.Name, chosen, dependencies)
		}
	}
	if !found {
		names := namesOf(nodes)
		return fmt.Errorf("no stack is called %q; there are %s.%s", name, strings.Join(names, ", "), schema.Suggest(name, names))
	}
	return nil
}

// spread adds what is reached from a node.
func spread(nodes []Node, name string, chosen map[string]bool, next func([]Node, string) []string) {
	seen := map[string]bool{name: true}
	for waiting := []string{name}; len(waiting) > 0; waiting = waiting[1:] {
		for _, reached := range next(nodes, waiting[0]) {
			if !seen[reached] {
				seen[reached], chosen[reached] = true, true
				waiting = append(waiting, reached)
			}
		}
	}
}

func dependents(nodes []Node, name string) []string {
	return namesOf(slices.DeleteFunc(slices.Clone(nodes), func(node Node) bool { return !slices.Contains(node.After, name) }))
}

func dependencies(nodes []Node, name string) []string {
	for _, node := range nodes {
		if node.Name == name {
			return node.After
		}
	}
	return nil
}

// Dependents are the nodes that come after a node, directly or not.
func Dependents(nodes []Node, name string) []string {
	chosen := map[string]bool{}
	spread(nodes, name, chosen, dependents)
	var names []string
	for _, node := range nodes {
		if chosen[node.Name] {
			names = append(names, node.Name)
		}
	}
	return names
}

func namesOf(nodes []Node) []string {
	names := make([]string, len(nodes))
	for i, node := range nodes {
		names[i] = node.Name
	}
	return names
}
