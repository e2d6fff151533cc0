package awsconfig_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/awsconfig"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// The environment belongs to the whole process, so nothing here is parallel.

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte("[profile shop]\nregion = sa-east-1\n[profile mine]\nregion = ca-central-1\n"), 0o600))
	cases := map[string]struct {
		provider        stack.Provider
		region, profile string
		want, problem   string
	}{
		"where the stack is":          {stack.Provider{Region: "eu-west-1"}, "us-east-1", "", "eu-west-1", ""},
		"where the environment says":  {stack.Provider{}, "us-east-1", "", "us-east-1", ""},
		"with the stack's profile":    {stack.Provider{Profile: "shop"}, "", "", "sa-east-1", ""},
		"with another profile":        {stack.Provider{Profile: "shop"}, "", "mine", "ca-central-1", ""},
		"with a profile that is gone": {stack.Provider{Profile: "old"}, "", "", "", "old"},
		"nowhere":                     {stack.Provider{}, "", "", "", "set aws:region"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for variable, value := range map[string]string{
				"AWS_CONFIG_FILE": file, "AWS_SHARED_CREDENTIALS_FILE": file, "AWS_REGION": c.region, "AWS_DEFAULT_REGION": "", "AWS_PROFILE": c.profile,
			} {
				t.Setenv(variable, value)
			}
			loaded, err := awsconfig.Load(t.Context(), c.provider)
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, loaded.Region)
		})
	}
}
