package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

func TestReadShop(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read("../../../examples/online-shop/deploy-manifest.yaml")
	require.NoError(t, err)
	plan, err := project.Read(read, "alpha")
	require.NoError(t, err)
	after := map[string][]string{}
	for _, target := range plan.Targets {
		assert.Empty(t, target.Skip, target.Name)
		assert.Empty(t, plan.External(target), target.Name)
		after[target.Name] = target.After
	}
	assert.Nil(t, after["platform"])
	assert.Equal(t, []string{"platform"}, after["catalog"])
	assert.Equal(t, []string{"platform", "catalog"}, after["ordering"])

	plan, err = project.Read(read, "feature-x")
	require.NoError(t, err)
	for _, target := range plan.Targets {
		assert.Equal(t, "there is no "+target.Path+"/Pulumi.feature-x.yaml", target.Skip)
	}
}

// world is a repository with plugins a, b and c without depends-on; files are those of the
// environment alpha.
func world(t *testing.T, files map[string]string) (*project.Plan, error) {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write(manifest.File, "plugins: [{name: a, path: a}, {name: b, path: b}, {name: c, path: c}]")
	for _, name := range []string{"a", "b", "c"} {
		write(name+"/Pulumi.yaml", "name: shop-"+name)
	}
	for name, text := range files {
		write(name, text)
	}
	read, err := manifest.Read(filepath.Join(folder, manifest.File))
	require.NoError(t, err)
	return project.Read(read, "alpha")
}

func TestReferences(t *testing.T) {
	t.Parallel()
	plan, err := world(t, map[string]string{
		"a/Pulumi.yaml":                "name: shop-a\nstackConfigDir: stacks",
		"a/stacks/Pulumi.alpha.yaml":   "config:\n  platform:stack: org/shop-platform/alpha\n  interstack:dependencies: [org/shop-b/alpha, org/shop-b/main]\n",
		"b/Pulumi.alpha.yaml":          "config:\n  interstack:\n    dependencies:\n      - org/shop-c/alpha\n",
		"c/Pulumi.alpha.yaml.disabled": "",
	})
	require.NoError(t, err)
	a, _ := plan.Target("a")
	assert.Equal(t, []string{"b"}, a.After)
	assert.ElementsMatch(t, []string{"org/shop-platform/alpha", "org/shop-b/main"}, plan.External(a))
	b, _ := plan.Target("b")
	assert.Equal(t, []string{"c"}, b.After)
	c, _ := plan.Target("c")
	assert.Equal(t, "c/Pulumi.alpha.yaml is disabled", c.Skip)
}

// TestOpen finds the manifest from a folder of a project, and the branch is no stack's name.
func TestOpen(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Git("checkout", "--quiet", "-b", "feature/x")
	made.Write(map[string]string{
		manifest.File: "plugins: [{name: a, path: a}]", "other.yaml": "plugins: [{name: b, path: a}]",
		"a/Pulumi.yaml": "name: shop-a", "a/Pulumi.feature/x.yaml": "config: {}", "a/Pulumi.alpha.yaml": "config: {}",
	})
	nothing := func(string) (string, bool) { return "", false }
	plan, err := project.Open(t.Context(), project.Selection{Folder: filepath.Join(made.Folder, "a")}, nothing)
	require.NoError(t, err)
	assert.Equal(t, "feature/x", plan.Environment)
	assert.Equal(t, "no stack can be called feature/x, so it has no file", plan.Targets[0].Skip)

	plan, err = project.Open(t.Context(), project.Selection{Folder: filepath.Join(made.Folder, "a"), Manifest: "../other.yaml", Environment: "alpha"}, nothing)
	require.NoError(t, err)
	assert.Equal(t, "b", plan.Targets[0].Name)
	assert.Empty(t, plan.Targets[0].Skip)

	_, err = project.Open(t.Context(), project.Selection{Folder: filepath.Join(made.Folder, "nowhere")}, nothing)
	assert.ErrorContains(t, err, "there is no folder")
	_, err = project.Open(t.Context(), project.Selection{Folder: made.Folder, Environment: "a/b"}, nothing)
	assert.ErrorContains(t, err, "--stack b")
}

func TestReadProblems(t *testing.T) {
	t.Parallel()
	_, err := world(t, map[string]string{"a/Pulumi.alpha.yaml": "config: [", "b/Pulumi.alpha.yaml": "config: 1"})
	assert.ErrorContains(t, err, "a/Pulumi.alpha.yaml: it is no YAML")
	assert.ErrorContains(t, err, "b/Pulumi.alpha.yaml: it is no YAML")
	_, err = world(t, map[string]string{
		"a/Pulumi.alpha.yaml": `config: {"interstack:dependencies": '["org/shop-b/alpha"]'}`,
		"b/Pulumi.alpha.yaml": `config: {"shop-b:interstack": {dependencies: [org/shop-a/alpha]}}`,
	})
	assert.ErrorContains(t, err, "in a circle, so none can be deployed first: a → b → a")
}
