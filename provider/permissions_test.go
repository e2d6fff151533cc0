package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/tests/permissions"
)

// registered are the resources that were registered.
func (e *engine) registered() []permissions.Resource {
	var resources []permissions.Resource
	for _, made := range e.made {
		resources = append(resources, permissions.Resource{Type: made.TypeToken, Name: made.Name, Inputs: made.Inputs.Mappable()})
	}
	return resources
}

// reporting are the arguments of a plugin with a task that writes objects.
func reporting() PluginArgs {
	args := ordering()
	args.Tasks = map[string]declaration.Task{
		"Report": {Schedule: &declaration.Recurrence{Every: text("5 minutes")}, Bucket: &declaration.Bucket{Mode: new(declaration.ModeWrite)}},
	}
	return args
}

func TestRolesMayDoWhatTheyNeed(t *testing.T) {
	t.Parallel()
	checker, err := permissions.New()
	require.NoError(t, err)
	for name, deploy := range map[string]func(*engine) error{
		"platform": func(e *engine) error {
			return e.run(nil, func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlatform(ctx, "platform", PlatformArgs{})
				return err
			})
		},
		"platform with an authorizer": func(e *engine) error { return deployPlatform(t, e, authorized(OpenIDTokens, AWSLambda), nil) },
		"catalog":                     func(e *engine) error { return deployPlugin(t, e, "catalog", catalog(t)) },
		"ordering":                    func(e *engine) error { return deployPlugin(t, e, "orders", ordering()) },
		"reporting":                   func(e *engine) error { return deployPlugin(t, e, "orders", reporting()) },
		"whole":                       func(e *engine) error { return deployPlugin(t, e, "shop", whole(t)) },
	} {
		e := newEngine()
		require.NoError(t, deploy(e), name)
		assert.Empty(t, checker.Check(e.registered()), name)
	}
	assert.Empty(t, checker.Unused(), "the table has more than any role")
}
