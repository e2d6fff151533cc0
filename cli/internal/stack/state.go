package stack

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Types of the resources that are looked for in a state.
const (
	pluginType   = "reventless:index:Plugin"
	platformType = "reventless:index:Platform"
	resolverType = "aws:appsync/resolver:Resolver"
	providerType = "pulumi:providers:aws"
	stackType    = "pulumi:pulumi:Stack"
	invocation   = "aws:lambda/invocation:Invocation"
	tableType    = "aws:dynamodb/table:Table"
	functionType = "aws:lambda/function:Function"
	subscription = "aws:sns/topicSubscription:TopicSubscription"
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

// Parse finds the components in the deployment of an exported state.
func Parse(name string, deployment []byte) (*Stack, error) {
	var state struct {
		Resources []resource `json:"resources"`
		Pending   []struct {
			Resource resource `json:"resource"`
			Type     string   `json:"type"`
		} `json:"pending_operations"`
	}
	if len(deployment) == 0 {
		return &Stack{Name: name}, nil // of a stack that was never deployed
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
			plugin := r.plugin(alive)
			plugin.RootFields = rootFieldsOf(r.URN, alive)
			found.Plugins = append(found.Plugins, plugin)
		case platformType:
			platform := r.platform(alive)
			platform.RootFields = rootFieldsOf(r.URN, alive)
			found.Platforms = append(found.Platforms, platform)
		case stackType:
			found.Outputs = r.Outputs
		}
	}
	for _, pending := range state.Pending {
		found.Pending = append(found.Pending, Pending{Operation: pending.Type, URN: pending.Resource.URN})
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
		if r, found := made.provider(resources); found && r.Type == providerType {
			return Provider{Region: text(r.Inputs, "region"), Profile: text(r.Inputs, "profile")}
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

// subscribed are the topics that a component's own subscriptions are of.
func (r resource) subscribed(resources []resource) []string {
	var topics []string
	for _, made := range resources {
		if topic := text(made.Inputs, "topic"); made.Parent == r.URN && made.Type == subscription && topic != "" {
			topics = append(topics, topic)
		}
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

// provider is the provider that made a resource.
func (r resource) provider(resources []resource) (resource, bool) {
	at := slices.IndexFunc(resources, func(other resource) bool { return r.Provider != "" && r.Provider == other.URN+"::"+other.ID })
	if at < 0 {
		return resource{}, false
	}
	return resources[at], true
}

// release is the version of the provider that made a component.
func (r resource) release(resources []resource) string {
	provider, _ := r.provider(resources)
	return text(provider.Inputs, "version")
}

// connection is the request that connected a plugin; its guard and its other invocations
// have no fragment.
func (r resource) connection(resources []resource) *protocol.ConnectRequest {
	for _, made := range resources {
		if made.Parent != r.URN || made.Type != invocation {
			continue
		}
		var request protocol.ConnectRequest
		if json.Unmarshal([]byte(text(made.Inputs, "input")), &request) == nil && request.Plugin != "" && request.Hash != "" {
			return &request
		}
	}
	return nil
}

// layers are the layers that the functions of a plugin run with, each once.
func (r resource) layers(resources []resource) []string {
	var arns []string
	for _, made := range resources {
		if made.Parent != r.URN || made.Type != functionType {
			continue
		}
		layers, _ := made.Inputs["layers"].([]any)
		for _, layer := range layers {
			if text, known := layer.(string); known {
				arns = append(arns, text)
			}
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// table is the table of a part of a component.
func (r resource) table(resources []resource, part string) string {
	for _, made := range resources {
		if made.Parent == r.URN && made.Type == tableType && strings.HasSuffix(made.name(), "-"+part) {
			return text(made.Outputs, "name")
		}
	}
	return ""
}

func (r resource) plugin(all []resource) Plugin {
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
		Subscribed:       r.subscribed(all),
		Provider:         providerOf(r.URN, all),
		Release:          r.release(all),
		Layers:           r.layers(all),
		Connection:       r.connection(all),
	}
}

func (r resource) platform(all []resource) Platform {
	connection := texts(r.Outputs, "connection")
	return Platform{
		Name:             cmp.Or(connection["platform"], r.name()),
		URN:              r.URN,
		GraphQLURL:       text(r.Outputs, "graphqlUrl"),
		PluginsTable:     text(r.Outputs, "pluginsTableName"),
		RegistryQueueURL: text(r.Outputs, "registryQueueUrl"),
		ConnectFunction:  text(r.Outputs, "connectFunctionName"),
		AdminFunction:    text(r.Outputs, "adminFunctionName"),
		DeadLetterQueues: texts(r.Outputs, "deadLetterQueueUrls"),
		Provider:         providerOf(r.URN, all),
		Release:          r.release(all),
		RuntimeLayer:     text(r.Outputs, "runtimeLayerArn"),
		Account:          accountOf(text(r.Outputs, "runtimeLayerArn")),
		APIID:            text(r.Outputs, "apiId"),
		Modes:            split(connection["authenticationModes"]),
		LivenessTable:    r.table(all, "liveness"),
		LogTable:         r.table(all, "Plugin-events"),
	}
}

// accountOf is the account of an ARN, "" for other text.
func accountOf(text string) string {
	parsed, err := arn.Parse(text)
	if err != nil {
		return ""
	}
	return parsed.AccountID
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
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
