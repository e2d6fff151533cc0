package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// outputs fills in the plugin's outputs.
func (x *pluginExpansion) outputs() {
	functions, buckets := pulumi.StringMap{}, pulumi.StringMap{}
	for part, made := range x.functions {
		functions[part] = pulumi.String(made.Name)
	}
	for name, made := range x.buckets {
		buckets[name] = pulumi.String(made.Name)
	}
	c := x.component
	c.PluginName = pulumi.String(x.checked.plugin.Name).ToStringOutput()
	c.PluginVersion = pulumi.String(x.checked.plugin.Version).ToStringOutput()
	c.GraphQLURL = x.checked.platform.url.ToStringOutput()
	c.FunctionNames = functions.ToStringMapOutput()
	c.EventLogTableNames = tableNames(x.logs)
	c.ReadModelTableNames = tableNames(x.rows)
	c.TopicARNs = x.topicARNs().ToStringMapOutput()
	c.CommandQueueURL = pulumi.String("").ToStringOutput()
	if commands := x.commands[""]; commands != nil {
		c.CommandQueueURL = commands.URL
	}
	c.BucketNames = buckets.ToStringMapOutput()
	c.DeadLetterQueueURLs = x.deadLetters().ToStringMapOutput()
	c.InteropMeta = x.interop()
}

func tableNames(tables map[string]*table.Table) pulumi.StringMapOutput {
	names := pulumi.StringMap{}
	for name, made := range tables {
		names[name] = pulumi.String(made.Name)
	}
	return names.ToStringMapOutput()
}

func (x *pluginExpansion) topicARNs() pulumi.StringMap {
	topics := pulumi.StringMap{}
	for name, made := range x.topics {
		topics[name] = made.ARN
	}
	return topics
}

// deadLetters are the URLs of all queues with what could not be processed, by the part of
// the plugin that it was sent to.
func (x *pluginExpansion) deadLetters() pulumi.StringMap {
	urls := pulumi.StringMap{}
	for part, made := range x.deadLetterQueues() {
		urls[part] = made.URL
	}
	return urls
}

func (x *pluginExpansion) deadLetterQueues() map[string]*queue.Queue {
	letters := map[string]*queue.Queue{}
	if x.failures != nil {
		letters[failuresPart] = x.failures
	}
	add := func(base string, queues map[string]*queue.Queue) {
		for name, made := range queues {
			letters[group{component: name}.part(base)] = made.DeadLetter
		}
	}
	add(commandsPart, x.commands)
	add(toDosPart, x.toDos)
	add(tasksPart, x.tasks)
	for name, made := range x.inboxes {
		letters[extensionPart(name)] = made.DeadLetter
	}
	return letters
}

// interop is what other plugins need to use the extension points, a
// [protocol.InteropMeta].
func (x *pluginExpansion) interop() pulumi.MapOutput {
	points := pulumi.Map{}
	for name, point := range x.checked.plugin.ExtensionPoints {
		described := pulumi.Map{}
		if made := x.topics[name]; made != nil {
			described["topicArn"] = made.ARN
		}
		if len(point.Commands) > 0 {
			described["commands"] = pulumi.ToStringArray(sortedKeys(point.Commands))
			described["commandQueueArn"] = x.commands[""].ARN
			described["commandQueueUrl"] = x.commands[""].URL
		}
		points[name] = described
	}
	return pulumi.Map{
		"formatVersion":   pulumi.Int(protocol.InteropFormatVersion),
		"plugin":          pulumi.String(x.checked.plugin.Name),
		"version":         pulumi.String(x.checked.plugin.Version),
		"extensionPoints": points,
	}.ToMapOutput()
}
