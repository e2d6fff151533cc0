package provider

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReferencesThatAreWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config map[string]string
		args   func(*PluginArgs)
		engine func(*engine)
		want   []string
	}{
		"platform:stack is missing": {
			config: map[string]string{},
			want:   []string{"Missing required configuration variable 'platform:stack'", "pulumi config set platform:stack <org>/<platform-project>/<stack>"},
		},
		"unknown platform": {
			config: map[string]string{"platform:stack": "organization/shop-platform/beta"},
			want:   []string{`the stack "organization/shop-platform/beta" of the platform does not exist`, "pulumi up --stack beta", "the configuration variable 'platform:stack'"},
		},
		"platform without output": {
			engine: func(e *engine) { e.outputs[platformStack] = map[string]any{} },
			want:   []string{platformStack, `has no output "platform"`, "platform: ${<platform>.connection}", "pulumi up"},
		},
		"connection of another format": {
			engine: func(e *engine) { e.outputs[platformStack]["platform"].(map[string]any)["formatVersion"] = "9" },
			want:   []string{`format "9"`, "update the platform's stack"},
		},
		"unknown dependency": {
			args: func(a *PluginArgs) { a.Dependencies = []string{"organization/shop-shelf/alpha"} },
			want: []string{"organization/shop-shelf/alpha", "of the plugin does not exist"},
		},
		"dependency without output": {
			engine: func(e *engine) { delete(e.outputs[catalogStack], "_interopMeta") },
			want:   []string{catalogStack, `has no output "_interopMeta"`, "_interopMeta: ${<plugin>.interopMeta}"},
		},
		"dependencies that are no list": {
			config: map[string]string{"platform:stack": platformStack, "interstack:dependencies": "catalog"},
			want:   []string{"'interstack:dependencies' is no list of stacks"},
		},
		"plugin that no stack has": {
			args: func(a *PluginArgs) { a.Dependencies = nil },
			want: []string{"extensions.Catalog.plugin", `no stack that this one depends on has the plugin "catalog"`, "interstack:dependencies"},
		},
		"unknown extension point": {
			engine: func(e *engine) {
				e.outputs[catalogStack]["_interopMeta"].(map[string]any)["extensionPoints"] = map[string]any{}
			},
			want: []string{"extensions.Catalog.extensionPoint", `has no extension point "Products"`},
		},
		"memory that is no number": {
			config: map[string]string{"platform:stack": platformStack, "shop-catalog:lambdaMemory": "big"},
			want:   []string{"'shop-catalog:lambdaMemory' is \"big\""},
		},
		"unknown billing mode": {
			config: map[string]string{"platform:stack": platformStack, "shop-catalog:dynamoDbBillingMode": "FREE"},
			want:   []string{"'shop-catalog:dynamoDbBillingMode' is \"FREE\"", "PAY_PER_REQUEST or PROVISIONED"},
		},
	}
	tests["everything at once"] = struct {
		config map[string]string
		args   func(*PluginArgs)
		engine func(*engine)
		want   []string
	}{
		config: map[string]string{"shop-catalog:lambdaMemory": "big", "shop-catalog:dynamoDbBillingMode": "FREE"},
		args: func(a *PluginArgs) {
			a.Version, a.Dependencies = text("one"), []string{"organization/shop-shelf/alpha"}
		},
		want: []string{
			"plugin ordering: 5 problems", "Missing required configuration variable 'platform:stack'", "lambdaMemory", "dynamoDbBillingMode",
			"organization/shop-shelf/alpha", "`version`: \"one\" is no semantic version",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, args, config := newEngine(), ordering(), configured()
			if test.config != nil {
				config = test.config
			}
			if test.args != nil {
				test.args(&args)
			}
			if test.engine != nil {
				test.engine(e)
			}
			err := e.run(config, func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlugin(ctx, "ordering", args)
				return err
			})
			require.Error(t, err)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.Empty(t, e.listed(), "nothing may be registered")
		})
	}
}

func TestDependenciesFromConfiguration(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]string{
		"list":        {"interstack:dependencies": `["` + catalogStack + `"]`},
		"bare object": {"shop-catalog:interstack": `{"dependencies":["` + catalogStack + `"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, args := newEngine(), ordering()
			args.Dependencies = nil
			config["platform:stack"] = platformStack
			require.NoError(t, e.run(config, func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlugin(ctx, "ordering", args)
				return err
			}))
			e.find(t, "TopicSubscription", "ordering-Catalog-extension")
		})
	}
}

// TestOneProgram has the platform and two plugins in one program, where one uses the
// extension point of the other.
func TestOneProgram(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, e.run(map[string]string{}, func(ctx *pulumi.Context) error {
		environment := testEnvironment(t)
		platform, err := environment.newPlatform(ctx, "platform", PlatformArgs{})
		if err != nil {
			return err
		}
		first := catalog(t)
		first.Platform = platform.Connection
		plugin, err := environment.newPlugin(ctx, "catalog", first)
		if err != nil {
			return err
		}
		second := ordering()
		second.Platform, second.Dependencies = platform.Connection, nil
		second.Interop = []pulumi.MapInput{plugin.InteropMeta}
		_, err = environment.newPlugin(ctx, "ordering", second)
		return err
	}))
	topic := e.find(t, "Topic", "catalog-Products-extension-point").Inputs["name"].StringValue()
	assert.Equal(t, arn("sns", topic), e.find(t, "TopicSubscription", "ordering-Catalog-extension").Inputs["topic"].StringValue())
	api := e.find(t, "Resolver", "ordering-Mutation-placeOrder").Inputs["apiId"].StringValue()
	assert.Equal(t, "platform-api-id", api)
	names := map[string]bool{}
	for _, line := range e.listed() {
		assert.False(t, names[line], "%s is registered twice", line)
		names[line] = true
	}
	var functions int
	for _, line := range e.listed() {
		if strings.Contains(line, ":Function ") {
			functions++
		}
	}
	assert.Equal(t, 7, functions)
}
