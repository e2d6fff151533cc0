package rebuild

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(3)
	out, err := w.command("Products", "--plugin", "catalog", "--dry-run")
	require.NoError(t, err)
	assert.Contains(t, out, "3 of 3 rows of Products differ from what the events lead to; of these 0 would be deleted. Nothing was changed.\nFor instance: p00, p01, p02")
	out, err = w.command("Products", "--plugin", "catalog", "-o", "json")
	require.NoError(t, err)
	var report Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Equal(t, [3]int{3, 6, 3}, [3]int{report.Rows, report.Events, report.Differ})
	assert.Empty(t, report.Table)
	out, err = w.command("Products", "--plugin", "catalog", "--keep")
	require.NoError(t, err)
	assert.Contains(t, out, "Products is rebuilt: 3 rows folded from 6 events in 0 s, 3 compared, 0 written, of these 0 deleted.\nThe table products-rebuild is kept.")
	assert.NotContains(t, out, "Go on with")
}

func TestTheCommandSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(3)
	w.handler = func(turn.Turn) (string, error) { return "", &turn.HandlerError{Kind: turn.Threw, Message: "broken"} }
	out, err := w.command("Products", "--plugin", "catalog", "--announce")
	require.ErrorContains(t, err, "rebuild Products: some rows failed: 3")
	assert.Contains(t, out, "Products is not rebuilt, 3 rows failed. The read model is as it was.\nThe table products-rebuild is kept.\n"+
		"Go on with: reventless rebuild Products --resume --stack alpha --plugin catalog --announce\nID    REASON\np00   event 1 (A) of Product")
}

func TestArgumentsThatAreWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, arguments := range map[string][]string{
		"accepts 1 arg":                       {},
		`format "xml" is not known`:           {"Products", "-o", "xml"},
		"--batch is 0":                        {"Products", "--batch", "0"},
		"2 plugins, catalog, empty":           {"Products"},
		`no read model "Product", but Own`:    {"Product", "--plugin", "catalog"},
		`Did you mean "Products"`:             {"Product", "--plugin", "catalog"},
		`has no function for the rows of "P`:  {"Products", "--plugin", "empty"},
		`rebuild Own: the plugin has no read`: {"Own", "--plugin", "catalog"},
	} {
		out, err := w.command(arguments...)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, out)
	}
}

func TestFunctionOf(t *testing.T) {
	t.Parallel()
	plugin := &stack.Plugin{ReadModels: map[string]string{"A": "a", "B": "b"}, Functions: map[string]string{"projections": "shared", "projections-B": "own"}}
	for model, want := range map[string]string{"A": "shared", "B": "own"} {
		function, err := functionOf(plugin, model)
		require.NoError(t, err)
		assert.Equal(t, want, function)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"a/b-c.d:e@f_1": "a/b-c.d:e@f_1", "my shop": "'my shop'", "it's": `'it'\''s'`} {
		assert.Equal(t, want, quoted(word))
	}
}
