package settings_test

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/settings"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

type noEngine struct{}

func (noEngine) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (noEngine) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, nil
}

// in runs a check in a stack with this configuration.
func in(t *testing.T, config map[string]string, check func(*pulumi.Context)) {
	t.Helper()
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		check(ctx)
		return nil
	}, pulumi.WithMocks("shop", "alpha", noEngine{}), func(info *pulumi.RunInfo) { info.Config = config }))
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config map[string]string
		want   []string
	}{
		"none":        {nil, nil},
		"list":        {map[string]string{"interstack:dependencies": `["o/a/x","o/b/x","o/a/x"]`}, []string{"o/a/x", "o/b/x"}},
		"bare object": {map[string]string{"shop:interstack": `{"dependencies":["o/c/x"]}`}, []string{"o/c/x"}},
		"both": {map[string]string{"interstack:dependencies": `["o/a/x"]`, "shop:interstack": `{"dependencies":["o/c/x"]}`},
			[]string{"o/a/x", "o/c/x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, test.config, func(ctx *pulumi.Context) {
				stacks, err := settings.Dependencies(ctx)
				require.NoError(t, err)
				assert.Equal(t, test.want, stacks)
			})
		})
	}
}

func TestMemoryAndBillingMode(t *testing.T) {
	t.Parallel()
	in(t, nil, func(ctx *pulumi.Context) {
		memory, err := settings.Memory(ctx, 512)
		require.NoError(t, err)
		assert.Equal(t, 512, memory)
		billing, err := settings.BillingMode(ctx)
		require.NoError(t, err)
		assert.Equal(t, table.OnDemand, billing)
	})
	in(t, map[string]string{"shop:lambdaMemory": "1024", "shop:dynamoDbBillingMode": "PROVISIONED"}, func(ctx *pulumi.Context) {
		memory, err := settings.Memory(ctx, 512)
		require.NoError(t, err)
		assert.Equal(t, 1024, memory)
		billing, err := settings.BillingMode(ctx)
		require.NoError(t, err)
		assert.Equal(t, table.Provisioned, billing)
	})
}

func TestMissingPlatform(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, settings.MissingPlatform(), "Missing required configuration variable 'platform:stack'\n")
	assert.ErrorContains(t, settings.MissingPlatform(), "pulumi config set platform:stack <org>/<platform-project>/<stack>")
}

func TestSources(t *testing.T) {
	t.Setenv("REVENTLESS_STACK", "o/p/from-environment")
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(localconfig.File, []byte("lambdaMemory: 2048\nstack: o/p/from-file\n"), 0o600))
	in(t, map[string]string{"platform:stack": "o/p/from-stack", "shop:lambdaMemory": "1024"}, func(ctx *pulumi.Context) {
		sources, err := settings.Sources(ctx)
		require.NoError(t, err)
		stack := sources.Look(localconfig.Stack)
		assert.Equal(t, "o/p/from-environment", stack.Value)
		assert.Len(t, stack.Shadowed, 2)
		assert.Equal(t, "2048", sources.Look(localconfig.LambdaMemory.In("shop")).Value)
	})
	require.NoError(t, os.WriteFile(localconfig.File, []byte("- a\n"), 0o600))
	in(t, nil, func(ctx *pulumi.Context) {
		_, err := settings.Sources(ctx)
		assert.ErrorContains(t, err, localconfig.File)
	})
}
