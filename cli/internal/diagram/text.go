package diagram

import (
	"fmt"
	"strings"
)

// mermaidText keeps Mermaid from reading signs of its own in a label.
var mermaidText = strings.NewReplacer(`#`, "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ")

// mermaid is the graph as a Mermaid flowchart, which GitHub shows in Markdown.
func (g *Graph) mermaid() string {
	var text strings.Builder
	text.WriteString("flowchart TD\n")
	for i := range g.Nodes {
		var lines []string
		for _, line := range g.Nodes[i].lines() {
			lines = append(lines, mermaidText.Replace(line))
		}
		fmt.Fprintf(&text, "  n%d[\"%s\"]:::%s\n", i, strings.Join(lines, "<br/>"), g.Nodes[i].class())
	}
	for _, edge := range g.drawn() {
		arrow := "-->"
		if edge.dashed {
			arrow = "-.->"
		}
		fmt.Fprintf(&text, "  n%d %s n%d\n", edge.from, arrow, edge.to)
	}
	for _, name := range g.used() {
		fmt.Fprintf(&text, "  classDef %s fill:%s,stroke:%s,color:#111827%s\n", name, looks[name].fill, looks[name].stroke, dashes(",stroke-dasharray:", looks[name].dash))
	}
	return text.String()
}

func dashes(key, dash string) string {
	if dash == "" {
		return ""
	}
	return key + dash
}

// dot is the graph in Graphviz's language.
func (g *Graph) dot() string {
	var text strings.Builder
	text.WriteString("digraph stacks {\n  rankdir=TB\n  node [shape=box fontname=\"sans-serif\" fontsize=12 fontcolor=\"#111827\"]\n  edge [color=\"#4b5563\"]\n")
	for i := range g.Nodes {
		class := looks[g.Nodes[i].class()]
		style := "filled,rounded"
		if class.dash != "" {
			style += ",dashed"
		}
		fmt.Fprintf(&text, "  n%d [label=%s style=%q fillcolor=%q color=%q]\n", i, dotText(g.Nodes[i].lines()), style, class.fill, class.stroke)
	}
	for _, edge := range g.drawn() {
		style := ""
		if edge.dashed {
			style = " [style=dashed]"
		}
		fmt.Fprintf(&text, "  n%d -> n%d%s\n", edge.from, edge.to, style)
	}
	text.WriteString("}\n")
	return text.String()
}

// dotText is a label of lines, each in the middle.
func dotText(lines []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ")
	for i, line := range lines {
		lines[i] = escape.Replace(line)
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
