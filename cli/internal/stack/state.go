package stack

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Types of the resources that are looked for in a state.
const (
	pluginType   = "reventless:index:Plugin"
	platformType = "reventless:index:Platform"
	resolverType = "aws:appsync/resolver:Resolver"
	providerType = "pulumi:providers:aws"
	awsPrefix    = "aws:"
)

// secretMark is the key that marks a secret in a state, whose value is
// "1b47061264138c4ac30d75fd1eb44270".
const secretMark = "4dabf18193072939515e22adb298388d"

// resource is what is needed of a resource in a state.
type resource struct {
	URN      string         `json:"urn"`
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Parent   string         `json:"parent"`
	Provider string         `json:"provider"`
	Delete   bool           `json:"delete"`
	Inputs   map[string]any `json:"inputs"`
	Outputs  map[string]any `json:"outputs"`
}

// parse finds the components in the deployment of an exported state.
func parse(name string, deployment []byte) (*Stack, error) {
	var state struct {
		Resources []resource `json:"resources"`
	}
	if err := json.Unmarshal(deployment, &state); err != nil {
		return nil, err
	}
	// What waits for its deletion is still in the state.
	alive := slices.DeleteFunc(state.Resources, func(r resource) bool { return r.Delete })
	found := &Stack{Name: name}
	for _, r := range alive {
		switch r.Type {
		case pluginType:
			plugin := r.plugin(providerOf(r.URN, alive))
			plugin.RootFields = rootFieldsOf(r.URN, alive)
			found.Plugins = append(found.Plugins, plugin)
		case platformType:
			platform := r.platform(providerOf(r.URN, alive))
			platform.RootFields = rootFieldsOf(r.URN, alive)
			found.Platforms = append(found.Platforms, platform)
		}
	}
	slices.SortFunc(found.Plugins, func(a, b Plugin) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(found.Platforms, func(a, b Platform) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}

// providerOf is the aws provider that made the resources of a component. Their reference
// to it is its URN and its id.
func providerOf(component string, resources []resource) Provider {
	for _, made := range resources {
		if made.Parent != component || !strings.HasPrefix(made.Type, awsPrefix) {
			continue
		}
		for _, r := range resources {
			if r.Type == providerType && made.Provider == r.URN+"::"+r.ID {
				return Provider{Region: text(r.Inputs, "region"), Profile: text(r.Inputs, "profile")}
			}
		}
	}
	return Provider{}
}

// rootFieldsOf are the fields that the resolvers of a component answer.
func rootFieldsOf(component string, resources []resource) []string {
	var fields []string
	for _, made := range resources {
		if made.Parent == component && made.Type == resolverType {
			fields = append(fields, text(made.Inputs, "type")+"."+text(made.Inputs, "field"))
		}
	}
	slices.Sort(fields)
	return fields
}

// extensionPoints are the names in what a plugin tells others.
func (r resource) extensionPoints() []string {
	meta, _ := r.Outputs["interopMeta"].(map[string]any)
	points, _ := meta["extensionPoints"].(map[string]any)
	if points[secretMark] != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(points))
}

func (r resource) plugin(provider Provider) Plugin {
	return Plugin{
		Name:             cmp.Or(text(r.Outputs, "pluginName"), r.name()),
		Version:          text(r.Outputs, "pluginVersion"),
		URN:              r.URN,
		GraphQLURL:       text(r.Outputs, "graphqlUrl"),
		Functions:        texts(r.Outputs, "functionNames"),
		EventLogs:        texts(r.Outputs, "eventLogTableNames"),
		ReadModels:       texts(r.Outputs, "readModelTableNames"),
		Buckets:          texts(r.Outputs, "bucketNames"),
		Topics:           texts(r.Outputs, "topicArns"),
		CommandQueueURL:  text(r.Outputs, "commandQueueUrl"),
		DeadLetterQueues: texts(r.Outputs, "deadLetterQueueUrls"),
		ExtensionPoints:  r.extensionPoints(),
		Provider:         provider,
	}
}

func (r resource) platform(provider Provider) Platform {
	connection := texts(r.Outputs, "connection")
	return Platform{
		Name:             cmp.Or(connection["name"], r.name()),
		URN:              r.URN,
		GraphQLURL:       text(r.Outputs, "graphqlUrl"),
		PluginsTable:     text(r.Outputs, "pluginsTableName"),
		RegistryQueueURL: text(r.Outputs, "registryQueueUrl"),
		ConnectFunction:  text(r.Outputs, "connectFunctionName"),
		AdminFunction:    text(r.Outputs, "adminFunctionName"),
		DeadLetterQueues: texts(r.Outputs, "deadLetterQueueUrls"),
		Provider:         provider,
	}
}

// name is the last part of a URN.
func (r resource) name() string {
	return urn.URN(r.URN).Name()
}

// text is a property that is text, "" for everything else: absent, unknown, secret.
func text(properties map[string]any, key string) string {
	value, _ := properties[key].(string)
	return value
}

// texts is a property that is a map of text.
func texts(properties map[string]any, key string) map[string]string {
	values := map[string]string{}
	object, _ := properties[key].(map[string]any)
	if object[secretMark] != nil {
		return values
	}
	for name := range object {
		if value := text(object, name); value != "" {
			values[name] = value
		}
	}
	return values
}
