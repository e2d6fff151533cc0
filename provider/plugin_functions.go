package provider

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// handle makes the functions and what feeds them.
func (x *pluginExpansion) handle() error {
	x.functions = map[string]*function.Function{}
	plugin := x.checked.plugin
	for _, kind := range []struct {
		groups []group
		make   func(group) error
	}{
		{commandGroups(plugin), x.commandsFunction},
		{projectionGroups(plugin), x.projectionsFunction},
		{reactionGroups(plugin), x.reactionsFunction},
		{automationGroups(plugin), x.automationsFunction},
		{taskGroups(plugin), x.tasksFunction},
		{queryGroups(plugin), x.queriesFunction},
	} {
		for _, g := range kind.groups {
			if err := kind.make(g); err != nil {
				return err
			}
		}
	}
	if len(x.topics) > 0 {
		if err := x.relayFunction(); err != nil {
			return err
		}
	}
	return x.feedsFunction()
}

// commandsFunction answers mutations and works off a queue of commands.
func (x *pluginExpansion) commandsFunction(g group) error {
	plugin, from := x.checked.plugin, x.commands[g.component]
	statements := []iam.Statement{from.AllowReceive()}
	aggregates, slices := map[string]*table.Table{}, false
	for _, name := range g.members {
		if log := x.logs[name]; log != nil {
			aggregates[name] = log
		} else {
			slices = true
		}
	}
	if len(aggregates) > 0 {
		statements = append(statements, allow(aggregates, "dynamodb:Query", "dynamodb:PutItem"))
	}
	if slices {
		statements = append(statements, x.logs[dcbLog].Allow("dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"))
	}
	environment, async := pulumi.StringMap{}, g.async(plugin)
	if inbound := sortedKeys(plugin.Inbound()); g.component == "" && len(inbound) > 0 {
		statements = append(statements, allow(x.rowsOf(inbound), "dynamodb:GetItem", "dynamodb:PutItem"))
	}
	if sends := g.component == "" && (len(plugin.Inbound()) > 0 || len(x.commands) > 1); async || sends {
		settings, needed := x.sendSettings()
		maps.Copy(environment, settings)
		statements = append(statements, needed...)
	}
	if async {
		environment[definition.EnvGraphQLURL] = x.checked.platform.url
		statements = append(statements, x.allowMutation(completion))
	}
	made, err := x.handlerFunction(g, "Decides on commands", environment, statements)
	if err != nil {
		return err
	}
	return x.readQueue(made, g.part(commandsPart), from, function.Together)
}

// completion is the platform's mutation that announces the outcome of a command.
const completion = "Platform_completeCommand"

// allowCommands allows to send to all queues of commands.
func (x *pluginExpansion) allowCommands() iam.Statement {
	var queues []pulumi.StringInput
	for _, name := range sortedKeys(x.commands) {
		queues = append(queues, x.commands[name].ARN)
	}
	return iam.Allow(queues, "sqs:SendMessage")
}

// allowMutation allows to call one mutation of the platform's API.
func (x *pluginExpansion) allowMutation(fields ...string) iam.Statement {
	var resources []pulumi.StringInput
	for _, field := range fields {
		resources = append(resources, x.checked.platform.apiARN("/types/Mutation/fields/"+field))
	}
	return iam.Allow(resources, "appsync:GraphQL")
}

// projectionsFunction makes rows from events. It reads the logs too: a stream record is
// only the hint that there is something new.
func (x *pluginExpansion) projectionsFunction(g group) error {
	plugin := x.checked.plugin
	models, toDos, from := plugin.Models(), plugin.ToDos(), []declaration.Source(nil)
	var rebuilt, resolved []string
	for _, name := range g.members {
		from = append(append(from, models[name].From...), toDos[name].From...)
		if _, is := toDos[name]; is {
			resolved = append(resolved, name)
		} else {
			rebuilt = append(rebuilt, name)
		}
	}
	logs := logsOf(from)
	statements := []iam.Statement{
		allow(pick(x.logs, logs), "dynamodb:Query"), allow(x.rowsOf(g.members), "dynamodb:GetItem", "dynamodb:PutItem"),
	}
	if len(resolved) > 0 {
		statements = append(statements, allow(x.rowsOf(resolved), "dynamodb:UpdateItem"))
	}
	if len(rebuilt) > 0 {
		statements = append(statements, x.allowRebuild(rebuilt))
	}
	made, err := x.handlerFunction(g, "Makes the rows of read models from events", nil, append(statements, x.streams(logs)...))
	if err != nil {
		return err
	}
	return x.readStreams(made, g.part(definition.FunctionProjections), logs)
}

