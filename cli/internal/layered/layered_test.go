package layered_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/layered"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	size := layered.Node{Width: 100, Height: 40}
	assert.Equal(t, layered.Layout{Nodes: []layered.Point{}}, layered.Place(nil, nil))
	assert.Equal(t, layered.Layout{Width: 100, Height: 40, Nodes: []layered.Point{{50, 20}}}, layered.Place([]layered.Node{size}, nil))

	// 0 leads to 1 and 2, 2 to 3; 4 is above 3 alone.
	placed := layered.Place([]layered.Node{size, size, size, size, size}, []layered.Edge{{0, 1}, {0, 2}, {2, 3}, {4, 3}})
	y := func(node int) float64 { return placed.Nodes[node].Y }
	assert.Equal(t, []float64{20, 116, 116, 212, 116}, []float64{y(0), y(1), y(2), y(3), y(4)})
	assert.Equal(t, layered.Point{X: placed.Nodes[2].X, Y: 136}, placed.Edges[2][0])
	assert.Equal(t, layered.Point{X: placed.Nodes[3].X, Y: 192}, placed.Edges[2][1])
}

// TestLongEdge goes around what is between.
func TestLongEdge(t *testing.T) {
	t.Parallel()
	size := layered.Node{Width: 100, Height: 40}
	placed := layered.Place([]layered.Node{size, size, size}, []layered.Edge{{0, 1}, {1, 2}, {0, 2}})
	require.Len(t, placed.Edges[2], 3)
	between := placed.Edges[2][1]
	assert.Equal(t, placed.Nodes[1].Y, between.Y)
	assert.GreaterOrEqual(t, max(between.X-placed.Nodes[1].X, placed.Nodes[1].X-between.X), 50.0)
}

// TestRandom places random graphs: edges lead down, nodes do not overlap, all is inside, and
// it is the same each time.
func TestRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		nodes := make([]layered.Node, 1+random.IntN(30))
		for i := range nodes {
			nodes[i] = layered.Node{Width: float64(20 + random.IntN(200)), Height: float64(20 + random.IntN(60))}
		}
		var edges []layered.Edge
		for to := range nodes {
			for range random.IntN(3) {
				if to > 0 {
					edges = append(edges, layered.Edge{From: random.IntN(to), To: to})
				}
			}
		}
		placed := layered.Place(nodes, edges)
		assert.Equal(t, placed, layered.Place(nodes, edges))
		check(t, nodes, edges, placed)
	}
}

func check(t *testing.T, nodes []layered.Node, edges []layered.Edge, placed layered.Layout) {
	t.Helper()
	for i, a := range placed.Nodes {
		require.GreaterOrEqual(t, a.X, nodes[i].Width/2-1)
		require.LessOrEqual(t, a.X, placed.Width-nodes[i].Width/2+1)
		require.LessOrEqual(t, a.Y, placed.Height-nodes[i].Height/2+1)
		for j, b := range placed.Nodes[:i] {
			apart := max(a.X-b.X, b.X-a.X) >= (nodes[i].Width+nodes[j].Width)/2 || max(a.Y-b.Y, b.Y-a.Y) >= (nodes[i].Height+nodes[j].Height)/2
			require.True(t, apart, "%d and %d overlap", i, j)
		}
	}
	for i, edge := range edges {
		points := placed.Edges[i]
		require.Equal(t, placed.Nodes[edge.From].X, points[0].X)
		require.Equal(t, placed.Nodes[edge.To].X, points[len(points)-1].X)
		for k := 1; k < len(points); k++ {
			require.Greater(t, points[k].Y, points[k-1].Y, "an edge leads down")
		}
	}
}
