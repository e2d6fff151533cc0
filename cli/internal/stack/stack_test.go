package stack

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// state is a deployment as 'pulumi stack export' prints it.
const state = `{"manifest": {}, "resources": [
	{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack"},
	{"urn": "urn:pulumi:dev::shop::pulumi:providers:aws::default_6_83_4", "type": "pulumi:providers:aws", "id": "p1", "inputs": {"region": "eu-west-1", "profile": "shop"}},
	{"urn": "urn:pulumi:dev::shop::pulumi:providers:aws::other", "type": "pulumi:providers:aws", "id": "p2", "inputs": {"region": "us-east-1"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "type": "reventless:index:Plugin", "delete": true, "outputs": {"pluginName": "ordering"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "type": "reventless:index:Plugin", "outputs": {
		"pluginName": "ordering", "pluginVersion": "1.2.0", "commandQueueUrl": "https://sqs/commands.fifo",
		"functionNames": {"commands": "shop-commands"}, "eventLogTableNames": {"Order": "shop-order"}, "readModelTableNames": {"Orders": "shop-orders"},
		"deadLetterQueueUrls": {"commands": "https://sqs/commands-dead-letter.fifo"},
		"interopMeta": {"plugin": "ordering", "extensionPoints": {"Orders": {"topicArn": "arn"}, "Customers": {}}},
		"graphqlUrl": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"},
		"bucketNames": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:sqs/queue:Queue::ordering-commands", "type": "aws:sqs/queue:Queue", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering",
		"provider": "urn:pulumi:dev::shop::pulumi:providers:aws::default_6_83_4::p1"},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:appsync/resolver:Resolver::b", "type": "aws:appsync/resolver:Resolver", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "inputs": {"type": "Query", "field": "order"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:appsync/resolver:Resolver::a", "type": "aws:appsync/resolver:Resolver", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "inputs": {"type": "Mutation", "field": "placeOrder"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:appsync/resolver:Resolver::old", "type": "aws:appsync/resolver:Resolver", "delete": true, "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "inputs": {"type": "Query", "field": "gone"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Platform$aws:appsync/resolver:Resolver::p", "type": "aws:appsync/resolver:Resolver", "parent": "urn:pulumi:dev::shop::reventless:index:Platform::platform", "inputs": {"type": "Query", "field": "Platform_plugins"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:sns/topicSubscription:TopicSubscription::x", "type": "aws:sns/topicSubscription:TopicSubscription", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::ordering", "inputs": {"topic": "arn:products"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog", "type": "reventless:index:Plugin", "outputs": {"pluginName": "catalog"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin$aws:sqs/queue:Queue::catalog-commands", "type": "aws:sqs/queue:Queue", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog",
		"provider": "urn:pulumi:dev::shop::pulumi:providers:aws::other::p2"},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Platform::platform", "type": "reventless:index:Platform", "outputs": {
		"connection": {"platform": "shop"}, "pluginsTableName": "shop-plugins", "registryQueueUrl": "https://sqs/registry.fifo", "adminFunctionName": "shop-admin"}}
]}`