// allowRebuild allows to make rows in the tables that rebuilds make beside those of read
// models.
func (x *pluginExpansion) allowRebuild(models []string) iam.Statement {
	var tables []pulumi.StringInput
	for _, name := range models {
		made := x.rows[name]
		tables = append(tables, made.ARN.ApplyT(func(arn string) string {
			return strings.TrimSuffix(arn, made.Name) + definition.RebuildTable(made.Name)
		}).(pulumi.StringOutput))
	}
	return iam.Allow(tables, "dynamodb:GetItem", "dynamodb:PutItem")
}

// logsOf are the event logs that sources are in, in order.
func logsOf(sources []declaration.Source) []string {
	logs := map[string]bool{}
	for _, source := range sources {
		logs[or(source.Aggregate, dcbLog)] = true
	}
	return sortedKeys(logs)
}

// relayFunction publishes events. It runs the handler only when an extension point asks
// for publish turns.
func (x *pluginExpansion) relayFunction() error {
	logs, publishTurns := map[string]bool{}, false
	for _, point := range x.checked.plugin.ExtensionPoints {
		publishTurns = publishTurns || len(point.From) > 0
		for _, source := range pointSources(point, x.checked.plugin) {
			logs[cmp.Or(source.Aggregate, dcbLog)] = true
		}
	}
	from := sortedKeys(logs)
	statements := x.streams(from)
	for _, name := range sortedKeys(x.topics) {
		statements = append(statements, x.topics[name].AllowPublish())
	}
	make := x.handlerFunction
	if !publishTurns {
		make = x.engineFunction
	}
	made, err := make(group{purpose: definition.FunctionRelay}, "Publishes events on extension points", nil, statements)
	if err != nil {
		return err
	}
	return x.readStreams(made, definition.FunctionRelay, from)
}

// reactionsFunction turns messages of other plugins into commands on the queue.
func (x *pluginExpansion) reactionsFunction(g group) error {
	environment, statements := x.senderSettings()
	for _, name := range g.members {
		statements = append(statements, x.inboxes[name].AllowReceive())
	}
	made, err := x.handlerFunction(g, "Turns messages of other plugins into commands", environment, statements)
	if err != nil {
		return err
	}
	for _, name := range g.members {
		if err := x.readQueue(made, extensionPart(name), x.inboxes[name], function.Together); err != nil {
			return err
		}
	}
	return nil
}

// automationsFunction does what to-do rows say.
func (x *pluginExpansion) automationsFunction(g group) error {
	environment, statements := x.senderSettings()
	environment[definition.EnvToDoQueueURL] = x.toDos[g.component].URL
	rows := x.rowsOf(g.members)
	statements = append(statements, x.failures.AllowSend(), x.toDos[g.component].AllowReceive(), x.toDos[g.component].AllowSend(),
		allow(rows, "dynamodb:GetItem", "dynamodb:PutItem"))
	for _, name := range g.members {
		statements = append(statements, rows[name].AllowStream())
	}
	made, err := x.handlerFunction(g, "Does what automations and outbound translations have to do", environment, statements)
	if err != nil {
		return err
	}
	for _, name := range g.members {
		mapping, err := made.ReadStream(x.ctx, x.owner, definition.FunctionAutomations+"-"+name, rows[name], x.failures, function.ToDos)
		if err != nil {
			return err
		}
		x.ready = append(x.ready, mapping)
	}
	return x.readQueue(made, g.part(toDosPart), x.toDos[g.component], function.Together)
}

