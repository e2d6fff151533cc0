// Package diagram draws stacks and what they depend on, as Mermaid, DOT, SVG and JSON.
//
//  1. A [Graph] has a node for each stack and an edge from each stack to those that are
//     deployed after it.
//  2. JSON has all of it. The drawings leave out an edge from the platform to a plugin that
//     comes after another plugin anyway.
//  3. The same graph always gives the same text.
package diagram

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind is what a node is.
type Kind string

// The kinds of nodes.
const (
	Platform Kind = "platform"
	Plugin   Kind = "plugin"
	// External is a stack that is not of the manifest.
	External Kind = "external"
)

// Because is why a stack is deployed after another.
type Because string

// The reasons for edges.
const (
	// ByPlatform: the platform comes before every plugin.
	ByPlatform Because = "platform"
	// ByManifest: depends-on of the manifest says so.
	ByManifest Because = "depends-on"
	// ByReference: the program reads the other stack's outputs.
	ByReference Because = "reference"
)

// Graph is what is drawn.
type Graph struct {
	Environment string `json:"environment"`
	Nodes       []Node `json:"nodes"`
	Edges       []Edge `json:"edges"`
}

// Node is a stack.
type Node struct {
	// ID is the stack's name in the manifest, or organization/project/stack of another.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Project and Path are those of the manifest's stacks.
	Project string `json:"project,omitempty"`
	Path    string `json:"path,omitempty"`
	// Skipped is why the stack does not take part in the environment.
	Skipped string `json:"skipped,omitempty"`
	// Deployed is what the stack has deployed, nil when that is not known.
	Deployed *Deployed `json:"deployed,omitempty"`
}

// Deployed is what of a deployed stack others see.
type Deployed struct {
	Components []Component `json:"components"`
	// Missing is why nothing is known of it.
	Missing string `json:"missing,omitempty"`
}

// Component is a platform or plugin that a stack has deployed.
type Component struct {
	Kind    Kind   `json:"kind"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// RootFields are the fields of the API that it owns, as Type.field, sorted.
	RootFields []string `json:"rootFields"`
	// ExtensionPoints are the names of those that others may extend, sorted.
	ExtensionPoints []string `json:"extensionPoints"`
	// Extends are the extension points of other plugins that it extends, as plugin.Point,
	// sorted; of a plugin that is not in the graph, the name of the topic.
	Extends []string `json:"extends"`
}

// Edge leads from a stack to one that is deployed after it.
type Edge struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Because []Because `json:"because"`
}

// Formats are the names of the formats.
var Formats = []string{"mermaid", "dot", "svg", "json"}

// Write writes the graph in a format, one of [Formats].
func (g *Graph) Write(out io.Writer, format string) error {
	text := ""
	switch format {
	case "mermaid":
		text = g.mermaid()
	case "dot":
		text = g.dot()
	case "svg":
		text = g.svg()
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(g)
	default:
		return fmt.Errorf("the format %q is not known: use %s", format, strings.Join(Formats, ", "))
	}
	_, err := io.WriteString(out, text)
	return err
}

// drawn are the edges of the drawings, with the indexes of their nodes.
func (g *Graph) drawn() (edges []drawnEdge) {
	index := map[string]int{}
	for i, node := range g.Nodes {
		index[node.ID] = i
	}
	kind := func(id string) Kind { return g.Nodes[index[id]].Kind }
	afterPlugin := map[string]bool{}
	for _, edge := range g.Edges {
		if kind(edge.From) == Plugin {
			afterPlugin[edge.To] = true
		}
	}
	for _, edge := range g.Edges {
		if kind(edge.From) != Platform || !afterPlugin[edge.To] {
			edges = append(edges, drawnEdge{index[edge.From], index[edge.To], kind(edge.From) == External})
		}
	}
	return edges
}

type drawnEdge struct {
	from, to int
	dashed   bool
}

// shown is how many root fields of a component a drawing has.
const shown = 8

// lines are a node's text.
func (n *Node) lines() []string {
	lines := []string{n.ID}
	if n.Project != "" && n.Project != n.ID {
		lines = append(lines, n.Project)
	}
	if n.Skipped != "" {
		lines = append(lines, "skipped")
	}
	if n.Deployed == nil {
		return lines
	}
	if n.Deployed.Missing != "" {
		lines = append(lines, n.Deployed.Missing)
	}
	for _, component := range n.Deployed.Components {
		lines = append(lines, component.lines()...)
	}
	return lines
}

func (c *Component) lines() []string {
	lines := []string{strings.TrimSpace(string(c.Kind) + " " + c.Name + " " + c.Version)}
	for _, point := range c.ExtensionPoints {
		lines = append(lines, "extension point "+point)
	}
	for _, point := range c.Extends {
		lines = append(lines, "extends "+point)
	}
	lines = append(lines, c.RootFields[:min(shown, len(c.RootFields))]...)
	if more := len(c.RootFields) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more fields", more))
	}
	return lines
}

// class is the name of a node's look.
func (n *Node) class() string {
	if n.Skipped != "" {
		return "skipped"
	}
	return string(n.Kind)
}

// looks are the classes' colours and lines, in the order of their names.
var looks = map[string]look{
	"external": {"#ffffff", "#6b7280", "5 4"},
	"platform": {"#dbeafe", "#1d4ed8", ""},
	"plugin":   {"#dcfce7", "#15803d", ""},
	"skipped":  {"#f3f4f6", "#9ca3af", "2 3"},
}

type look struct{ fill, stroke, dash string }

// used are the classes of a graph's nodes, sorted.
func (g *Graph) used() (names []string) {
	for _, node := range g.Nodes {
		names = append(names, node.class())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
