package diagram

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/reventless/pulumi-reventless/cli/internal/layered"
)

// Sizes of the drawing, in pixels. Where a text is drawn is not known here, so that its width
// is that of wide letters. All are even, so that halves are whole.
const (
	letter  = 8.0
	line    = 18.0
	padding = 14.0
	margin  = 16.0
)

// svg is the graph as a picture that needs nothing else.
func (g *Graph) svg() string {
	nodes := make([]layered.Node, len(g.Nodes))
	for i := range g.Nodes {
		nodes[i] = size(g.Nodes[i].lines())
	}
	drawn := g.drawn()
	edges := make([]layered.Edge, len(drawn))
	for i, edge := range drawn {
		edges[i] = layered.Edge{From: edge.from, To: edge.to}
	}
	placed := layered.Place(nodes, edges)

	var text strings.Builder
	width, height := placed.Width+2*margin, placed.Height+2*margin
	fmt.Fprintf(&text, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="%.0f %.0f %.0f %.0f" font-family="sans-serif" font-size="12">`+"\n",
		width, height, -margin, -margin, width, height)
	fmt.Fprintf(&text, "<title>Stacks of %s</title>\n", html.EscapeString(g.Environment))
	text.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#4b5563"/></marker></defs>` + "\n")
	fmt.Fprintf(&text, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", -margin, -margin, width, height)
	for i, points := range placed.Edges {
		dash := ""
		if drawn[i].dashed {
			dash = "5 4"
		}
		fmt.Fprintf(&text, `<path d="%s" fill="none" stroke="#4b5563" marker-end="url(#arrow)"%s/>`+"\n", curve(points), dashed(dash))
	}
	for i := range g.Nodes {
		g.Nodes[i].draw(&text, placed.Nodes[i], nodes[i])
	}
	text.WriteString("</svg>\n")
	return text.String()
}

func size(lines []string) layered.Node {
	longest := 0
	for _, text := range lines {
		longest = max(longest, utf8.RuneCountInString(text))
	}
	return layered.Node{Width: float64(longest)*letter + 2*padding, Height: float64(len(lines))*line + padding}
}

// curve leads through points, and leaves and enters each from above to below.
func curve(points []layered.Point) string {
	var text strings.Builder
	fmt.Fprintf(&text, "M%.0f %.0f", points[0].X, points[0].Y)
	for i, to := range points[1:] {
		from := points[i]
		between := (from.Y + to.Y) / 2
		fmt.Fprintf(&text, "C%.0f %.1f %.0f %.1f %.0f %.0f", from.X, between, to.X, between, to.X, to.Y)
	}
	return text.String()
}

func dashed(dash string) string {
	if dash == "" {
		return ""
	}
	return fmt.Sprintf(" stroke-dasharray=%q", dash)
}

func (n *Node) draw(text *strings.Builder, at layered.Point, size layered.Node) {
	look := looks[n.class()]
	x, y := at.X-size.Width/2, at.Y-size.Height/2
	fmt.Fprintf(text, `<g class="%s"><rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="6" fill="%s" stroke="%s"%s/>`,
		n.class(), x, y, size.Width, size.Height, look.fill, look.stroke, dashed(look.dash))
	if n.Skipped != "" {
		fmt.Fprintf(text, "<title>%s</title>", html.EscapeString(n.Skipped))
	}
	for i, words := range n.lines() {
		weight := ""
		if i == 0 {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(text, `<text x="%.0f" y="%.0f" text-anchor="middle" fill="#111827"%s>%s</text>`, at.X, y+padding/2+float64(i)*line+line-5, weight, html.EscapeString(words))
	}
	text.WriteString("</g>\n")
}