// tasksFunction runs tasks, and sends the commands that were scheduled.
func (x *pluginExpansion) tasksFunction(g group) error {
	environment, statements := x.senderSettings()
	from := x.tasks[g.component]
	// Large objects are worked on in several invocations, so the function sends too.
	statements = append(statements, from.AllowReceive(), from.AllowSend())
	for _, name := range g.members {
		made, declared := x.buckets[name], x.checked.plugin.Tasks[name].Bucket
		if made != nil && declared.Reads() {
			statements = append(statements, made.AllowRead())
		}
		if made != nil && declared.Writes() {
			statements = append(statements, made.AllowWrite())
		}
	}
	made, err := x.handlerFunction(g, "Runs tasks", environment, statements)
	if err != nil {
		return err
	}
	return x.readQueue(made, g.part(tasksPart), from, function.Singly)
}

// queriesFunction answers the query fields that are the handler's.
func (x *pluginExpansion) queriesFunction(g group) error {
	loaded := map[string]bool{}
	for _, field := range g.members {
		for _, load := range x.checked.plugin.Queries[field].Loads {
			loaded[load.ReadModel] = true
		}
	}
	var statements []iam.Statement
	if len(loaded) > 0 {
		statements = append(statements, allow(x.rowsOf(sortedKeys(loaded)), "dynamodb:BatchGetItem"))
	}
	_, err := x.handlerFunction(g, "Answers queries", nil, statements)
	return err
}

// feedsFunction announces changed rows to subscribers.
func (x *pluginExpansion) feedsFunction() error {
	var mutations []string
	fed := map[string]*table.Table{}
	for name, model := range x.checked.plugin.Models() {
		for field := range model.Subscriptions {
			fed[name] = x.rows[name]
			mutations = append(mutations, schema.FeedMutation(x.checked.plugin.Name, field))
		}
	}
	if len(fed) == 0 {
		return nil
	}
	slices.Sort(mutations)
	statements := []iam.Statement{x.failures.AllowSend(), x.allowMutation(mutations...)}
	for _, name := range sortedKeys(fed) {
		statements = append(statements, fed[name].AllowStream())
	}
	made, err := x.engineFunction(group{purpose: definition.FunctionFeeds}, "Announces changed rows to subscribers",
		pulumi.StringMap{definition.EnvGraphQLURL: x.checked.platform.url}, statements)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(fed) {
		mapping, err := made.ReadStream(x.ctx, x.owner, feedsPart+"-"+name, fed[name], x.failures, function.Changes)
		if err != nil {
			return err
		}
		x.ready = append(x.ready, mapping)
	}
	return nil
}

// senderSettings are what a function needs that sends commands, now or by schedule.
func (x *pluginExpansion) senderSettings() (pulumi.StringMap, []iam.Statement) {
	environment, statements := x.sendSettings()
	settings, needed := x.scheduleSettings()
	maps.Copy(environment, settings)
	return environment, append(statements, needed...)
}

// sendSettings are what a function needs that sends commands to the plugin's own
// components and to extension points of others.
func (x *pluginExpansion) sendSettings() (pulumi.StringMap, []iam.Statement) {
	environment, statements := pulumi.StringMap{}, []iam.Statement(nil)
	if len(x.commands) > 0 {
		environment[definition.EnvCommandQueueURL] = x.commands[""].URL
		statements = append(statements, x.allowCommands())
	}
	urls, arns := pulumi.StringMap{}, []pulumi.StringInput(nil)
	for _, name := range sortedKeys(x.checked.remoteQueues) {
		urls[name] = x.checked.remoteQueues[name].url
		arns = append(arns, x.checked.remoteQueues[name].arn)
	}
	if len(urls) > 0 {
		environment[definition.EnvExtensionQueues] = pulumi.JSONMarshal(urls)
		statements = append(statements, iam.Allow(arns, "sqs:SendMessage"))
	}
	return environment, statements
}
