package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// relayMemory is the memory in MB of a relay that needs no handler.
const relayMemory = 256

// handle makes the functions and what feeds them.
func (x *pluginExpansion) handle() error {
	x.functions = map[string]*function.Function{}
	plugin := x.checked.plugin
	steps := []struct {
		needed bool
		make   func() error
	}{
		{len(plugin.Aggregates) > 0, x.commandsFunction},
		{len(plugin.ReadModels) > 0, x.projectionsFunction},
		{len(plugin.ExtensionPoints) > 0, x.relayFunction},
		{len(plugin.Extensions) > 0, x.reactionsFunction},
	}
	for _, step := range steps {
		if !step.needed {
			continue
		}
		if err := step.make(); err != nil {
			return err
		}
	}
	return nil
}

// commandsFunction answers mutations and works off the queue of commands.
func (x *pluginExpansion) commandsFunction() error {
	statements := []iam.Statement{x.commands.AllowReceive()}
	statements = append(statements, allow(x.logs, "dynamodb:Query", "dynamodb:PutItem"))
	made, err := x.handlerFunction(definition.FunctionCommands, "Decides on commands", nil, statements)
	if err != nil {
		return err
	}
	mapping, err := made.ReadQueue(x.ctx, x.owner, commandsPart, x.commands)
	x.ready = append(x.ready, mapping)
	return err
}

// projectionsFunction makes rows from events. It reads the logs too: a stream record is
// only the hint that there is something new.
func (x *pluginExpansion) projectionsFunction() error {
	from := x.projected()
	statements := []iam.Statement{allow(x.logsOf(from), "dynamodb:Query"), allow(x.rows, "dynamodb:GetItem", "dynamodb:PutItem")}
	made, err := x.handlerFunction(definition.FunctionProjections, "Makes the rows of read models from events", nil,
		append(statements, x.streams(from)...))
	if err != nil {
		return err
	}
	return x.readStreams(made, definition.FunctionProjections, from)
}

// projected are the aggregates whose events read models are made from.
func (x *pluginExpansion) projected() []string {
	var names []string
	for _, model := range x.checked.plugin.ReadModels {
		for _, source := range model.From {
			names = append(names, source.Aggregate)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// relayFunction publishes events. It runs the handler only when an extension point asks
// for publish turns.
func (x *pluginExpansion) relayFunction() error {
	var from []string
	publishTurns := false
	for _, point := range x.checked.plugin.ExtensionPoints {
		publishTurns = publishTurns || len(point.From) > 0
		for _, source := range pointSources(point, x.checked.plugin.Aggregates) {
			from = append(from, source.Aggregate)
		}
	}
	slices.Sort(from)
	from = slices.Compact(from)
	statements := x.streams(from)
	for _, name := range sortedKeys(x.topics) {
		statements = append(statements, x.topics[name].AllowPublish())
	}
	make := x.handlerFunction
	if !publishTurns {
		make = x.engineFunction
	}
	made, err := make(definition.FunctionRelay, "Publishes events on extension points", nil, statements)
	if err != nil {
		return err
	}
	return x.readStreams(made, definition.FunctionRelay, from)
}

// reactionsFunction turns messages of other plugins into commands on the queue.
func (x *pluginExpansion) reactionsFunction() error {
	statements := []iam.Statement{x.commands.AllowSend()}
	for _, name := range sortedKeys(x.inboxes) {
		statements = append(statements, x.inboxes[name].AllowReceive())
	}
	made, err := x.handlerFunction(definition.FunctionReactions, "Turns messages of other plugins into commands",
		pulumi.StringMap{definition.EnvCommandQueueURL: x.commands.URL}, statements)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(x.inboxes) {
		mapping, err := made.ReadQueue(x.ctx, x.owner, extensionPart(name), x.inboxes[name])
		if err != nil {
			return err
		}
		x.ready = append(x.ready, mapping)
	}
	return nil
}

// handlerFunction makes a function that runs the plugin's handler, with the engine
// around it in managed runtimes and inside it otherwise.
func (x *pluginExpansion) handlerFunction(purpose, description string, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	plugin := x.checked.plugin
	variables := pulumi.StringMap{}
	for key, value := range x.args.Environment {
		variables[key] = value
	}
	layers := pulumi.StringArray{x.layer.Arn}
	if plugin.Runtime != function.CustomRuntime {
		variables["AWS_LAMBDA_EXEC_WRAPPER"] = pulumi.String(definition.EnginePath)
		layers = pulumi.StringArray{x.checked.platform.layer, x.layer.Arn}
	}
	return x.newFunction(function.Spec{
		Purpose:     purpose,
		Description: description,
		Code:        archive(x.args.Code),
		Runtime:     plugin.Runtime,
		Handler:     plugin.Handler,
		Memory:      plugin.Memory,
		Layers:      layers,
		Environment: variables,
	}, environment, statements)
}

// engineFunction makes a function that runs the engine alone.
func (x *pluginExpansion) engineFunction(purpose, description string, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	spec, err := function.Spec{
		Purpose:     purpose,
		Description: description,
		Memory:      relayMemory,
		Layers:      pulumi.StringArray{x.layer.Arn},
	}.Engine(x.checked.platform.layer)
	if err != nil {
		return nil, err
	}
	return x.newFunction(spec, environment, statements)
}

func (x *pluginExpansion) newFunction(spec function.Spec, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	spec.Architecture = x.checked.plugin.Architecture
	spec.Timeout = x.checked.plugin.Timeout
	spec.Environment[definition.EnvDefinition] = pulumi.String(definition.DefaultPath)
	for key, value := range environment {
		spec.Environment[key] = value
	}
	spec.Statements = statements
	made, err := function.New(x.ctx, x.owner, spec)
	if err != nil {
		return nil, err
	}
	x.functions[spec.Purpose] = made
	x.ready = append(x.ready, made.Ready...)
	return made, nil
}

// streams allows to read the streams of aggregates and to hand over what was given up.
func (x *pluginExpansion) streams(aggregates []string) []iam.Statement {
	statements := []iam.Statement{x.failures.AllowSend()}
	for _, name := range aggregates {
		statements = append(statements, x.logs[name].AllowStream())
	}
	return statements
}

func (x *pluginExpansion) readStreams(reader *function.Function, purpose string, aggregates []string) error {
	for _, name := range aggregates {
		mapping, err := reader.ReadStream(x.ctx, x.owner, purpose+"-"+name, x.logs[name], x.failures)
		if err != nil {
			return err
		}
		x.ready = append(x.ready, mapping)
	}
	return nil
}

// logsOf are the event logs of some aggregates.
func (x *pluginExpansion) logsOf(aggregates []string) map[string]*table.Table {
	logs := map[string]*table.Table{}
	for _, name := range aggregates {
		logs[name] = x.logs[name]
	}
	return logs
}

// allow allows actions on tables, in one statement.
func allow(tables map[string]*table.Table, actions ...string) iam.Statement {
	var resources []pulumi.StringInput
	for _, name := range sortedKeys(tables) {
		resources = append(resources, tables[name].ARN)
	}
	return iam.Allow(resources, actions...)
}

// archive is the code as the archive that Lambda takes.
func archive(code pulumi.AssetOrArchiveInput) pulumi.ArchiveInput {
	if known, ok := code.(pulumi.Archive); ok {
		return known
	}
	return code.ToAssetOrArchiveOutput().ApplyT(func(value pulumi.AssetOrArchive) (pulumi.Archive, error) {
		if archive, ok := value.(pulumi.Archive); ok {
			return archive, nil
		}
		return nil, errNoArchive
	}).(pulumi.ArchiveOutput)
}
