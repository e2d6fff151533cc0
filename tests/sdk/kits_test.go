package sdk

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHandlerKitNodeJS type-checks a handler in TypeScript and the mistakes in it, then
// the catalog's, which is JavaScript, and runs the kit's own tests.
func TestHandlerKitNodeJS(t *testing.T) {
	t.Parallel()
	compiler := filepath.Join("node_modules", ".bin", "tsc")
	run(t, "nodejs", nil, compiler, "--project", "kit")
	run(t, "nodejs", nil, compiler, "--project", "catalog")
	run(t, filepath.Join(root(t), "kits", "nodejs"), nil, "node", "--test", "--test-reporter=dot")
}

// TestHandlerKitPython installs the kit as a package, type-checks ordering's handler with
// it and one with mistakes, and runs the kit's own tests.
func TestHandlerKitPython(t *testing.T) {
	t.Parallel()
	python := filepath.Join(root(t), ".venv", "bin", "python")
	kit := filepath.Join(root(t), "kits", "python")
	source, packages := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "packages")
	require.NoError(t, os.CopyFS(source, os.DirFS(kit))) // installing writes into it
	run(t, "python", nil, python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", packages, source)
	environment := []string{"PYTHONPATH=" + packages, "PYTHONDONTWRITEBYTECODE=1", "MYPYPATH=" + packages}
	check := []string{"-m", "mypy", "--strict", "--cache-dir", t.TempDir()}
	run(t, "python", environment, python, append(check, "kit_handler.py")...)
	ordering := filepath.Join(root(t), "examples", "online-shop", "ordering", "src")
	run(t, ordering, environment, python, "-m", "mypy", "--check-untyped-defs", "--cache-dir", t.TempDir(), "handler.py")
	run(t, kit, []string{"PYTHONDONTWRITEBYTECODE=1"}, python, "-m", "unittest", "discover")
}
