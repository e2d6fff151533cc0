package program

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/provider"
)

// DeployedPlatform are the outputs of the stack of a platform with users, a key and tokens.
func DeployedPlatform() map[string]any {
	return map[string]any{"platform": map[string]any{
		"formatVersion": "1", "platform": "platform", "stack": Platform, "version": provider.Version,
		"apiId": "api1", "graphqlUrl": "https://api1.appsync-api.eu-west-1.amazonaws.com/graphql",
		"connectFunctionName": "shop-platform-alpha-platform-connect",
		"runtimeLayerArn":     "arn:aws:lambda:eu-west-1:123456789012:layer:runtime:1",
		"authenticationModes": "AMAZON_COGNITO_USER_POOLS,AWS_IAM,API_KEY", "schedulerGroupName": "schedules",
		"logRetentionDays": "30", "architecture": "arm64", "stackClass": "standard",
	}}
}

// deployed are the platform's stack and those of plugins that the program depends on: each
// has whatever the program takes of it.
func (c *construction) deployed() Stacks {
	stacks := Stacks{Platform: DeployedPlatform()}
	if named := c.options.Config["platform:stack"]; named != "" {
		stacks[named] = DeployedPlatform()
	}
	var dependencies []string
	_ = json.Unmarshal([]byte(c.options.Config["interstack:dependencies"]), &dependencies)
	for _, described := range c.program.Resources {
		listed, _ := described.Properties["dependencies"].([]any)
		for _, name := range listed {
			dependencies = append(dependencies, name.(string))
		}
	}
	for _, name := range dependencies {
		parts := strings.Split(name, "/")
		if len(parts) != 3 {
			continue
		}
		plugin := parts[1][strings.LastIndex(parts[1], "-")+1:]
		stacks[name] = map[string]any{"_interopMeta": map[string]any{
			"formatVersion": 1, "plugin": plugin, "version": "1.0.0", "extensionPoints": c.extended(plugin),
		}}
	}
	return stacks
}

// extended are the extension points of a plugin that the program extends.
func (c *construction) extended(plugin string) map[string]any {
	points := map[string]any{}
	for _, described := range c.program.Resources {
		extensions, _ := described.Properties["extensions"].(map[string]any)
		for _, extension := range extensions {
			extension, _ := extension.(map[string]any)
			if point, _ := extension["extensionPoint"].(string); extension["plugin"] == plugin {
				points[point] = map[string]any{"topicArn": "arn:aws:sns:eu-west-1:123456789012:" + plugin + "-" + point + ".fifo"}
			}
		}
	}
	return points
}

// loaded is what the provider says of itself.
var loaded = sync.OnceValues(func() (schema.PackageSpec, error) {
	var spec schema.PackageSpec
	server, err := provider.Server()
	if err != nil {
		return spec, err
	}
	answer, err := server.GetSchema(context.Background(), &rpc.GetSchemaRequest{})
	if err != nil {
		return spec, err
	}
	return spec, json.Unmarshal([]byte(answer.GetSchema()), &spec)
})

func hasOutput(token, property string) bool {
	spec, err := loaded()
	_, found := spec.Resources[token].Properties[property]
	return err == nil && found
}
