// Package layered places the nodes of a graph without circles in layers, so that every edge
// leads down.
//
//  1. A node's layer is the longest way to it; one that nothing leads to is moved down to
//     right above the first that it leads to.
//  2. An edge over several layers gets a point in each between, which takes part in the rest
//     as a node without size.
//  3. The nodes of a layer are sorted by the middle of their neighbours, down and up a few
//     times, so that few edges cross.
//  4. Each is moved as near to that middle as the others let it.
//
// The same graph is always placed in the same way.
package layered

import (
	"cmp"
	"math"
	"slices"
)

// Node is a node by its size.
type Node struct{ Width, Height float64 }

// Edge leads from a node to another, by their indexes.
type Edge struct{ From, To int }

// Point is a place; X grows to the right, Y down.
type Point struct{ X, Y float64 }

// Layout is where everything is, in whole numbers from 0 on.
type Layout struct {
	Width, Height float64
	// Nodes are the middles of the nodes.
	Nodes []Point
	// Edges are the points that each edge leads through, from the lower side of its first
	// node to the upper side of its last one.
	Edges [][]Point
}

// Distances between nodes, and between layers.
const (
	beside = 28.0
	below  = 56.0
	sweeps = 8
)

// Place places a graph. Edges must make no circle.
func Place(nodes []Node, edges []Edge) Layout {
	p := &placement{sizes: slices.Clone(nodes)}
	p.layers(edges)
	p.chain(edges)
	p.order()
	p.spread()
	return p.layout(len(nodes))
}

// placement is the state of one [Place]. Nodes behind the given ones are the points of edges.
type placement struct {
	sizes []Node
	// layer is that of each node, rows are the nodes of each layer from left to right.
	layer []int
	rows  [][]int
	// above and under are the neighbours of each node in the next layers.
	above, under [][]int
	chains       [][]int
	x            []float64
}

func (p *placement) layers(edges []Edge) {
	p.layer = make([]int, len(p.sizes))
	next, entering := make([][]int, len(p.sizes)), make([]int, len(p.sizes))
	for _, edge := range edges {
		next[edge.From] = append(next[edge.From], edge.To)
		entering[edge.To]++
	}
	var ready, sources []int
	for node, count := range entering {
		if count == 0 {
			ready, sources = append(ready, node), append(sources, node)
		}
	}
	for len(ready) > 0 {
		node := ready[0]
		ready = ready[1:]
		for _, to := range next[node] {
			p.layer[to] = max(p.layer[to], p.layer[node]+1)
			if entering[to]--; entering[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	for _, node := range sources {
		for i, to := range next[node] {
			if above := p.layer[to] - 1; i == 0 || above < p.layer[node] {
				p.layer[node] = above
			}
		}
	}
}

// chain makes the rows, and of each edge a chain of neighbours.
func (p *placement) chain(edges []Edge) {
	for _, edge := range edges {
		chain := []int{edge.From}
		for layer := p.layer[edge.From] + 1; layer < p.layer[edge.To]; layer++ {
			chain = append(chain, len(p.sizes))
			p.sizes, p.layer = append(p.sizes, Node{}), append(p.layer, layer)
		}
		p.chains = append(p.chains, append(chain, edge.To))
	}
	p.above, p.under = make([][]int, len(p.sizes)), make([][]int, len(p.sizes))
	for _, chain := range p.chains {
		for i, node := range chain[1:] {
			p.above[node], p.under[chain[i]] = append(p.above[node], chain[i]), append(p.under[chain[i]], node)
		}
	}
	if len(p.layer) > 0 {
		p.rows = make([][]int, slices.Max(p.layer)+1)
	}
	for node, layer := range p.layer {
		p.rows[layer] = append(p.rows[layer], node)
	}
}

// order sorts the rows by the middles of the neighbours' places in theirs.
func (p *placement) order() {
	place := make([]float64, len(p.sizes))
	number := func(row []int) {
		for i, node := range row {
			place[node] = float64(i)
		}
	}
	for _, row := range p.rows {
		number(row)
	}
	p.sweep(func(row []int, neighbours [][]int) {
		middles := map[int]float64{}
		for _, node := range row {
			middles[node] = middle(neighbours[node], place, place[node])
		}
		slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(middles[a], middles[b]) })
		number(row)
	})
}

// sweep does something to all rows, down by the neighbours above and up by those below.
func (p *placement) sweep(do func(row []int, neighbours [][]int)) {
	for range sweeps {
		for _, row := range p.rows {
			do(row, p.above)
		}
		for _, row := range slices.Backward(p.rows) {
			do(row, p.under)
		}
	}
}

// middle is the mean of nodes' values; otherwise is that of none.
func middle(nodes []int, values []float64, otherwise float64) float64 {
	if len(nodes) == 0 {
		return otherwise
	}
	sum := 0.0
	for _, node := range nodes {
		sum += values[node]
	}
	return sum / float64(len(nodes))
}

// spread finds the middles of the nodes from left to right.
func (p *placement) spread() {
	p.x = make([]float64, len(p.sizes))
	for _, row := range p.rows {
		p.fit(row, make([]float64, len(row)))
	}
	p.sweep(func(row []int, neighbours [][]int) {
		wanted := make([]float64, len(row))
		for i, node := range row {
			wanted[i] = middle(neighbours[node], p.x, p.x[node])
		}
		p.fit(row, wanted)
	})
}

// fit places a row as near to what is wanted as its distances allow: halfway between what
// comes of pushing from the left and from the right.
func (p *placement) fit(row []int, wanted []float64) {
	left, right := slices.Clone(wanted), slices.Clone(wanted)
	apart := func(i int) float64 { return (p.sizes[row[i-1]].Width+p.sizes[row[i]].Width)/2 + beside }
	for i := 1; i < len(row); i++ {
		left[i] = max(left[i], left[i-1]+apart(i))
	}
	for i := len(row) - 1; i > 0; i-- {
		right[i-1] = min(right[i-1], right[i]-apart(i))
	}
	for i, node := range row {
		p.x[node] = math.Round((left[i] + right[i]) / 2)
	}
}

// layout moves everything to whole numbers from 0 on.
func (p *placement) layout(nodes int) Layout {
	var layout Layout
	leftmost, top := math.Inf(1), 0.0
	at := make([]Point, len(p.sizes))
	for _, row := range p.rows {
		height := 0.0
		for _, node := range row {
			height = max(height, p.sizes[node].Height)
			leftmost = min(leftmost, p.x[node]-p.sizes[node].Width/2)
		}
		for _, node := range row {
			at[node] = Point{p.x[node], math.Round(top + height/2)}
		}
		layout.Height = top + height
		top += height + below
	}
	for node := range at {
		at[node].X = math.Round(at[node].X - leftmost)
		layout.Width = max(layout.Width, math.Ceil(at[node].X+p.sizes[node].Width/2))
	}
	for _, chain := range p.chains {
		layout.Edges = append(layout.Edges, p.line(chain, at))
	}
	layout.Nodes = at[:nodes]
	return layout
}

func (p *placement) line(chain []int, at []Point) []Point {
	points := make([]Point, len(chain))
	for i, node := range chain {
		points[i] = at[node]
	}
	last := len(chain) - 1
	points[0].Y = math.Round(points[0].Y + p.sizes[chain[0]].Height/2)
	points[last].Y = math.Round(points[last].Y - p.sizes[chain[last]].Height/2)
	return points
}
