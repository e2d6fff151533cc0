package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/workspace"
)

var packages = workspace.Packages{Node: []string{"shop-aws"}, Go: []string{"shop"}, Python: []string{"shop"}}

func TestRegister(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, want string }{
		"npm": {
			"package.json", "{\n\t\"name\": \"x\",\n\t\"workspaces\": [\n\t\t\"a\",\n\t\t\"b\"\n\t],\n\t\"z\" : 1}\n",
			"{\n\t\"name\": \"x\",\n\t\"workspaces\": [\n\t\t\"a\",\n\t\t\"b\",\n\t\t\"shop-aws\"\n\t],\n\t\"z\" : 1}\n",
		},
		"npm in one line":      {"package.json", `{"workspaces": ["a"]}`, `{"workspaces": ["a", "shop-aws"]}`},
		"npm without members":  {"package.json", `{"workspaces": []}`, `{"workspaces": ["shop-aws"]}`},
		"yarn":                 {"package.json", `{"workspaces": {"packages": ["a", "b"]}}`, `{"workspaces": {"packages": ["a", "b", "shop-aws"]}}`},
		"npm, by pattern":      {"package.json", `{"workspaces": ["./*-aws"]}`, ""},
		"npm, taken out":       {"package.json", `{"workspaces": ["*", "!shop-*"]}`, `{"workspaces": ["*", "!shop-*", "shop-aws"]}`},
		"no workspace":         {"package.json", `{"name": "x"}`, ""},
		"Lerna":                {"lerna.json", "{\"packages\": [\"a\"],\n \"version\": \"1.0.0\"}", "{\"packages\": [\"a\", \"shop-aws\"],\n \"version\": \"1.0.0\"}"},
		"Lerna with npm's":     {"lerna.json", `{"version": "1.0.0"}`, ""},
		"pnpm":                 {"pnpm-workspace.yaml", "# ours\npackages:\n  - 'a'\n  - b # two\ncatalog: {x: 1}\n", "# ours\npackages:\n  - 'a'\n  - b # two\n  - shop-aws\ncatalog: {x: 1}\n"},
		"pnpm, one":            {"pnpm-workspace.yaml", "packages:\n- a\n", "packages:\n- a\n- shop-aws\n"},
		"pnpm, by pattern":     {"pnpm-workspace.yaml", "packages: ['**']\n", ""},
		"pnpm without list":    {"pnpm-workspace.yaml", "catalog: {x: 1}\n", ""},
		"Go":                   {"go.work", "go 1.26\n\n// all\nuse (\n\t./a // first\n\t./b\n)\n", "go 1.26\n\n// all\nuse (\n\t./a // first\n\t./b\n\t./shop\n)\n"},
		"Go, there":            {"go.work", "go 1.26\n\nuse ./shop/\n", ""},
		"uv":                   {"pyproject.toml", "[project]\nname='x'\n[tool.uv.workspace] # all\nmembers = [\"a\"]\n", "[project]\nname='x'\n[tool.uv.workspace] # all\nmembers = [\"a\", \"shop\"]\n"},
		"uv, lines":            {"pyproject.toml", "[tool.uv.workspace]\nmembers = [\n  \"a\", # one\n  \"b\", # two\n]\n", "[tool.uv.workspace]\nmembers = [\n  \"a\", # one\n  \"b\", # two\n  \"shop\",\n]\n"},
		"uv, no last comma":    {"pyproject.toml", "[tool.uv.workspace]\nmembers = [\n  \"b\" # two\n]\n", "[tool.uv.workspace]\nmembers = [\n  \"b\", # two\n  \"shop\"\n]\n"},
		"uv, dotted":           {"pyproject.toml", "[tool.uv]\nworkspace.members = []\n", "[tool.uv]\nworkspace.members = [\"shop\"]\n"},
		"uv, by pattern":       {"pyproject.toml", "[tool.uv.workspace]\nmembers = [\"*\"]\n", ""},
		"Python without uv":    {"pyproject.toml", "[project]\nname = 'x'\n", ""},
		"nothing at the root":  {"README.md", "", ""},
		"uv without workspace": {"pyproject.toml", "[tool.uv]\npackage = false\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(root, test.file), []byte(test.text), 0o600))
			edits, err := workspace.Register(root, packages)
			require.NoError(t, err)
			if test.want == "" {
				assert.Empty(t, edits)
				return
			}
			require.Len(t, edits, 1)
			assert.Equal(t, test.file, edits[0].Path)
			assert.Equal(t, test.text, string(edits[0].Before))
			assert.Equal(t, test.want, string(edits[0].After))
			require.NoError(t, os.WriteFile(filepath.Join(root, test.file), edits[0].After, 0o600))
			edits, err = workspace.Register(root, packages)
			require.NoError(t, err)
			assert.Empty(t, edits, "a second time")
		})
	}
}

func TestRegisterProblems(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"package.json":        "{",
		"pnpm-workspace.yaml": "{packages: []}",
		"go.work":             "use (",
		"pyproject.toml":      "tool = {uv = {workspace = {members = []}}}",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	edits, err := workspace.Register(root, packages)
	assert.Empty(t, edits)
	for _, want := range []string{"package.json: ", "pnpm-workspace.yaml: its layout", "go.work: ", "pyproject.toml: its layout", "add shop-aws to its members", "add shop to its members"} {
		assert.ErrorContains(t, err, want)
	}
}

func TestUV(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	assert.False(t, workspace.UV(root))
	require.NoError(t, os.WriteFile(filepath.Join(root, "pyproject.toml"), []byte("[tool.uv.workspace]\nmembers = []"), 0o600))
	assert.True(t, workspace.UV(root))
}
