package cli_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli"
)

// run runs the command and returns what it printed as data.
func run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	command := cli.New("1.2.3")
	command.SetOut(&out)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(arguments)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	out, err := run(t)
	require.NoError(t, err)
	assert.Contains(t, out, "dlq")
	assert.Contains(t, out, "rebuild")
	assert.Contains(t, out, "changed")
	assert.Contains(t, out, "graph")
	assert.Contains(t, out, "ci ")
	assert.Contains(t, out, "generate")
	assert.Contains(t, out, "doctor")
	assert.Contains(t, out, "schema")
	out, err = run(t, "--version")
	require.NoError(t, err)
	assert.Equal(t, "reventless version 1.2.3\n", out)
	out, err = run(t, "dlq", "redrive", "--help")
	require.NoError(t, err)
	for _, flag := range []string{"--all", "--rate", "--plugin", "--output", "--cwd", "--stack"} {
		assert.Contains(t, out, flag)
	}
}

func TestErrorsAreReturnedAndNotPrinted(t *testing.T) {
	t.Parallel()
	for problem, arguments := range map[string][]string{
		"unknown command":                  {"dlqs"},
		"there is no Pulumi.yaml":          {"dlq", "list", "--cwd", t.TempDir()},
		"accepts 1 arg":                    {"dlq", "show"},
		"there is no deploy-manifest.yaml": {"changed", "--cwd", t.TempDir()},
		"--stack b":                        {"graph", "--cwd", "../examples/online-shop", "--stack", "a/b"},
	} {
		out, err := run(t, arguments...)
		require.ErrorContains(t, err, problem)
		assert.Empty(t, out)
	}
}
