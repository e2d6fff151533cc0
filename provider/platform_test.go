package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func deployPlatform(t *testing.T, e *engine, args PlatformArgs, then func(*pulumi.Context, *Platform)) error {
	t.Helper()
	return e.run(map[string]string{}, func(ctx *pulumi.Context) error {
		platform, err := testEnvironment(t).newPlatform(ctx, "platform", args)
		if err == nil && then != nil {
			then(ctx, platform)
		}
		return err
	})
}

func TestPlatformResources(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{}, nil))
	golden(t, "platform.resources", e.listed())
	golden(t, "platform.policies", e.policies(t))
	assert.NotContains(t, e.find(t, "GraphQLApi", "platform-api").Inputs, "schema")
}

func TestPlatformConnection(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{AuthenticationModes: []AuthenticationMode{APIKey, AWSIAM}}, func(ctx *pulumi.Context, platform *Platform) {
		values, known, err := await[map[string]string](ctx, platform.Connection)
		require.NoError(t, err)
		require.True(t, known)
		read, err := connection.ParsePlatform(values, "the connection")
		require.NoError(t, err)
		assert.Equal(t, "organization/shop-catalog/alpha", read.Stack)
		assert.Equal(t, []string{"API_KEY", "AWS_IAM"}, read.AuthenticationModes)
		assert.Equal(t, account, read.Account())
		key, err := internals.UnsafeAwaitOutput(ctx.Context(), platform.APIKey)
		require.NoError(t, err)
		assert.True(t, key.Secret)
	}))
	api := e.find(t, "GraphQLApi", "platform-api").Inputs
	assert.Equal(t, "API_KEY", api["authenticationType"].StringValue())
	assert.Len(t, api["additionalAuthenticationProviders"].ArrayValue(), 1)
}

// TestPlatformGuard checks that the guard depends on everything else, so that it is
// deleted first.
func TestPlatformGuard(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{}, nil))
	guard := e.find(t, "Invocation", "platform-guard")
	var request protocol.ConnectRequest
	require.NoError(t, json.Unmarshal([]byte(guard.Inputs["input"].StringValue()), &request))
	assert.True(t, request.Guard)
	for _, made := range e.made {
		if made.Name == "platform-guard" || !made.Custom {
			continue
		}
		depends := slices.ContainsFunc(guard.RegisterRPC.GetDependencies(), func(urn string) bool {
			return strings.HasSuffix(urn, made.TypeToken+"::"+made.Name)
		})
		assert.True(t, depends, "the guard does not depend on %s %s", made.TypeToken, made.Name)
	}
}

func TestPlatformValidation(t *testing.T) {
	t.Parallel()
	days, architecture := 31, Architecture("sparc")
	e := newEngine()
	err := deployPlatform(t, e, PlatformArgs{
		AuthenticationModes: []AuthenticationMode{"AWS_IMA", AWSIAM, AWSIAM},
		APIKeyExpires:       pulumi.String("tomorrow"),
		LogRetentionDays:    &days,
		Architecture:        &architecture,
		Tags:                map[string]pulumi.StringInput{"aws:x": pulumi.String("y")},
	}, nil)
	require.Error(t, err)
	for _, want := range []string{
		"authenticationModes[0]", `Did you mean "AWS_IAM"`, "authenticationModes[2]", "apiKeyExpires",
		"CloudWatch cannot keep logs for 31 days", "sparc", `"aws:x"`,
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, e.listed())
}

func TestPlatformRefused(t *testing.T) {
	t.Parallel()
	e := newEngine()
	e.check = protocol.ConnectResult{Problems: []protocol.Problem{{Message: "the name is taken"}}}
	require.ErrorContains(t, deployPlatform(t, e, PlatformArgs{}, nil), "the name is taken")
}
