package release

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestRegistryPages checks what Pulumi's registry needs of its pages: a title, a
// description for search engines, and the layout of the page.
func TestRegistryPages(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]string{"_index.md": "package", "installation-configuration.md": "installation"} {
		text, err := os.ReadFile(filepath.Join(root, "docs", name))
		require.NoError(t, err)
		parts := bytes.SplitN(text, []byte("---\n"), 3)
		require.Len(t, parts, 3, name)
		require.Empty(t, parts[0], name)
		var front struct {
			Title, Layout string
			Description   string `yaml:"meta_desc"`
		}
		require.NoError(t, yaml.Unmarshal(parts[1], &front))
		assert.NotEmpty(t, front.Title, name)
		assert.NotEmpty(t, front.Description, name)
		assert.LessOrEqual(t, len(front.Description), 160, name)
		assert.Equal(t, layout, front.Layout, name)
	}
}

// TestReleaseWorkflow checks that the release trusts only what is pinned, and each job only
// with what it names.
func TestReleaseWorkflow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "release.yml"))
	require.NoError(t, err)
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Permissions map[string]string
			Steps       []struct{ Uses, Run string }
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &workflow))
	assert.Empty(t, workflow.Permissions)
	assert.Equal(t, map[string]string{"contents": "write"}, workflow.Jobs["archives"].Permissions)
	for _, job := range []string{"npm", "pypi"} {
		assert.Equal(t, map[string]string{"contents": "read", "id-token": "write"}, workflow.Jobs[job].Permissions, job)
	}
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)
	for name, job := range workflow.Jobs {
		require.NotEmpty(t, job.Steps, name)
		for _, step := range job.Steps {
			assert.True(t, step.Uses == "" || pinned.MatchString(step.Uses), step.Uses)
			assert.NotContains(t, step.Run, "${{", "what GitHub fills in could be a command")
		}
	}
	assert.NotContains(t, string(text), "secrets.")
}
