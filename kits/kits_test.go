package kits_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/kits"
)

// TestGenerate writes the kits anew elsewhere: what is committed is what the schemas say.
func TestGenerate(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder := filepath.Join(root, "kits")
	for _, kit := range []string{"nodejs", "python"} {
		require.NoError(t, os.CopyFS(filepath.Join(folder, kit), os.DirFS(kit)))
	}
	require.ErrorContains(t, kits.Generate(folder, "1"), "no semantic version")
	require.ErrorContains(t, kits.Generate(folder, "1.2.3"), "licence")
	require.NoError(t, os.WriteFile(filepath.Join(root, "LICENSE"), []byte("do what you like"), 0o600))
	require.NoError(t, kits.Generate(folder, "1.2.3-beta.4"))
	for name, want := range map[string]string{
		"nodejs/package.json": `"version": "1.2.3-beta.4",`, "python/pyproject.toml": `version = "1.2.3b4"`,
		"nodejs/LICENSE": "do what you like", "python/LICENSE": "do what you like",
	} {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Contains(t, string(text), want)
	}
	for _, name := range []string{"nodejs/index.d.ts", "python/src/reventless_handler/__init__.py"} {
		committed, err := os.ReadFile(filepath.FromSlash(name))
		require.NoError(t, err)
		made, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Equal(t, string(committed), string(made), "make generate")
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "nodejs", "package.json"), []byte("{}"), 0o600))
	assert.ErrorContains(t, kits.Generate(folder, "1.2.3"), "found 0")
}
