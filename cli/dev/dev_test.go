package dev

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// repository has a platform and a plugin, with these configurations of the environment
// alpha.
func repository(t *testing.T, platform, catalog string) *gittest.Repository {
	t.Helper()
	made := gittest.New(t)
	made.Write(map[string]string{
		"deploy-manifest.yaml":           "platform: {path: platform-aws}\nplugins: [{name: catalog, path: catalog-aws}]",
		"platform-aws/Pulumi.yaml":       "name: shop-platform",
		"catalog-aws/Pulumi.yaml":        "name: shop-catalog\nruntime: yaml\nresources:\n  c: {type: 'reventless:index:Plugin', properties: {code: {fn::fileArchive: ../code}}}",
		"platform-aws/Pulumi.beta.yaml":  platform,
		"catalog-aws/Pulumi.beta.yaml":   catalog,
		"platform-aws/Pulumi.local.yaml": "stack: mine",
		"catalog/schema.graphql":         "type Query { a: Int }",
		"code/index.js":                  "",
	})
	return made
}

func TestOpenTakesAnEnvironmentThatIsThere(t *testing.T) {
	t.Parallel()
	made := repository(t, "config: {}", "config: {}")
	plan, err := open(t.Context(), project.Selection{Folder: made.Folder})
	require.NoError(t, err)
	assert.Equal(t, "beta", plan.Environment, "the branch main has none")
	plan, err = open(t.Context(), project.Selection{Folder: made.Folder, Environment: "main"})
	require.NoError(t, err)
	assert.Equal(t, "main", plan.Environment, "what was asked for")
}

func TestRegion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ platform, catalog, want, wrong string }{
		"none":    {"config: {}", "config: {}", "eu-central-1", ""},
		"one":     {"config: {aws:region: eu-west-1}", "config: {aws:region: eu-west-1}", "eu-west-1", ""},
		"several": {"config: {aws:region: eu-west-1}", "config: {aws:region: us-east-1}", "", "the stacks are in several regions"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := repository(t, test.platform, test.catalog)
			plan, err := open(t.Context(), project.Selection{Folder: made.Folder})
			require.NoError(t, err)
			found, err := region(plan)
			assert.Equal(t, test.want, found)
			if test.wrong != "" {
				assert.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	made := repository(t, "config: {}", "config: {}")
	plan, err := open(t.Context(), project.Selection{Folder: made.Folder})
	require.NoError(t, err)
	watched, err := sources(t.Context(), plan)
	require.NoError(t, err)
	assert.Contains(t, watched.all(), filepath.Join(made.Folder, "deploy-manifest.yaml"))
	for path, name := range map[string]string{"catalog": "catalog", "catalog-aws": "catalog", "code": "catalog", "platform-aws": "platform"} {
		assert.Equal(t, []string{name}, watched[filepath.Join(made.Folder, path)], path)
	}
	code := filepath.Join(made.Folder, "code")
	assert.Equal(t, map[string]string{"catalog": code + " changed"}, watched.stacks([]string{code}))
}

// TestCopy keeps the user's files as they are.
func TestCopy(t *testing.T) {
	t.Parallel()
	made := repository(t, "config: {}", "encryptionsalt: v1:theirs\nconfig: {a: 1}")
	w := &workspace{folder: filepath.Join(t.TempDir(), "config")}
	folder := filepath.Join(made.Folder, "catalog-aws")
	require.NoError(t, w.copy(folder, "beta"))
	file := filepath.Join(w.copyOf(folder), "Pulumi.beta.yaml")
	require.NoError(t, salted(file, "v1:ours"))
	salt, err := saltOf(file)
	require.NoError(t, err)
	assert.Equal(t, "v1:ours", salt)
	assert.NotEqual(t, w.copyOf("/shop/catalog/aws"), w.copyOf("/shop/ordering/aws"))
	text, err := os.ReadFile(filepath.Join(folder, "Pulumi.beta.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "v1:theirs")
}
