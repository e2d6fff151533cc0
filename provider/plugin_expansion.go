package provider

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/schedule"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// pluginExpansion makes the resources of one plugin. Which functions there are depends
// on what is declared:
//
//   - commands: there is an aggregate or a slice;
//   - projections: there is a read model, a state view slice, an automation or an outbound
//     translation;
//   - relay: there is an extension point with events;
//   - reactions: there is an extension;
//   - automations: there is an automation or an outbound translation;
//   - tasks: there is a task, or a schedule that turns may make;
//   - queries: there is a custom query;
//   - feeds: there is a subscription of rows.
//
// A component with a function of its own has the same function once more, see [group].
type pluginExpansion struct {
	environment
	ctx       *pulumi.Context
	args      PluginArgs
	checked   *checkedPlugin
	owner     component.Owner
	component *Plugin
	// made are all resources made so far.
	made *[]pulumi.Resource

	layer *lambda.LayerVersion
	// logs are the event logs by aggregate, and the DCB log.
	logs map[string]*table.Table
	// rows are the tables of read models, of to-do rows and of audit rows, by component.
	rows map[string]*table.Table
	// commands are the queues of commands by the component whose own function reads them,
	// "" for the plugin's.
	commands  map[string]*queue.Queue
	failures  *queue.Queue
	inboxes   map[string]*queue.Queue
	toDos     map[string]*queue.Queue
	tasks     map[string]*queue.Queue
	buckets   map[string]*bucket.Bucket
	topics    map[string]*topic.Topic
	schedules *schedule.Group
	// scheduler is the role with which schedules send to task queues.
	scheduler *iam.Role
	functions map[string]*function.Function
	ready     []pulumi.Resource
}

