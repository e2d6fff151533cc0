package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRepositories has the platform and two plugins in repositories of their own, each with
// a manifest of its own. One backend is all that they have in common.
func TestRepositories(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.disposable(platform) // its users go with it
	manifests := map[string]string{
		"platform": "platform: {path: platform-aws, name: online-shop-platform}\n",
		"catalog":  "plugins: [{name: catalog, path: catalog-aws, depends-on: []}]\n",
		"ordering": "plugins: [{name: ordering, path: ordering-aws, depends-on: []}]\n",
	}
	repositories := t.TempDir()
	for name, manifest := range manifests {
		folder := filepath.Join(repositories, name)
		require.NoError(t, os.MkdirAll(folder, 0o755))
		for _, moved := range []string{name, name + "-aws"} {
			if _, err := os.Stat(filepath.Join(w.projects, moved)); err == nil {
				require.NoError(t, os.Rename(filepath.Join(w.projects, moved), filepath.Join(folder, moved)))
			}
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, "deploy-manifest.yaml"), []byte(manifest), 0o644))
		require.NoError(t, exec.Command("git", "init", "--quiet", "--initial-branch=alpha", folder).Run())
	}
	run := func(repository string, arguments ...string) string {
		t.Helper()
		// The environment is that of the branch.
		command := w.program("bin/reventless", append(arguments, "--cwd", filepath.Join(repositories, repository))...)
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	for _, name := range []string{"platform", "catalog", "ordering"} {
		require.Contains(t, run(name, "up"), "up alpha: succeeded")
	}
	var statuses []struct {
		State    string
		External []string
	}
	require.NoError(t, json.Unmarshal([]byte(run("ordering", "status", "--json")), &statuses))
	require.Len(t, statuses, 1)
	assert.Equal(t, "deployed", statuses[0].State)
	assert.ElementsMatch(t, []string{"organization/online-shop-platform/alpha", "organization/online-shop-catalog/alpha"}, statuses[0].External)

	assert.Contains(t, run("catalog", "up"), "no changes", "the others' stacks are left alone")
	refused := w.program("bin/reventless", "destroy", "--yes", "--cwd", filepath.Join(repositories, "platform"))
	out, err := refused.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "ordering", "the platform names who is connected")
	for _, name := range []string{"ordering", "catalog", "platform"} {
		assert.Contains(t, run(name, "destroy", "--yes"), "destroy alpha: succeeded")
	}
}
