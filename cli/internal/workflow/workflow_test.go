package workflow_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/workflow"
)

// step is a step with files, and what it prints.
func step(t *testing.T, values map[string]string) (*workflow.Step, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	return workflow.New(out, func(name string) (string, bool) { value, set := values[name]; return value, set }), out
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	s, out := step(t, map[string]string{"PULUMI_ACCESS_TOKEN": "pul-123456\n", "NPM_TOKEN": "x", "GITHUB_TOKEN": "pul-123456-longer"})
	s.Error("a: b, 100%", "one\r\ntwo: pul-123456-longer, 5%\n::warning::x")
	s.Warning("w", "t")
	s.Notice("n", "t")
	assert.Equal(t, "::error title=a%3A b%2C 100%25::one%0D%0Atwo: ***, 5%25%0A::warning::x\n::warning title=w::t\n::notice title=n::t\n", out.String())
}

func TestFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	output, summary := filepath.Join(folder, "output"), filepath.Join(folder, "summary")
	s, out := step(t, map[string]string{"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary, "AWS_SECRET_ACCESS_KEY": "abcdef"})
	require.NoError(t, s.Output("a", "1"))
	require.NoError(t, s.Output("b", `["x"]`))
	require.ErrorContains(t, s.Output("c", "1\nd=2"), "more than one line")
	require.NoError(t, s.Summarize("key abcdef"))
	require.NoError(t, s.Summarize(strings.Repeat("line\n", 300_000)))
	text, err := os.ReadFile(output)
	require.NoError(t, err)
	assert.Equal(t, "a=1\nb=[\"x\"]\n", string(text))
	text, err = os.ReadFile(summary)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "key ***\nline\n"))
	assert.Less(t, len(text), 1<<20)
	assert.Contains(t, string(text), "_This was shortened: the log has all._")
	assert.Empty(t, out.String())
}

func TestOnADesk(t *testing.T) {
	t.Parallel()
	s, out := step(t, nil)
	require.NoError(t, s.Output("a", "1"))
	require.NoError(t, s.Summarize("x"))
	assert.Equal(t, "a=1\n", out.String())
}

func TestShorten(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "short", workflow.Shorten("short", 10, "r"))
	long := "<details><summary>x</summary>\n\n<pre>" + strings.Repeat("äöü\n", 1000) + "</pre>\n</details>\n"
	short := workflow.Shorten(long, 1000, "r")
	assert.LessOrEqual(t, len(short), 1000)
	assert.True(t, strings.HasSuffix(short, "äöü</pre>\n</details>\n\n_This was shortened: r._\n"), short[len(short)-80:])
	fenced := workflow.Shorten("<details>\n\n```mermaid\n"+strings.Repeat("n0 --> n1\n", 1000)+"```\n</details>", 1000, "r")
	assert.Contains(t, fenced, "n1\n```\n</details>\n\n_This")
}
