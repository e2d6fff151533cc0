package provider

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readSchema reads the provider's schema. An argument type that the library cannot
// handle makes it run for ever, hence the limit.
func readSchema(t *testing.T) schema.PackageSpec {
	t.Helper()
	server, err := Server()
	require.NoError(t, err)
	type answer struct {
		response *rpc.GetSchemaResponse
		err      error
	}
	done := make(chan answer, 1)
	go func() {
		response, err := server.GetSchema(t.Context(), &rpc.GetSchemaRequest{})
		done <- answer{response, err}
	}()
	select {
	case got := <-done:
		require.NoError(t, got.err)
		var spec schema.PackageSpec
		require.NoError(t, json.Unmarshal([]byte(got.response.GetSchema()), &spec))
		return spec
	case <-time.After(30 * time.Second):
		require.Fail(t, "GetSchema does not end: an argument is of a type that pulumi-go-provider cannot describe")
	}
	return schema.PackageSpec{}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	spec := readSchema(t)
	require.Contains(t, spec.Resources, platformToken)
	require.Contains(t, spec.Resources, pluginToken)
	assert.ElementsMatch(t, []string{"schema", "code"}, spec.Resources[pluginToken].RequiredInputs)
	assert.Empty(t, spec.Resources[platformToken].RequiredInputs)
	assert.NotContains(t, spec.Resources[platformToken].Required, "apiKey", "absent without the mode API_KEY")
	assert.Contains(t, spec.Resources[platformToken].Required, "connection")
	for token, component := range spec.Resources {
		assert.NotEmpty(t, component.Description, token)
		for name, property := range component.InputProperties {
			assert.NotEmpty(t, property.Description, "%s: input %s", token, name)
		}
		for name, property := range component.Properties {
			assert.NotEmpty(t, property.Description, "%s: output %s", token, name)
		}
	}
	for token, kind := range spec.Types {
		assert.NotContains(t, token, "declaration")
		assert.NotEmpty(t, kind.Description, token)
		assert.NotRegexp(t, ":index:(Platform|Plugin)[A-Z]|Args$", token, "generators put the name of the component before it, or Args behind it")
		for _, value := range kind.Enum {
			assert.NotEmpty(t, value.Description, "%s: %s", token, value.Name)
		}
		for name, property := range kind.Properties {
			assert.NotEmpty(t, property.Description, "%s: %s", token, name)
		}
	}
}

// TestPlainStructure checks that an output cannot be given for structure in any language.
func TestPlainStructure(t *testing.T) {
	t.Parallel()
	spec := readSchema(t)
	check := func(where string, properties map[string]schema.PropertySpec) {
		for name, property := range properties {
			for kind := &property.TypeSpec; kind != nil; kind = cmp.Or(kind.Items, kind.AdditionalProperties) {
				if strings.HasPrefix(kind.Ref, "#/types/") {
					assert.True(t, kind.Plain && property.Plain, "%s: %s", where, name)
				}
			}
		}
	}
	for token, component := range spec.Resources {
		check(token, component.InputProperties)
	}
	for token, kind := range spec.Types {
		check(token, kind.Properties)
	}
}

// TestDefaults checks that the defaults that the SDKs fill in are those of the code.
func TestDefaults(t *testing.T) {
	t.Parallel()
	spec := readSchema(t)
	platform, plugin := spec.Resources[platformToken].InputProperties, spec.Resources[pluginToken].InputProperties
	assert.EqualValues(t, defaultArchitecture, platform["architecture"].Default)
	assert.Nil(t, platform["logRetentionDays"].Default, "the stack's class has a say")
	for _, alarms := range []string{"topicArn", "email"} {
		assert.False(t, spec.Types["reventless:index:Alarms"].Properties[alarms].Plain, "an output of another resource can be used: %s", alarms)
	}
	for kind, leaves := range map[string][]string{"OpenIDConnect": {"issuer", "clientId", "iatTtlSeconds", "authTtlSeconds"},
		"LambdaAuthorizer": {"functionArn", "resultTtlSeconds", "identityValidationExpression"}} {
		for _, leaf := range leaves {
			assert.False(t, spec.Types["reventless:index:"+kind].Properties[leaf].Plain, "an output of another resource can be used: %s.%s", kind, leaf)
		}
	}
	assert.EqualValues(t, defaultResultTTL, spec.Types["reventless:index:LambdaAuthorizer"].Properties["resultTtlSeconds"].Default)
	declared := PluginArgs{}.declaration("catalog", defaultMemory, string(defaultArchitecture))
	assert.EqualValues(t, declared.Version, plugin["version"].Default)
	assert.EqualValues(t, declared.Runtime, plugin["runtime"].Default)
	assert.EqualValues(t, declared.Timeout, plugin["timeout"].Default)
	assert.Nil(t, plugin["memory"].Default, "the stack's configuration has a say")
	assert.Nil(t, plugin["architecture"].Default, "the platform has a say")
}
