package provider

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// policies are what the roles may do, one line for each statement.
func (e *engine) policies(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, made := range e.made {
		if !strings.HasSuffix(made.TypeToken, ":RolePolicy") {
			continue
		}
		var document struct {
			Statement []struct{ Action, Resource []string }
		}
		require.NoError(t, json.Unmarshal([]byte(made.Inputs["policy"].StringValue()), &document))
		for _, s := range document.Statement {
			lines = append(lines, made.Name+": "+strings.Join(s.Action, " ")+" on "+strings.Join(s.Resource, " "))
		}
	}
	slices.Sort(lines)
	return lines
}

func deployPlugin(t *testing.T, e *engine, name string, args PluginArgs) error {
	t.Helper()
	return e.run(configured(), func(ctx *pulumi.Context) error {
		_, err := testEnvironment(t).newPlugin(ctx, name, args)
		return err
	})
}

func TestPluginResources(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	golden(t, "catalog.resources", e.listed())
	golden(t, "catalog.policies", e.policies(t))
	const fields = 8
	assert.LessOrEqual(t, len(e.made), 45+fields)
	for _, policy := range e.policies(t) {
		assert.NotContains(t, policy, " on *")
		assert.NotContains(t, policy, ":* on")
	}
}

func TestPluginWithExtension(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "orders", ordering()))
	golden(t, "ordering.resources", e.listed())
	golden(t, "ordering.policies", e.policies(t))

	subscription := e.find(t, "TopicSubscription", "orders-Catalog-extension").Inputs
	assert.Equal(t, arn("sns", "products.fifo"), subscription["topic"].StringValue())
	assert.JSONEq(t, `{"type":["ProductAdded"]}`, subscription["filterPolicy"].StringValue())
	assert.True(t, subscription["rawMessageDelivery"].BoolValue())
	policy := e.find(t, "QueuePolicy", "orders-Catalog-extension").Inputs["policy"].StringValue()
	assert.Contains(t, policy, `"aws:SourceArn":"`+arn("sns", "products.fifo")+`"`)
	assert.Contains(t, policy, `"aws:SourceAccount":"`+account+`"`)
}

func TestPluginAsksBeforeItMakesAnything(t *testing.T) {
	t.Parallel()
	e := newEngine()
	e.check = protocol.ConnectResult{Problems: []protocol.Problem{
		{Code: protocol.CodeFieldConflict, Message: "Query.product belongs to the plugin shelf", Line: 8, Column: 3},
		{Code: protocol.CodeTypeConflict, Message: "the type Product differs from that of the plugin shelf"},
		{Code: protocol.CodeNameTaken, Message: "another stack has a plugin of this name"},
	}}
	err := deployPlugin(t, e, "catalog", catalog(t))
	require.ErrorContains(t, err, "3 problems")
	assert.ErrorContains(t, err, "`name`: another stack has a plugin of this name")
	assert.ErrorContains(t, err, "plugin catalog does not fit the platform")
	assert.ErrorContains(t, err, "`schema:8:3`: Query.product belongs to the plugin shelf")
	assert.ErrorContains(t, err, "the type Product differs")
	assert.Empty(t, e.listed(), "nothing may be registered, not even the component")
	require.Len(t, e.checks, 1)
	assert.Equal(t, protocol.ActionCheck, e.checks[0].Action)
	assert.Equal(t, "organization/shop-catalog/alpha", e.checks[0].Stack)
}

// awsProvider is an explicit provider of a user's program.
type awsProvider struct {
	pulumi.ProviderResourceState
}

func TestPluginAsksWithItsProvider(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, e.run(configured(), func(ctx *pulumi.Context) error {
		mine, other := &awsProvider{}, &awsProvider{}
		if err := ctx.RegisterResource("pulumi:providers:random", "other", nil, other); err != nil {
			return err
		}
		if err := ctx.RegisterResource("pulumi:providers:aws", "mine", nil, mine); err != nil {
			return err
		}
		_, err := testEnvironment(t).newPlugin(ctx, "catalog", catalog(t),
			pulumi.ProviderMap(map[string]pulumi.ProviderResource{"random": other, "aws": mine}))
		return err
	}))
	require.Len(t, e.asked, 1)
	assert.Contains(t, e.asked[0], "pulumi:providers:aws::mine")
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	assert.Empty(t, e.asked[1], "the default provider")
}

// TestEnvironmentBudget checks that what validation leaves to a plugin fits beside the
// engine's own variables, whose longest value is the URL of a queue.
func TestEnvironmentBudget(t *testing.T) {
	t.Parallel()
	e := newEngine()
	args := ordering()
	require.NoError(t, deployPlugin(t, e, "orders", args))
	longestURL := "https://sqs.ap-southeast-99.amazonaws.com.cn/123456789012/" + strings.Repeat("q", naming.FIFOQueue.Limit)
	for _, name := range []string{"orders-commands", "orders-reactions"} {
		size := 0
		variables := e.find(t, "Function", name).Inputs["environment"].ObjectValue()["variables"].ObjectValue()
		for key, value := range variables {
			text := value.StringValue()
			if key == definition.EnvCommandQueueURL {
				text = longestURL
			}
			size += len(key) + len(text)
		}
		assert.LessOrEqual(t, size, validate.OwnEnvironment, name)
	}
}

