package provider

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// pluginExpansion makes the resources of one plugin. Which functions there are depends
// on what is declared:
//
//   - commands: there is an aggregate;
//   - projections: there is a read model;
//   - relay: there is an extension point;
//   - reactions: there is an extension.
type pluginExpansion struct {
	environment
	ctx       *pulumi.Context
	args      PluginArgs
	checked   *checkedPlugin
	owner     component.Owner
	component *Plugin

	layer     *lambda.LayerVersion
	logs      map[string]*table.Table
	rows      map[string]*table.Table
	commands  *queue.Queue
	failures  *queue.Queue
	inboxes   map[string]*queue.Queue
	topics    map[string]*topic.Topic
	functions map[string]*function.Function
	ready     []pulumi.Resource
}

// run makes everything, each step from what the steps before have made.
func (x *pluginExpansion) run(request protocol.ConnectRequest, nonce pulumi.StringInput) error {
	for _, step := range []func() error{x.tables, x.queues, x.publish, x.define, x.handle, x.subscribe} {
		if err := step(); err != nil {
			return err
		}
	}
	invocation, err := connection.Connect(x.ctx, x.owner, "connection", x.checked.platform.connect, request, nonce, x.ready)
	if err != nil {
		return err
	}
	if err := x.fields(invocation); err != nil {
		return err
	}
	x.outputs()
	return nil
}

// tables makes an event log for each aggregate and a table for each read model.
func (x *pluginExpansion) tables() (err error) {
	x.logs, x.rows = map[string]*table.Table{}, map[string]*table.Table{}
	for _, name := range sortedKeys(x.checked.plugin.Aggregates) {
		if x.logs[name], err = table.NewEventLog(x.ctx, x.owner, eventsPart(name), x.checked.billing); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(x.checked.plugin.ReadModels) {
		x.rows[name], err = table.NewReadModel(x.ctx, x.owner, rowsPart(name), x.checked.billing, x.checked.indexes[name])
		if err != nil {
			return err
		}
	}
	return nil
}

// queues makes the queue of commands, the queue of stream records that were given up,
// and a queue for each extension.
func (x *pluginExpansion) queues() (err error) {
	plugin := x.checked.plugin
	if len(plugin.Aggregates) > 0 {
		if x.commands, err = queue.NewFIFO(x.ctx, x.owner, commandsPart, plugin.Timeout); err != nil {
			return err
		}
	}
	if len(plugin.ReadModels)+len(plugin.ExtensionPoints) > 0 {
		if x.failures, err = queue.NewDeadLetter(x.ctx, x.owner, "stream-failures"); err != nil {
			return err
		}
	}
	x.inboxes = map[string]*queue.Queue{}
	for _, name := range sortedKeys(plugin.Extensions) {
		if x.inboxes[name], err = queue.NewFIFO(x.ctx, x.owner, extensionPart(name), plugin.Timeout); err != nil {
			return err
		}
	}
	return nil
}

// publish makes a topic for each extension point.
func (x *pluginExpansion) publish() (err error) {
	x.topics = map[string]*topic.Topic{}
	for _, name := range sortedKeys(x.checked.plugin.ExtensionPoints) {
		if x.topics[name], err = topic.New(x.ctx, x.owner, pointPart(name)); err != nil {
			return err
		}
	}
	return nil
}

// define makes the layer with the plugin's definition.
func (x *pluginExpansion) define() (err error) {
	x.layer, err = function.NewDefinitionLayer(x.ctx, x.owner, describe(x.checked.plugin, x.owner, x.checked.indexes))
	return err
}

// subscribe subscribes the queue of each extension to its topic, when everything that
// handles its messages is there.
func (x *pluginExpansion) subscribe() error {
	for _, name := range sortedKeys(x.checked.plugin.Extensions) {
		subscription, err := topic.Subscribe(x.ctx, x.owner, extensionPart(name), x.checked.topics[name], x.inboxes[name],
			x.checked.plugin.Extensions[name].Events)
		if err != nil {
			return err
		}
		x.ready = append(x.ready, subscription)
	}
	return nil
}

// outputs fills in the plugin's outputs.
func (x *pluginExpansion) outputs() {
	functions, topics := pulumi.StringMap{}, pulumi.StringMap{}
	for purpose, made := range x.functions {
		functions[purpose] = pulumi.String(made.Name)
	}
	for name, made := range x.topics {
		topics[name] = made.ARN
	}
	c := x.component
	c.PluginName = pulumi.String(x.checked.plugin.Name).ToStringOutput()
	c.PluginVersion = pulumi.String(x.checked.plugin.Version).ToStringOutput()
	c.GraphQLURL = x.checked.platform.url.ToStringOutput()
	c.FunctionNames = functions.ToStringMapOutput()
	c.EventLogTableNames = tableNames(x.logs)
	c.ReadModelTableNames = tableNames(x.rows)
	c.TopicARNs = topics.ToStringMapOutput()
	c.CommandQueueURL = pulumi.String("").ToStringOutput()
	if x.commands != nil {
		c.CommandQueueURL = x.commands.URL
	}
	c.InteropMeta = x.interop(topics)
}

func tableNames(tables map[string]*table.Table) pulumi.StringMapOutput {
	names := pulumi.StringMap{}
	for name, made := range tables {
		names[name] = pulumi.String(made.Name)
	}
	return names.ToStringMapOutput()
}
