package changed

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// show runs the command in a folder.
func show(t *testing.T, selected stack.Selection, variables map[string]string, arguments ...string) (string, error) {
	t.Helper()
	e := &environment{selected: &selected, lookup: func(name string) (string, bool) {
		value, set := variables[name]
		return value, set
	}}
	command := e.command()
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(arguments)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

// shop has a platform, a catalog, which has no file for alpha, and two commits on alpha.
func shop(t *testing.T) (made *gittest.Repository, base string) {
	t.Helper()
	made = gittest.New(t)
	made.Git("checkout", "--quiet", "-b", "alpha")
	made.Write(map[string]string{
		"deploy-manifest.yaml":           "platform: {path: platform-aws}\nplugins: [{name: catalog, path: catalog-aws}]",
		"platform-aws/Pulumi.yaml":       "name: shop-platform",
		"platform-aws/Pulumi.alpha.yaml": "config: {}",
		"catalog-aws/Pulumi.yaml":        "name: shop-catalog",
		"catalog/0":                      "",
	})
	base = made.Commit("first")
	made.Write(map[string]string{"catalog/1": "", "catalog/2": "", "catalog/3": "", "catalog/4": "", "catalog-aws/x": ""})
	made.Commit("second [skip deploy]")
	return made, base
}

func TestText(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	out, err := show(t, stack.Selection{Folder: filepath.Join(made.Folder, "catalog")}, nil, "--base", base)
	require.NoError(t, err)
	assert.Equal(t, `Compared with `+base[:12]+` (--base), in the environment alpha:
catalog (skipped: there is no catalog-aws/Pulumi.alpha.yaml)
  folder: catalog-aws/x (its folder)
  beside: catalog/1, catalog/2, catalog/3 and 1 more (it belongs to catalog-aws)
1 of 2 stacks changed.
The head commit says [skip deploy].
`, out)

	out, err = show(t, stack.Selection{Folder: made.Folder, Stack: "beta"}, nil, "--base", "alpha")
	require.NoError(t, err)
	assert.Contains(t, out, "in the environment beta:\n0 of 2 stacks changed.\n")

	out, err = show(t, stack.Selection{Folder: made.Folder}, nil)
	require.NoError(t, err)
	assert.Contains(t, out, "Everything is changed: nothing says what to compare with: name a commit with --base, as in `--base origin/main`. In the environment alpha:\nplatform\ncatalog (skipped")
	assert.Contains(t, out, "2 of 2 stacks changed.")

	made.Write(map[string]string{"other.yaml": "platform: {path: platform-aws}"})
	made.Git("add", "other.yaml")
	out, err = show(t, stack.Selection{Folder: made.Folder}, nil, "--base", base, "--manifest", "other.yaml")
	require.NoError(t, err)
	assert.Contains(t, out, "platform\n  manifest: the manifest is new\n1 of 1 stacks changed.")
}

// TestDocumented changes files of the online shop, in a repository of its files and of what
// its plugin in Go imports.
func TestDocumented(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	root := snippet.Root()
	for _, folder := range []string{"examples/online-shop", "runtime"} {
		require.NoError(t, os.CopyFS(filepath.Join(made.Folder, folder), os.DirFS(filepath.Join(root, folder))))
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	made.Write(map[string]string{"go.mod": string(module)})
	made.Commit("the shop")
	made.Write(map[string]string{"examples/online-shop/catalog/src/basket.js": "// new", "runtime/protocol/protocol.go": "package protocol"})

	out, err := show(t, stack.Selection{Folder: filepath.Join(made.Folder, "examples", "online-shop"), Stack: "alpha"}, nil, "--base", "HEAD")
	require.NoError(t, err)
	hash := regexp.MustCompile(`[0-9a-f]{12}`)
	assert.Equal(t, hash.ReplaceAllString(snippet.Output(t, "docs/orchestrating.md", "changed"), "…"), hash.ReplaceAllString(out, "…"))
}

func TestRemovedText(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	made.Write(map[string]string{"deploy-manifest.yaml": "platform: {path: platform-aws}"})
	out, err := show(t, stack.Selection{Folder: made.Folder}, nil, "--base", base)
	require.NoError(t, err)
	assert.Contains(t, out, "shop-catalog is not in the manifest any more. If its stack is still there, destroy it, in the repository's root:\n  pulumi destroy --cwd catalog-aws --stack alpha\n")
}

func TestJSON(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	out, err := show(t, stack.Selection{Folder: made.Folder}, map[string]string{"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "feature/x"}, "--base", base, "-o", "json")
	require.NoError(t, err)
	var result change.Result
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	assert.Equal(t, "feature/x", result.Environment)
	assert.True(t, result.SkipDeploy)
	assert.Empty(t, result.Changed(), "every stack is skipped")
	assert.True(t, result.Stacks[1].Changed)
	assert.Contains(t, out, `"removed": []`)
	assert.Contains(t, out, `"reasons": []`)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	made, _ := shop(t)
	for problem, arguments := range map[string][]string{
		"use text or json":          {"-o", "yaml"},
		"there is no manifest":      {"--manifest", "no.yaml"},
		`has no commit "mian"`:      {"--base", "mian"},
		"unknown command \"x\" for": {"x"},
	} {
		out, err := show(t, stack.Selection{Folder: made.Folder}, nil, arguments...)
		require.ErrorContains(t, err, problem)
		assert.Empty(t, out)
	}
	_, err := show(t, stack.Selection{Folder: t.TempDir()}, nil)
	require.ErrorContains(t, err, "there is no deploy-manifest.yaml")
}
