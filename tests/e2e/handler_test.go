package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

// TestFragileHandler deploys a handler that fails in every way: each caller gets the
// right error, and what was accepted is projected once whatever happens on the way.
func TestFragileHandler(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, pulumicli.CopyProjects(filepath.Join("testdata", "fragile"), filepath.Join(w.projects, "fragile")))
	marks := t.TempDir()
	require.NoError(t, w.stack("fragile").SetConfig(t.Context(), "marks", marks))
	w.up(platform, "fragile")
	client := w.client(platform)

	count := func(id, how string) string {
		return fmt.Sprintf(`mutation { count(id: %q, how: %q) { status version } }`, id, how)
	}
	failures := map[string]struct{ errorType, message string }{
		"throw":    {"HandlerError", "this handler is fragile"},
		"nonsense": {"HandlerAnswerInvalid", "evnts"},
		"hang":     {"HandlerTimeout", "did not answer"},
		"exit":     {"HandlerExited", "3"},
	}
	for how, want := range failures {
		w.step("decide: "+how, func(t *testing.T) {
			response, err := client.Do(t.Context(), count("c-"+how, how), nil)
			require.NoError(t, err)
			require.NotEmpty(t, response.Errors) // AppSync adds one about the null in a non-null field
			assert.Equal(t, want.errorType, response.Errors[0].ErrorType)
			assert.Contains(t, response.Errors[0].Message, want.message)
			answer := w.ask(client, count("c-"+how, "count"))
			assert.Equal(t, map[string]any{"status": "ACCEPTED", "version": 1.0}, answer["count"], "the failed command left nothing behind")
		})
	}

	w.step("project: the engine is killed in mid-batch", func(t *testing.T) {
		for i := range 5 {
			for _, how := range []string{"count", "kill", "count", "stumble", "count"} {
				w.ask(client, count(fmt.Sprintf("k%d", i), how))
			}
		}
		for i := range 5 {
			query := fmt.Sprintf(`{ counter(id: "k%d") { count } }`, i)
			w.eventually(client, query, func(data map[string]any) bool {
				counter, _ := data["counter"].(map[string]any)
				return counter != nil && counter["count"].(float64) >= 5
			})
			assert.Equal(t, map[string]any{"count": 5.0}, w.ask(client, query)["counter"])
		}
		happened, err := os.ReadDir(marks)
		require.NoError(t, err)
		assert.Len(t, happened, 10, "each kill and each stumble happened, once")
	})

	w.step("project: a poisonous event holds up its own id alone", func(t *testing.T) {
		w.ask(client, count("bad", "count"))
		w.ask(client, count("bad", "poison"))
		w.ask(client, count("good", "count"))
		w.eventually(client, `{ counter(id: "good") { count } }`, present("counter"))
		assert.Equal(t, map[string]any{"count": 1.0}, w.eventually(client, `{ counter(id: "bad") { count } }`, present("counter"))["counter"])
		until(t, func() error { return w.letters("fragile-alpha-fragile-stream-failures") })
	})
}