func TestParse(t *testing.T) {
	t.Parallel()
	found, err := Parse("dev", []byte(state))
	require.NoError(t, err)
	none := map[string]string{}
	assert.Equal(t, &Stack{
		Name: "dev",
		Plugins: []Plugin{
			{Name: "catalog", URN: "urn:pulumi:dev::shop::reventless:index:Plugin::catalog", Functions: none, EventLogs: none, ReadModels: none,
				Buckets: none, Topics: none, DeadLetterQueues: none, Provider: Provider{Region: "us-east-1"}},
			{Name: "ordering", Version: "1.2.0", URN: "urn:pulumi:dev::shop::reventless:index:Plugin::ordering",
				Functions: map[string]string{"commands": "shop-commands"}, EventLogs: map[string]string{"Order": "shop-order"}, ReadModels: map[string]string{"Orders": "shop-orders"},
				Buckets: none, Topics: none, CommandQueueURL: "https://sqs/commands.fifo",
				DeadLetterQueues: map[string]string{"commands": "https://sqs/commands-dead-letter.fifo"},
				RootFields:       []string{"Mutation.placeOrder", "Query.order"}, ExtensionPoints: []string{"Customers", "Orders"}, Subscribed: []string{"arn:products"}, Provider: Provider{Region: "eu-west-1", Profile: "shop"}},
		},
		Platforms: []Platform{{Name: "shop", URN: "urn:pulumi:dev::shop::reventless:index:Platform::platform", PluginsTable: "shop-plugins",
			RegistryQueueURL: "https://sqs/registry.fifo", AdminFunction: "shop-admin", DeadLetterQueues: none, RootFields: []string{"Query.Platform_plugins"}}},
	}, found)
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	stackOf := func(names ...string) *Stack {
		s := &Stack{Name: "dev"}
		for _, name := range names {
			s.Plugins = append(s.Plugins, Plugin{Name: name})
		}
		return s
	}
	cases := map[string]struct {
		stack         *Stack
		name          string
		want, problem string
	}{
		"the only one":        {stackOf("catalog"), "", "catalog", ""},
		"by name":             {stackOf("catalog", "ordering"), "ordering", "ordering", ""},
		"one of several":      {stackOf("catalog", "ordering"), "", "", `has 2 plugins, catalog, ordering: name one with --plugin`},
		"misspelt":            {stackOf("catalog", "ordering"), "orderin", "", `no plugin "orderin", but catalog, ordering. Did you mean "ordering"?`},
		"in a platform stack": {stackOf(), "", "", "has no plugin deployed: run 'pulumi up'"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.stack.Plugin(c.name)
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got.Name)
		})
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		names         []string
		wanted        string
		want, problem string
	}{
		"by name":          {[]string{"dev", "prod"}, "prod", "prod", ""},
		"qualified there":  {[]string{"acme/dev"}, "dev", "acme/dev", ""},
		"qualified here":   {[]string{"dev"}, "acme/shop/dev", "dev", ""},
		"misspelt":         {[]string{"dev", "prod"}, "prd", "", `has no stack "prd"; it has dev, prod. Did you mean "prod"?`},
		"none is selected": {[]string{"dev", "prod"}, "", "", "name one with --stack; it has dev, prod"},
		"there is none":    {nil, "dev", "", "it has none: run 'pulumi up' there first"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := pick(c.names, c.wanted, "/shop")
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	below := filepath.Join(root, "src", "deep")
	require.NoError(t, os.MkdirAll(below, 0o755))
	_, err := project(below)
	require.ErrorContains(t, err, "there is no Pulumi.yaml in "+below)
	_, err = Read(context.Background(), Selection{Folder: below})
	require.ErrorContains(t, err, "--cwd")
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.yaml"), []byte("name: shop\nruntime: yaml\n"), 0o600))
	found, err := project(below)
	require.NoError(t, err)
	assert.Equal(t, root, found)
	_, err = project(filepath.Join(root, "absent"))
	require.ErrorContains(t, err, "there is no folder "+filepath.Join(root, "absent"))
}

// connectedState is a deployment of a platform and a plugin, with what tells their connection.
const connectedState = `{"resources": [
	{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack", "outputs": {"platform": {"formatVersion": "1"}}},
	{"urn": "urn:pulumi:dev::shop::pulumi:providers:reventless::default", "type": "pulumi:providers:reventless", "id": "r", "inputs": {"version": "1.2.0"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Platform::shop", "type": "reventless:index:Platform", "provider": "urn:pulumi:dev::shop::pulumi:providers:reventless::default::r",
		"outputs": {"apiId": "api1", "runtimeLayerArn": "arn:aws:lambda:eu-west-1:123456789012:layer:runtime:1", "connection": {"platform": "shop", "authenticationModes": "API_KEY,AWS_IAM"}}},
	{"urn": "urn:pulumi:dev::shop::aws:dynamodb/table:Table::shop-liveness", "type": "aws:dynamodb/table:Table", "parent": "urn:pulumi:dev::shop::reventless:index:Platform::shop", "outputs": {"name": "t-liveness"}},
	{"urn": "urn:pulumi:dev::shop::aws:dynamodb/table:Table::shop-Plugin-events", "type": "aws:dynamodb/table:Table", "parent": "urn:pulumi:dev::shop::reventless:index:Platform::shop", "outputs": {"name": "t-events"}},
	{"urn": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog", "type": "reventless:index:Plugin", "provider": "urn:pulumi:dev::shop::pulumi:providers:reventless::default::r", "outputs": {}},
	{"urn": "urn:pulumi:dev::shop::aws:lambda/function:Function::catalog-commands", "type": "aws:lambda/function:Function", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog", "inputs": {"layers": ["arn:l:1", "arn:k:2"]}},
	{"urn": "urn:pulumi:dev::shop::aws:lambda/invocation:Invocation::catalog-other", "type": "aws:lambda/invocation:Invocation", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog", "inputs": {"input": "{}"}},
	{"urn": "urn:pulumi:dev::shop::aws:lambda/invocation:Invocation::catalog-connection", "type": "aws:lambda/invocation:Invocation", "parent": "urn:pulumi:dev::shop::reventless:index:Plugin::catalog",
		"inputs": {"input": "{\"plugin\": \"catalog\", \"hash\": \"h\", \"stack\": \"o/shop/dev\"}"}}],
	"pending_operations": [{"type": "creating", "resource": {"urn": "urn:pulumi:dev::shop::aws:sqs/queue:Queue::q"}}]}`

func TestParseConnection(t *testing.T) {
	t.Parallel()
	found, err := Parse("dev", []byte(connectedState))
	require.NoError(t, err)
	assert.Equal(t, []Pending{{Operation: "creating", URN: "urn:pulumi:dev::shop::aws:sqs/queue:Queue::q"}}, found.Pending)
	assert.Contains(t, found.Outputs, "platform")
	platform := found.Platforms[0]
	assert.Equal(t, []string{"1.2.0", "123456789012", "api1", "t-liveness", "t-events"}, []string{platform.Release, platform.Account, platform.APIID, platform.LivenessTable, platform.LogTable})
	assert.Equal(t, []string{"API_KEY", "AWS_IAM"}, platform.Modes)
	require.NotNil(t, found.Plugins[0].Connection)
	assert.Equal(t, "o/shop/dev", found.Plugins[0].Connection.Stack)
	assert.Equal(t, "1.2.0", found.Plugins[0].Release)
	assert.Equal(t, []string{"arn:k:2", "arn:l:1"}, found.Plugins[0].Layers)
}

func TestParseNothing(t *testing.T) {
	t.Parallel()
	found, err := Parse("dev", nil)
	require.NoError(t, err)
	assert.Equal(t, &Stack{Name: "dev"}, found)
}
