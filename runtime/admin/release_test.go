package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

// released is a request of catalog's stack to give up the resolver of a field.
func released(field, id string) registry.Request {
	return registry.Request{ID: id, Type: registry.TypeRelease, Release: &registry.Release{Plugin: "catalog", Stack: "o/catalog/alpha", Field: field}}
}

// back is a shop whose catalog was away for a while.
func back(t *testing.T) *world {
	t.Helper()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"), operation(registry.TypeActivate, "catalog", "a1"))
	w.deliver(10)
	restored(t, w, allFields...)
	return w
}

func TestResolversAreGivenUp(t *testing.T) {
	t.Parallel()
	w := back(t)
	pushes := w.pushes()
	stranger := released("Query.product", "r1")
	stranger.Release.Stack = "o/stranger/alpha"
	w.send(stranger, released("Query.order", "r2"))
	w.deliver(10)
	for _, id := range []string{"r1", "r2"} {
		assert.Equal(t, protocol.CodeNotReleasable, w.outcome("catalog", id).Problems[0].Code)
	}
	restored(t, w, allFields...)

	w.send(released("Query.product", "r3"), released("Query.products", "r4"))
	w.deliver(10)
	for _, id := range []string{"r3", "r4"} {
		assert.True(t, w.outcome("catalog", id).OK)
	}
	assert.Len(t, w.api.Resolvers(), 2)
	assert.Equal(t, allFields, w.live())
	assert.Equal(t, pushes, w.pushes())

	w.api.Attach("Query.product") // by the stack
	w.send(released("Query.product", "r5"), released("Query.products", "r6"))
	w.deliver(10)
	assert.False(t, w.outcome("catalog", "r5").OK)
	assert.True(t, w.outcome("catalog", "r6").OK, "it has none")
	restored(t, w, "Query.product")
}

// TestGivingUpCrashesAtEveryRequest ends the function at each of its requests. The stack
// makes its resolver as soon as the field is free, and keeps it whatever comes after that.
func TestGivingUpCrashesAtEveryRequest(t *testing.T) {
	t.Parallel()
	calls := func() int {
		w := back(t)
		w.crash.calls = 0
		w.send(released("Query.product", "r1"))
		w.deliver(10)
		return w.crash.calls
	}()
	for _, mode := range crashModes {
		for at := 1; at <= calls; at++ {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				w := back(t)
				w.send(released("Query.product", "r1"))
				w.crash.calls, w.crash.at, w.crash.mode = 0, at, mode
				w.deliver(10)
				w.crash.at = 0
				_, occupied := w.api.Resolvers()["Query.product"]
				if !occupied {
					w.api.Attach("Query.product")
				}
				w.deliverAll()
				assert.True(t, w.outcome("catalog", "r1").OK)
				if occupied {
					assert.NotContains(t, w.api.Resolvers(), "Query.product")
					w.api.Attach("Query.product")
				}
				w.send(released("Query.product", "r2"))
				w.deliver(10)
				assert.False(t, w.outcome("catalog", "r2").OK)
				restored(t, w, allFields...)
			})
		}
	}
}

func TestGivenUpInTwoSteps(t *testing.T) {
	t.Parallel()
	w := back(t)
	w.api.Before = func(operation string) error {
		if operation == "DeleteResolver" {
			return errCrash
		}
		return nil
	}
	w.receives = 1
	w.send(released("Query.product", "lost"))
	w.deliver(10)
	require.Len(t, w.dead, 1)
	w.api.Before = nil
	w.send(released("Query.product", "r2"))
	w.deliver(10)
	assert.True(t, w.outcome("catalog", "r2").OK, "a leftover is nobody's")
	assert.NotContains(t, w.api.Resolvers(), "Query.product")
}

// A stack that forgot its resolvers cannot delete them when it drops the fields, or goes.
func TestForgottenResolversGoWithTheirFields(t *testing.T) {
	t.Parallel()
	w := back(t)
	w.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, "refused") {
			return "no"
		}
		return ""
	}
	w.send(w.connect("catalog", "c2", query("refused")))
	w.deliver(10)
	assert.False(t, w.outcome("catalog", "c2").OK)
	restored(t, w, allFields...)
	w.send(w.connect("catalog", "c3", query("product")))
	w.deliver(10)
	w.deliverSweeps()
	assert.Equal(t, []string{"Query.order", "Query.platform", "Query.product"}, w.live())
	w.send(disconnect("catalog", "c4", "c3"))
	w.deliver(10)
	w.deliverSweeps()
	assert.Equal(t, withoutCatalog, w.live())
	assert.Len(t, w.api.Resolvers(), 2)
	assert.Empty(t, w.sweeps)
}

// The data sources go with the stack of a plugin that an operator gave up, and the stack
// that is deployed anew makes its own resolvers.
func TestGivenUpPluginIsDestroyedAndDeployedAnew(t *testing.T) {
	t.Parallel()
	w := shop(t)
	w.send(operation(registry.TypeDeactivate, "catalog", "d1"), operation(registry.TypeRetire, "catalog", "r1"))
	w.deliver(10)
	w.send(disconnect("catalog", "c2", "c1"))
	w.deliver(10)
	w.api.RemoveDataSource()
	w.send(w.connect("catalog", "c3", query("product")))
	w.deliver(10)
	assert.Empty(t, w.outcome("catalog", "c3").Notices)
	for field, source := range w.api.Resolvers() {
		assert.False(t, strings.HasPrefix(field, "Query.product") && source == schemapushtest.PluginDataSource, field)
	}
}
