package dev

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/watch"
)

// TestLook finds what became part of the stacks while dev runs.
func TestLook(t *testing.T) {
	t.Parallel()
	const program = "name: shop-catalog\nruntime: yaml\nresources:\n  c: {type: 'reventless:index:Plugin', properties: {code: {fn::fileArchive: ../handlers}}}"
	const ordering = "name: shop-ordering\nruntime: yaml"
	tests := map[string]struct {
		files   map[string]string
		removed string
		changed string
		// pending are the stacks to deploy, watched is a path that belongs to a stack now.
		pending map[string]string
		watched map[string]string
		wrong   string
	}{
		"a handler's folder that the program newly names": {
			files: map[string]string{"catalog-aws/Pulumi.yaml": program, "handlers/index.js": ""}, changed: "catalog-aws",
			pending: map[string]string{"catalog": "catalog-aws"}, watched: map[string]string{"handlers": "catalog"}},
		"a stack that is new in the manifest": {
			files: map[string]string{"deploy-manifest.yaml": "# one more\nplatform: {path: platform-aws}\nplugins: [{name: catalog, path: catalog-aws}, {name: ordering, path: ordering-aws}]",
				"ordering-aws/Pulumi.yaml": ordering, "ordering-aws/Pulumi.beta.yaml": "config: {}"}, changed: "deploy-manifest.yaml",
			pending: map[string]string{"ordering": "it is new"}, watched: map[string]string{"ordering": "ordering", "ordering-aws": "ordering"}},
		"an entry that watches more": {
			files: map[string]string{"deploy-manifest.yaml": "platform: {path: platform-aws}\nplugins: [{name: catalog, path: catalog-aws, watch: [shared]}]", "shared/x": ""}, changed: "deploy-manifest.yaml",
			pending: map[string]string{"catalog": "its entry in the manifest changed"}, watched: map[string]string{"shared": "catalog"}},
		"a stack that does not take part any more": {
			removed: "catalog-aws/Pulumi.beta.yaml", changed: "catalog-aws", pending: map[string]string{}},
		"a stack that is taken out": {
			files: map[string]string{"deploy-manifest.yaml": "platform: {path: platform-aws}"}, changed: "deploy-manifest.yaml", pending: map[string]string{}},
		"a manifest that is wrong": {
			files: map[string]string{"deploy-manifest.yaml": "platform: {path: nowhere}"}, changed: "deploy-manifest.yaml", pending: map[string]string{}, wrong: "nowhere"},
		"another region": {
			files: map[string]string{"catalog-aws/Pulumi.beta.yaml": "config: {aws:region: us-west-2}"}, changed: "catalog-aws",
			pending: map[string]string{}, wrong: "the stacks are in us-west-2 now, the local AWS is in eu-central-1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := repository(t, "config: {}", "config: {}")
			s := looking(t, made.Folder)
			made.Write(test.files)
			if test.removed != "" {
				require.NoError(t, os.Remove(filepath.Join(made.Folder, test.removed)))
			}
			err := s.look(t.Context(), []string{filepath.Join(made.Folder, test.changed)})
			if test.wrong != "" {
				require.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			for name, why := range test.pending {
				assert.Contains(t, s.pending[name], why)
			}
			assert.Len(t, s.pending, len(test.pending))
			for path, name := range test.watched {
				assert.Equal(t, []string{name}, s.roots[filepath.Join(made.Folder, path)], path)
			}
		})
	}
}

// looking is a session that has looked at the repository.
func looking(t *testing.T, folder string) *session {
	t.Helper()
	plan, err := open(t.Context(), project.Selection{Folder: folder})
	require.NoError(t, err)
	found, err := sources(t.Context(), plan)
	require.NoError(t, err)
	return &session{plan: plan, region: "eu-central-1", roots: found, watcher: watch.New(watch.DefaultInterval, found.all()), pending: map[string]string{}}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	plan := &project.Plan{Environment: "beta"}
	for name, skip := range map[string]string{"shop-catalog": "", "shop-ordering": "there is no ordering-aws/Pulumi.beta.yaml"} {
		target := project.Target{Skip: skip}
		target.Project = name
		plan.Targets = append(plan.Targets, target)
	}
	deployed := []pulumi.Info{{Name: "organization/shop-catalog/beta", Resources: 3}, {Name: "organization/shop-ordering/beta", Resources: 3}, {Name: "organization/shop-gone/beta", Resources: 3},
		{Name: "organization/shop-empty/beta"}, {Name: "organization/shop-gone/alpha", Resources: 3}}
	assert.Equal(t, map[string]string{"shop-ordering": "does not take part any more, because there is no ordering-aws/Pulumi.beta.yaml",
		"shop-gone": "is no project of the manifest any more"}, leftOf(plan, deployed))
}
