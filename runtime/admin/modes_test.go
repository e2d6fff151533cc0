package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// changed is a world whose API had signed requests alone and has users in the first place now:
// the function knows it, and the request to connect the platform again waits.
func changed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.modes = []string{"AWS_IAM"}
	w.restart()
	w.send(w.connect("Platform", "p1", schema.PlatformSDL),
		w.connect("catalog", "c1", `type Query { products: [Product!] } type Product { id: ID! margin: Int @aws_iam @aws_cognito_user_pools(cognito_groups: ["Admin"]) }`))
	w.deliver(10)
	w.modes = []string{"AMAZON_COGNITO_USER_POOLS", "AWS_IAM"}
	w.restart()
	w.send(w.connect("Platform", "p2", schema.PlatformSDL))
	w.crash.calls = 0
	return w
}

// TestModesChangeAtEveryCrash ends the function at each of its requests while it stamps the
// schema for new modes. What the API has meanwhile leaves nothing to its first mode, and
// takes nothing from signed requests; in the end users are in it.
func TestModesChangeAtEveryCrash(t *testing.T) {
	t.Parallel()
	const before, after = "products: [Product!] @aws_iam\n", "products: [Product!] @aws_cognito_user_pools @aws_iam\n"
	w := changed(t)
	assert.Contains(t, w.api.SDL(), before)
	w.deliver(10)
	calls := w.crash.calls
	require.Greater(t, calls, 5)
	for _, mode := range crashModes {
		for at := 1; at <= calls+5; at++ {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				w := changed(t)
				w.crash.at, w.crash.mode = at, mode
				w.deliver(10)
				w.crash.at = 0
				w.guarded(t)
				w.deliverAll()
				w.guarded(t)
				assert.True(t, w.outcome("Platform", "p2").OK)
				assert.Contains(t, w.api.SDL(), after)
				assert.Contains(t, w.api.SDL(), `  margin: Int @aws_cognito_user_pools(cognito_groups: ["Admin"]) @aws_iam`)
				assert.NotContains(t, w.api.SDL(), before)
			})
		}
	}
}

// TestModesChangeWithAnotherPlugin: should the deployment end before the platform connects
// again, the next push of anybody stamps the new modes.
func TestModesChangeWithAnotherPlugin(t *testing.T) {
	t.Parallel()
	w := changed(t)
	w.fifo = nil
	w.guarded(t)
	w.send(w.connect("ordering", "o1", "type Query { orders: [ID!] }"))
	w.deliver(10)
	w.guarded(t)
	assert.Contains(t, w.api.SDL(), "products: [Product!] @aws_cognito_user_pools @aws_iam\n")
	assert.Equal(t, registry.StatusConnected, w.row("ordering").Status)
}

// guarded wants each root field and each object type of the live schema to say who may use
// it, signed requests among them.
func (w *world) guarded(t *testing.T) {
	t.Helper()
	root := false
	for line := range strings.SplitSeq(w.api.SDL(), "\n") {
		if name, ok := strings.CutPrefix(line, "type "); ok {
			root = slices.Contains([]string{"Query {", "Mutation {", "Subscription {"}, name)
			assert.True(t, root || strings.Contains(line, "@aws_iam"), line)
			continue
		}
		if root && strings.HasPrefix(line, "  ") {
			assert.Contains(t, line, "@aws_iam")
		}
	}
}
