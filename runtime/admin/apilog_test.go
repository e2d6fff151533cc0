package admin_test

import (
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

const logGroup = "/aws/appsync/apis/api"

// TestLogGroupOfThePlatform: the group comes with the platform itself and goes with it,
// whatever other plugins do.
func TestLogGroupOfThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watch()
	assert.Empty(t, w.logs.Calls(), "nobody is connected yet")
	w.send(w.connect("catalog", "c1", query("product")))
	w.deliver(10)
	assert.Empty(t, w.logs.Calls())
	w.send(w.connect("Platform", "p1", query("platform")))
	w.deliver(10)
	assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())

	calls := len(w.logs.Calls())
	w.watch()
	w.send(w.connect("Platform", "p2", query("platform")), disconnect("catalog", "c2", "c1"))
	w.deliverAll()
	assert.Len(t, w.logs.Calls(), calls, "it is known to be as it should")
	w.api.Attach("Query.platform") // its stack is still there
	w.send(disconnect("Platform", "p3", "p1"))
	w.deliverAll()
	assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All(), "a stale disconnect takes nothing away")

	w.send(disconnect("Platform", "p4", "p2"))
	w.deliverAll()
	assert.True(t, w.outcome("Platform", "p4").OK)
	assert.Empty(t, w.logs.All())
	calls = len(w.logs.Calls())
	w.restart()
	w.watch()
	assert.Len(t, w.logs.Calls(), calls, "the platform is being destroyed")
}

// TestLogGroupIsAdopted: AppSync may have made the group before, and a process that is
// started anew, as after a change of the retention, looks at it.
func TestLogGroupIsAdopted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logs.Put(logGroup, 0)
	w.send(w.connect("Platform", "p1", query("platform")))
	w.deliver(10)
	assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())
	w.logs.Put(logGroup, 7)
	w.restart()
	w.watch()
	assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())
	w.restart()
	w.logs.Remove(logGroup)
	w.watch()
	assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())
}

// TestLogGroupFailsNothing: neither a connection nor a disconnection depends on it.
func TestLogGroupFailsNothing(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"AccessDeniedException", "ThrottlingException", "ServiceUnavailableException"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			failing := true
			w.logs.Before = func(operation string) error {
				if failing {
					return &smithy.GenericAPIError{Code: code, Message: operation}
				}
				return nil
			}
			w.send(w.connect("Platform", "p1", query("platform")))
			w.deliver(10)
			assert.True(t, w.outcome("Platform", "p1").OK)
			assert.Empty(t, w.logs.All())
			calls := len(w.logs.Calls())
			w.watch()
			assert.Greater(t, len(w.logs.Calls()), calls, "the watch tries again")
			failing = false
			w.watch()
			assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())
			failing = true
			w.send(disconnect("Platform", "p2", "p1"))
			w.deliver(10)
			assert.True(t, w.outcome("Platform", "p2").OK)
			assert.Equal(t, registry.StatusRetired, w.row("Platform").Status)
		})
	}
}

// TestLogGroupAfterACrash ends the function at each request of a connection and of a
// disconnection. When they are answered there is a group, and there is none.
func TestLogGroupAfterACrash(t *testing.T) {
	t.Parallel()
	for _, mode := range crashModes {
		for at := 1; at <= 40; at++ {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				crashing := func(r registry.Request) {
					w.send(r)
					w.crash.calls, w.crash.at, w.crash.mode = 0, at, mode
					w.deliver(10)
					w.crash.at = 0
					w.deliverAll()
					require.True(t, w.outcome("Platform", r.ID).OK)
				}
				crashing(w.connect("Platform", "p1", query("platform")))
				w.watch()
				assert.Equal(t, map[string]int{logGroup: 30}, w.logs.All())
				refused := false
				w.logs.Before = func(operation string) error {
					err := w.crash.hook("before", operation)
					refused = refused || err != nil
					return err
				}
				crashing(disconnect("Platform", "p2", "p1"))
				assert.Equal(t, refused, len(w.logs.All()) > 0, "it is left over only when CloudWatch refuses to delete it")
			})
		}
	}
}
