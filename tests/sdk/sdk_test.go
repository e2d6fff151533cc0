// Package sdk checks that the generated SDKs can be used: the one for Node.js and a
// program type-check strictly, the one for Python imports and a program type-checks,
// the one for Go compiles. So do the programs that "reventless generate" makes, and those of the
// examples.
package sdk

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNodeJS(t *testing.T) {
	t.Parallel()
	run(t, "nodejs", nil, "./node_modules/.bin/tsc", "--project", ".")
}

func TestPython(t *testing.T) {
	t.Parallel()
	python := filepath.Join(root(t), ".venv", "bin", "python")
	source, packages := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "packages")
	require.NoError(t, os.CopyFS(source, os.DirFS(filepath.Join(root(t), "sdk", "python")))) // installing writes into it
	run(t, "python", nil, python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", packages, source)
	environment := []string{"PYTHONPATH=" + packages, "PYTHONDONTWRITEBYTECODE=1", "MYPYPATH=" + packages}
	run(t, "python", environment, python, "-c", "import pulumi_reventless; pulumi_reventless.Platform; pulumi_reventless.Plugin")
	run(t, "python", environment, python, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", t.TempDir(), "program.py")
}

func TestPythonExamples(t *testing.T) {
	t.Parallel()
	python := filepath.Join(root(t), ".venv", "bin", "python")
	environment := []string{"MYPYPATH=" + filepath.Join(root(t), "sdk", "python"), "PYTHONDONTWRITEBYTECODE=1"}
	projects, err := filepath.Glob(filepath.Join(root(t), "examples", "online-shop-python", "*-aws"))
	require.NoError(t, err)
	require.NotEmpty(t, projects)
	cache := t.TempDir()
	for _, project := range projects {
		run(t, project, environment, python, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", cache, "__main__.py", "program.py")
	}
}

func TestGo(t *testing.T) {
	t.Parallel()
	for _, module := range []string{"sdk", "examples/online-shop-go", "tests/e2e/testdata/languages/go"} {
		run(t, filepath.Join(root(t), filepath.FromSlash(module)), nil, "go", "vet", "./...")
	}
}

func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return path
}

// run runs a command, which must succeed, in a folder.
func run(t *testing.T, folder string, environment []string, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}
