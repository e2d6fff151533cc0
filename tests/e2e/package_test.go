package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/provider"
)

// TestPackageAdd adds the provider that was built to a project in YAML, by its path. For the
// other languages pulumi asks their hosts for an SDK.
func TestPackageAdd(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "Pulumi.yaml")
	require.NoError(t, os.WriteFile(file, []byte("name: added\nruntime: yaml\nresources:\n  platform: {type: 'reventless:index:Platform'}\n"), 0o600))
	for _, name := range []string{"home", "state"} {
		require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o700))
	}
	command := exec.CommandContext(t.Context(), "pulumi", "package", "add", filepath.Join(moduleRoot(t), "bin", "pulumi-resource-reventless"))
	command.Dir = folder
	command.Env = append(os.Environ(), "PULUMI_HOME="+filepath.Join(folder, "home"), "PULUMI_BACKEND_URL=file://"+filepath.Join(folder, "state"),
		"PULUMI_CONFIG_PASSPHRASE=", "PULUMI_SKIP_UPDATE_CHECK=true")
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var project struct {
		Packages  map[string]string
		Resources map[string]any
	}
	require.NoError(t, yaml.Unmarshal(text, &project))
	assert.Equal(t, map[string]string{"reventless": "reventless@" + provider.Version}, project.Packages)
	assert.Contains(t, project.Resources, "platform", "the program stays")
}