func TestTwoPluginsOfOneName(t *testing.T) {
	t.Parallel()
	e, environment := newEngine(), testEnvironment(t)
	err := e.run(configured(), func(ctx *pulumi.Context) error {
		args := catalog(t)
		args.Name = text("shop")
		if _, err := environment.newPlugin(ctx, "first", args); err != nil {
			return err
		}
		_, err := environment.newPlugin(ctx, "second", args)
		return err
	})
	require.ErrorContains(t, err, "`name`: the resource \"first\" of this program is a plugin of the same name")
	for _, line := range e.listed() {
		assert.NotContains(t, line, "second", "nothing may be registered")
	}
}

func TestPluginConnection(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	invocation := e.find(t, "Invocation", "catalog-connection").Inputs
	assert.Equal(t, "CRUD", invocation["lifecycleScope"].StringValue())
	assert.Equal(t, "platform-connect", invocation["functionName"].StringValue())
	assert.NotContains(t, invocation, "triggers")
	var request protocol.ConnectRequest
	require.NoError(t, json.Unmarshal([]byte(invocation["input"].StringValue()), &request))
	assert.Equal(t, "nonce-1", request.Nonce)
	assert.Empty(t, request.Action)
	assert.Equal(t, []string{"Products"}, request.ExtensionPoints)
	assert.NotEmpty(t, request.Hash)

	for _, made := range e.made {
		if strings.HasSuffix(made.TypeToken, ":DataSource") {
			assert.Equal(t, "Fields of plugin catalog", made.Inputs["description"].StringValue())
		}
	}
}

func TestPluginRefusedAtConnection(t *testing.T) {
	t.Parallel()
	e := newEngine()
	e.connect = protocol.ConnectResult{Problems: []protocol.Problem{{Message: "AppSync refused the schema"}}}
	err := deployPlugin(t, e, "catalog", catalog(t))
	require.ErrorContains(t, err, `the platform refused the schema of "catalog"`)
	assert.ErrorContains(t, err, "AppSync refused the schema")
	for _, line := range e.listed() {
		assert.NotContains(t, line, "Resolver", "fields wait for the connection")
	}
}

// definition is the plugin's definition in a layer.
func (e *engine) definition(t *testing.T, layer string) definition.Definition {
	t.Helper()
	code := e.find(t, "LayerVersion", layer).Inputs["code"].ArchiveValue()
	assets, ok := code.GetAssets()
	require.True(t, ok)
	content, err := json.Marshal(assets["reventless/plugin.json"])
	require.NoError(t, err)
	var asset struct{ Text string }
	require.NoError(t, json.Unmarshal(content, &asset))
	var got definition.Definition
	require.NoError(t, json.Unmarshal([]byte(asset.Text), &got))
	return got
}

func TestPluginDefinition(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	got := e.definition(t, "catalog-definition")
	assert.Equal(t, e.find(t, "Table", "catalog-Product-events").Inputs["name"].StringValue(), got.Aggregates["Product"].Table)
	assert.Equal(t, []string{"categoryId", "name"}, got.ReadModels["Products"].Indexes)
	assert.Equal(t, e.find(t, "Queue", "catalog-commands").Inputs["name"].StringValue(), got.CommandQueue)
	assert.Len(t, got.ExtensionPoints["Products"].From, 2)
}

func TestPluginEnvironment(t *testing.T) {
	t.Parallel()
	e := newEngine()
	args := catalog(t)
	args.Environment = map[string]pulumi.StringInput{"SHOP": pulumi.String("alpha")}
	require.NoError(t, deployPlugin(t, e, "catalog", args))
	variables := func(name string) map[string]any {
		environment := e.find(t, "Function", name).Inputs["environment"].ObjectValue()
		return environment["variables"].ObjectValue().Mappable()
	}
	assert.Equal(t, map[string]any{
		"AWS_LAMBDA_EXEC_WRAPPER": "/opt/reventless/engine", "REVENTLESS_FUNCTION": "commands", "REVENTLESS_CONNECT_FUNCTION": "platform-connect",
		"REVENTLESS_DEFINITION": "/opt/reventless/plugin.json", "SHOP": "alpha",
	}, variables("catalog-commands"))
	assert.Equal(t, map[string]any{
		"REVENTLESS_ENGINE": "/opt/reventless/engine", "REVENTLESS_FUNCTION": "relay",
		"REVENTLESS_DEFINITION": "/opt/reventless/plugin.json",
	}, variables("catalog-relay"))
}
