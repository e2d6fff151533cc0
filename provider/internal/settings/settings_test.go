package settings_test

import (
	"errors"
	"os"
	"path/filepath"
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
	const memory, billing = "REVENTLESS_LAMBDA_MEMORY", "REVENTLESS_DYNAMO_DB_BILLING_MODE"
	tests := map[string]struct {
		environment, config map[string]string
		file                localconfig.Local
		memory              int
		billing             string
		wrong               []string
	}{
		"unset":         {memory: 512, billing: table.OnDemand},
		"configuration": {config: map[string]string{"shop:lambdaMemory": " 1024 ", "shop:dynamoDbBillingMode": table.Provisioned}, memory: 1024, billing: table.Provisioned},
		"file": {config: map[string]string{"shop:lambdaMemory": "1024"}, file: localconfig.Local{"lambdaMemory": {Value: "2048", Place: "Pulumi.local.yaml:7"}},
			memory: 2048, billing: table.OnDemand},
		"environment": {environment: map[string]string{memory: "256", billing: table.Provisioned}, config: map[string]string{"shop:lambdaMemory": "big"},
			file: localconfig.Local{"dynamoDbBillingMode": {Value: "FREE", Place: "Pulumi.local.yaml:7"}}, memory: 256, billing: table.Provisioned},
		"wrong in the environment": {environment: map[string]string{memory: "127", billing: "FREE"}, memory: 512,
			wrong: []string{`the environment variable 'REVENTLESS_LAMBDA_MEMORY' is "127"`, "128 to 10240", `the environment variable 'REVENTLESS_DYNAMO_DB_BILLING_MODE' is "FREE"`}},
		"wrong in the file": {file: localconfig.Local{"lambdaMemory": {Value: "1 GB", Place: "Pulumi.local.yaml:7"}}, memory: 512, billing: table.OnDemand,
			wrong: []string{`the value in Pulumi.local.yaml:7 is "1 GB"`}},
		"wrong in the configuration": {config: map[string]string{"shop:lambdaMemory": "10241"}, memory: 512, billing: table.OnDemand,
			wrong: []string{`the configuration variable 'shop:lambdaMemory' is "10241"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, test.config, func(ctx *pulumi.Context) {
				sources := localconfig.Sources{Local: test.file, Stack: ctx.GetConfig, Environment: func(name string) (string, bool) {
					value, set := test.environment[name]
					return value, set
				}}
				memory, memoryErr := settings.Memory(ctx, sources, 512)
				assert.Equal(t, test.memory, memory)
				billing, billingErr := settings.BillingMode(ctx, sources)
				assert.Equal(t, test.billing, billing)
				err := errors.Join(memoryErr, billingErr)
				assert.Equal(t, test.wrong == nil, err == nil, err)
				for _, want := range test.wrong {
					assert.ErrorContains(t, err, want)
				}
			})
		})
	}
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
	require.NoError(t, os.WriteFile(localconfig.File, []byte("stak: o/p/s\nlambdaMemory: {}\n"), 0o600))
	in(t, nil, func(ctx *pulumi.Context) {
		_, err := settings.Sources(ctx)
		assert.ErrorContains(t, err, `Pulumi.local.yaml:1: there is no key "stak". Did you mean "stack"?`)
		assert.ErrorContains(t, err, "Pulumi.local.yaml:2: the value must be a text")
	})
}

// TestProgramBelowTheProject is about a project with a `main`: the provider runs there.
func TestProgramBelowTheProject(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), []byte("name: shop\nruntime: yaml\nmain: src\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, localconfig.File), []byte("stack: o/p/s\n"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "src"), 0o700))
	t.Chdir(filepath.Join(folder, "src"))
	in(t, nil, func(ctx *pulumi.Context) {
		sources, err := settings.Sources(ctx)
		require.NoError(t, err)
		assert.Equal(t, "o/p/s", sources.Look(localconfig.Stack).Value)
	})
}

// TestStackCalledLocal is about a stack whose own configuration file has the name of ours.
func TestStackCalledLocal(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(localconfig.File, []byte("config:\n  platform:stack: o/p/s\n"), 0o600))
	for stack, wrong := range map[string]string{"local": "", "alpha": `Pulumi.local.yaml:1: "config" belongs into Pulumi.<stack>.yaml`} {
		require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
			_, err := settings.Sources(ctx)
			if wrong == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, wrong)
			}
			return nil
		}, pulumi.WithMocks("shop", stack, noEngine{})))
	}
}
