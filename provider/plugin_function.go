package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// relayMemory is the memory in MB of a function that needs no handler.
const relayMemory = 256

// handlerFunction makes a function that runs the plugin's handler, with the engine
// around it in managed runtimes and inside it otherwise.
func (x *pluginExpansion) handlerFunction(g group, description string, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	plugin := x.checked.plugin
	variables := pulumi.StringMap{}
	for key, value := range x.args.Environment {
		variables[key] = value
	}
	settings, needed := x.pulseSettings(g.part(g.purpose))
	for key, value := range settings {
		variables[key] = value
	}
	runtime := or(g.override.Runtime, plugin.Runtime)
	layers := pulumi.StringArray{x.layer.Arn}
	if runtime != function.CustomRuntime {
		variables["AWS_LAMBDA_EXEC_WRAPPER"] = pulumi.String(definition.EnginePath)
		layers = pulumi.StringArray{x.checked.platform.layer, x.layer.Arn}
	}
	return x.newFunction(g, function.Spec{
		Description: description,
		Code:        archive(x.code(g)),
		Runtime:     runtime,
		Handler:     or(g.override.Handler, plugin.Handler),
		Memory:      or(g.override.Memory, plugin.Memory),
		Concurrency: or(g.override.Concurrency, 0),
		Layers:      layers,
		Environment: variables,
	}, environment, append(statements, needed...))
}

// code is the archive of a group's function.
func (x *pluginExpansion) code(g group) pulumi.AssetOrArchiveInput {
	if g.override.Archive != nil {
		return x.args.Archives[*g.override.Archive]
	}
	return x.args.Code
}

// engineFunction makes a function that runs the engine alone.
func (x *pluginExpansion) engineFunction(g group, description string, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	spec, err := function.Spec{
		Description: description,
		Memory:      relayMemory,
		Layers:      pulumi.StringArray{x.layer.Arn},
	}.Engine(x.checked.platform.layer)
	if err != nil {
		return nil, err
	}
	return x.newFunction(g, spec, environment, statements)
}

func (x *pluginExpansion) newFunction(g group, spec function.Spec, environment pulumi.StringMap, statements []iam.Statement) (*function.Function, error) {
	spec.Purpose, spec.Component = g.purpose, g.component
	spec.Architecture = x.checked.plugin.Architecture
	spec.Timeout = x.timeout(&g.override)
	spec.Environment[definition.EnvDefinition] = pulumi.String(definition.DefaultPath)
	for key, value := range environment {
		spec.Environment[key] = value
	}
	spec.Statements = statements
	made, err := function.New(x.ctx, x.owner, spec)
	if err != nil {
		return nil, err
	}
	x.functions[spec.Part()] = made
	x.ready = append(x.ready, made.Ready...)
	return made, nil
}

func (x *pluginExpansion) readQueue(reader *function.Function, part string, from *queue.Queue, batch int) error {
	mapping, err := reader.ReadQueue(x.ctx, x.owner, part, from, batch)
	x.ready = append(x.ready, mapping)
	return err
}

// streams allows to read the streams of event logs and to hand over what was given up.
func (x *pluginExpansion) streams(logs []string) []iam.Statement {
	statements := []iam.Statement{x.failures.AllowSend()}
	for _, name := range logs {
		statements = append(statements, x.logs[name].AllowStream())
	}
	return statements
}

func (x *pluginExpansion) readStreams(reader *function.Function, purpose string, logs []string) error {
	for _, name := range logs {
		mapping, err := reader.ReadStream(x.ctx, x.owner, purpose+"-"+name, x.logs[name], x.failures, function.Events)
		if err != nil {
			return err
		}
		x.ready = append(x.ready, mapping)
	}
	return nil
}

// rowsOf are the tables of some components' rows.
func (x *pluginExpansion) rowsOf(components []string) map[string]*table.Table {
	return pick(x.rows, components)
}

// pick are some of the tables.
func pick(tables map[string]*table.Table, names []string) map[string]*table.Table {
	picked := map[string]*table.Table{}
	for _, name := range names {
		picked[name] = tables[name]
	}
	return picked
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
