package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// TestStacksThatAreExpected previews a plugin before its platform and the plugin that it
// depends on are deployed. An environment variable cannot be set in parallel tests.
func TestStacksThatAreExpected(t *testing.T) {
	for name, test := range map[string]struct {
		expected string
		preview  bool
		want     string
	}{
		"preview with both expected": {platformStack + "," + catalogStack, true, ""},
		"only the platform":          {platformStack, true, `the stack "` + catalogStack + `" of the plugin does not exist`},
		"nothing":                    {"", true, `the stack "` + platformStack + `" of the platform does not exist`},
		"update":                     {platformStack + "," + catalogStack, false, `the stack "` + platformStack + `" of the platform does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(localconfig.ExpectedStacks, test.expected)
			e := newEngine()
			clear(e.outputs)
			err := e.run(configured(), func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlugin(ctx, "ordering", ordering())
				return err
			}, func(info *pulumi.RunInfo) { info.DryRun = test.preview })
			if test.want != "" {
				assert.ErrorContains(t, err, test.want)
				assert.Empty(t, e.listed())
				return
			}
			require.NoError(t, err)
			e.find(t, "TopicSubscription", "ordering-Catalog-extension")
			assert.Empty(t, e.checks, "a platform that is not there cannot be asked")
		})
	}
}