// run makes everything, each step from what the steps before have made.
func (x *pluginExpansion) run(request protocol.ConnectRequest, nonce pulumi.StringInput) error {
	steps := []func() error{
		x.tables, x.queues, x.taskQueues, x.taskBuckets, x.publish, x.define, x.handle, x.subscribe, x.notify, x.recur,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	invocation, err := connection.Connect(x.ctx, x.owner, "connection", x.checked.platform.connect, request, x.wiring(nonce), x.ready)
	if err != nil {
		return err
	}
	if err := x.heartbeat(invocation); err != nil {
		return err
	}
	if err := x.fields(invocation); err != nil {
		return err
	}
	if err := x.alarms(); err != nil {
		return err
	}
	if err := x.owner.Guard(x.ctx, *x.made); err != nil {
		return err
	}
	x.outputs()
	return nil
}

// wiring is what the platform has to know of the plugin's topics and queues.
func (x *pluginExpansion) wiring(nonce pulumi.StringInput) connection.Late {
	late := connection.Late{Nonce: nonce, Topics: x.topicARNs(), Queues: pulumi.StringMap{}, DeadLetters: pulumi.StringMap{}}
	for name, extension := range x.checked.plugin.Extensions {
		if or(extension.ViaPlatform, false) {
			late.Queues[name], late.DeadLetters[name] = x.inboxes[name].ARN, x.inboxes[name].DeadLetter.ARN
		}
	}
	return late
}

// tables makes the event logs and the tables of rows.
func (x *pluginExpansion) tables() (err error) {
	x.logs, x.rows = map[string]*table.Table{}, map[string]*table.Table{}
	plugin := x.checked.plugin
	for _, name := range logNames(plugin) {
		if x.logs[name], err = table.NewEventLog(x.ctx, x.owner, eventsPart(name), x.checked.billing); err != nil {
			return err
		}
	}
	models, toDos := plugin.Models(), plugin.ToDos()
	for _, name := range sortedKeys(plugin.RowQueries()) {
		_, toDo := toDos[name]
		model, made := models[name]
		rows := table.Rows{Stream: toDo || len(model.Subscriptions) > 0, Original: !made}
		x.rows[name], err = table.NewReadModel(x.ctx, x.owner, rowsPart(name), x.checked.billing, x.checked.indexes[name], rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// logNames are the plugin's event logs: the aggregates', and the DCB log.
func logNames(plugin declaration.Plugin) []string {
	names := sortedKeys(plugin.Aggregates)
	if plugin.DCB != nil {
		names = append(names, dcbLog)
	}
	return names
}

// queues makes the queues of commands, the queue of stream records that were given up,
// and a queue for each extension and for the to-do rows to look at again.
func (x *pluginExpansion) queues() (err error) {
	plugin := x.checked.plugin
	if x.commands, err = x.queuesOf(commandGroups(plugin), commandsPart, queue.NewFIFO); err != nil {
		return err
	}
	if len(x.rows)+len(plugin.ExtensionPoints) > 0 {
		if x.failures, err = queue.NewDeadLetter(x.ctx, x.owner, failuresPart); err != nil {
			return err
		}
	}
	x.inboxes = map[string]*queue.Queue{}
	for _, name := range sortedKeys(plugin.Extensions) {
		timeout := x.timeout(plugin.Extensions[name].Function)
		if x.inboxes[name], err = queue.NewFIFO(x.ctx, x.owner, extensionPart(name), timeout); err != nil {
			return err
		}
	}
	x.toDos, err = x.queuesOf(automationGroups(plugin), toDosPart, queue.NewStandard)
	return err
}

// queuesOf makes a queue for each group, by the component whose own function reads it.
func (x *pluginExpansion) queuesOf(groups []group, base string,
	make func(*pulumi.Context, component.Owner, string, int) (*queue.Queue, error),
) (map[string]*queue.Queue, error) {
	made := map[string]*queue.Queue{}
	for _, g := range groups {
		queue, err := make(x.ctx, x.owner, g.part(base), x.timeout(&g.override))
		if err != nil {
			return nil, err
		}
		made[g.component] = queue
	}
	return made, nil
}

// timeout is how long a function may run, in seconds.
func (x *pluginExpansion) timeout(override *declaration.Function) int {
	if override == nil {
		return x.checked.plugin.Timeout
	}
	return or(override.Timeout, x.checked.plugin.Timeout)
}

// publish makes a topic for each extension point that publishes events.
func (x *pluginExpansion) publish() (err error) {
	x.topics = map[string]*topic.Topic{}
	for _, name := range publishing(x.checked.plugin) {
		if x.topics[name], err = topic.New(x.ctx, x.owner, pointPart(name)); err != nil {
			return err
		}
	}
	return nil
}

// publishing are the extension points that publish events; others only take commands.
func publishing(plugin declaration.Plugin) []string {
	var names []string
	for _, name := range sortedKeys(plugin.ExtensionPoints) {
		if point := plugin.ExtensionPoints[name]; len(point.Events)+len(point.From) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// define makes the layer with the plugin's definition.
func (x *pluginExpansion) define() (err error) {
	described := describe(x.checked, x.owner, stackName(x.ctx))
	described.DeadLetterQueues = map[string]string{}
	for part, letters := range x.deadLetterQueues() {
		described.DeadLetterQueues[part] = letters.Name
	}
	x.layer, err = function.NewDefinitionLayer(x.ctx, x.owner, described)
	return err
}

// subscribe subscribes the queue of each extension to its topic, when everything that
// handles its messages is there. The platform does it for those whose topic may come
// later; it may be any of the account.
func (x *pluginExpansion) subscribe() error {
	for _, name := range sortedKeys(x.checked.plugin.Extensions) {
		extension := x.checked.plugin.Extensions[name]
		if or(extension.ViaPlatform, false) {
			topics := x.inboxes[name].ARN.ApplyT(func(arn string) string { return naming.Sibling(arn, "sns", "*"+naming.FIFOTopic.Suffix) }).(pulumi.StringOutput)
			admitted, err := topic.Admit(x.ctx, x.owner, extensionPart(name), topics, x.inboxes[name])
			if err != nil {
				return err
			}
			x.ready = append(x.ready, admitted...)
			continue
		}
		if x.checked.topics[name] == nil {
			continue // the extension point only takes commands
		}
		subscription, err := topic.Subscribe(x.ctx, x.owner, extensionPart(name), x.checked.topics[name], x.inboxes[name],
			topic.Filter{Types: extension.Events, Where: extension.Where})
		if err != nil {
			return err
		}
		x.ready = append(x.ready, subscription)
	}
	return nil
}
