package provider

import (
	"errors"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

var errNoArchive = errors.New("the code is a single file; give an archive: a folder, a .zip file or a map of files")

// Parts of the names of a plugin's resources.
const (
	commandsPart = "commands"
	toDosPart    = "to-dos"
	tasksPart    = "tasks"
	feedsPart    = "feeds"
	failuresPart = "stream-failures"
	// dcbLog is the DCB log among the event logs. Names of aggregates begin with a
	// capital, so it is none of theirs.
	dcbLog = "dcb"
)

func eventsPart(log string) string          { return log + "-events" }
func rowsPart(component string) string      { return component + "-rows" }
func pointPart(point string) string         { return point + "-extension-point" }
func extensionPart(extension string) string { return extension + "-extension" }
func taskPart(task string) string           { return task + "-task" }

// describe is the plugin's definition: what its functions know about it. It holds
// physical names only, so it is complete in a preview.
func describe(checked *checkedPlugin, owner component.Owner, stack string) definition.Definition {
	plugin := checked.plugin
	d := describer{checked: checked, plugin: plugin, owner: owner}
	return definition.Definition{
		FormatVersion:       definition.FormatVersion,
		Plugin:              plugin.Name,
		Version:             plugin.Version,
		Stack:               stack,
		HeartbeatMinutes:    plugin.HeartbeatMinutes,
		CommandQueue:        queue.FIFOName(owner, commandsPart),
		Aggregates:          d.aggregates(),
		ReadModels:          d.readModels(),
		ExtensionPoints:     d.extensionPoints(),
		Extensions:          d.extensions(),
		DCB:                 d.dcb(),
		ToDos:               d.toDos(),
		InboundTranslations: d.inboundTranslations(),
		Tasks:               d.tasks(),
		Schedules:           d.schedules(),
		Queries:             d.queries(),
	}
}

// describer makes the parts of a plugin's definition.
type describer struct {
	checked *checkedPlugin
	plugin  declaration.Plugin
	owner   component.Owner
}

// ownQueue is the queue of commands of a component that has a function of its own.
func (d describer) ownQueue(component string, override *declaration.Function) string {
	if override == nil {
		return ""
	}
	return queue.FIFOName(d.owner, group{component: component}.part(commandsPart))
}

func (d describer) aggregates() map[string]definition.Aggregate {
	described := map[string]definition.Aggregate{}
	for name, aggregate := range d.plugin.Aggregates {
		described[name] = definition.Aggregate{
			Table: table.Name(d.owner, eventsPart(name)), IDArgument: aggregate.IDArgument(), Commands: aggregate.Commands,
			Async: or(aggregate.Async, false), SnapshotEvery: or(aggregate.SnapshotEvery, 0), CommandQueue: d.ownQueue(name, aggregate.Function),
		}
	}
	return described
}

func (d describer) readModels() map[string]definition.ReadModel {
	described := map[string]definition.ReadModel{}
	for name, model := range d.plugin.Models() {
		described[name] = definition.ReadModel{
			Table: table.Name(d.owner, rowsPart(name)), From: sources(model.From), Indexes: indexed(d.checked.indexes[name]),
			Feeds: d.feeds(model), Own: model.Function != nil,
		}
	}
	return described
}

// feeds are the subscriptions of a read model, with what their mutations select.
func (d describer) feeds(model declaration.ReadModel) []definition.Feed {
	var feeds []definition.Feed
	for _, field := range sortedKeys(model.Subscriptions) {
		feeds = append(feeds, definition.Feed{
			Subscription: field, Mutation: schema.FeedMutation(d.plugin.Name, field), Selection: d.checked.selections[field],
		})
	}
	return feeds
}

func (d describer) extensionPoints() map[string]definition.ExtensionPoint {
	described := map[string]definition.ExtensionPoint{}
	for name, point := range d.plugin.ExtensionPoints {
		commands := map[string]definition.PointCommand{}
		for command, addressee := range point.Commands {
			commands[command] = definition.PointCommand{To: addressee.To, ID: or(addressee.ID, "")}
		}
		described[name] = definition.ExtensionPoint{
			Topic: topic.Name(d.owner, pointPart(name)), From: pointSources(point, d.plugin), Publish: len(point.From) > 0, Commands: commands,
		}
	}
	return described
}

func (d describer) extensions() map[string]definition.Extension {
	described := map[string]definition.Extension{}
	for name, extension := range d.plugin.Extensions {
		described[name] = definition.Extension{
			Queue: queue.FIFOName(d.owner, extensionPart(name)), Plugin: extension.Plugin, ExtensionPoint: extension.ExtensionPoint,
		}
	}
	return described
}

func (d describer) dcb() *definition.DCB {
	declared := d.plugin.DCB
	if declared == nil {
		return nil
	}
	described := &definition.DCB{
		Table: table.Name(d.owner, eventsPart(dcbLog)), Events: declared.Events,
		Tags: map[string]definition.Tag{}, Slices: map[string]definition.Slice{},
	}
	for name, tag := range declared.Tags {
		described.Tags[name] = definition.Tag{Fields: tag.Fields}
	}
	for name, slice := range declared.StateChangeSlices {
		reads := make([]definition.Criterion, len(slice.Reads))
		for i, criterion := range slice.Reads {
			reads[i] = definition.Criterion{Events: criterion.Events, Tags: criterion.Tags}
		}
		described.Slices[name] = definition.Slice{
			Commands: slice.Commands, Async: or(slice.Async, false), Reads: reads, Emits: slice.Emits, CommandQueue: d.ownQueue(name, slice.Function),
		}
	}
	return described
}

func (d describer) toDos() map[string]definition.ToDo {
	described := map[string]definition.ToDo{}
	for name, toDo := range d.plugin.ToDos() {
		described[name] = definition.ToDo{
			Table: table.Name(d.owner, rowsPart(name)), From: sources(toDo.From), Indexes: indexed(d.checked.indexes[name]), Call: toDo.Call,
			Attempts: toDo.Attempts, RetrySeconds: toDo.RetrySeconds,
		}
	}
	return described
}

func (d describer) inboundTranslations() map[string]definition.InboundTranslation {
	described := map[string]definition.InboundTranslation{}
	for name, translation := range d.plugin.Inbound() {
		described[name] = definition.InboundTranslation{Table: table.Name(d.owner, rowsPart(name)), Field: translation.Field}
	}
	return described
}

func (d describer) tasks() map[string]definition.Task {
	described := map[string]definition.Task{}
	for name, task := range d.plugin.Tasks {
		described[name] = definition.Task{}
		if declared := task.Bucket; declared != nil {
			described[name] = definition.Task{
				Bucket: d.checked.buckets[name], Read: declared.Reads(), Write: declared.Writes(), Prefix: or(declared.Prefix, ""),
				Content: string(or(declared.Content, declaration.DefaultContent)), Lines: or(declared.Lines, declaration.DefaultLines),
			}
		}
	}
	return described
}

func (d describer) schedules() map[string]definition.Schedule {
	described := map[string]definition.Schedule{}
	for name, schedule := range d.plugin.Schedules {
		described[name] = definition.Schedule{To: schedule.To, Type: schedule.Command}
	}
	return described
}

func (d describer) queries() map[string]definition.Query {
	described := map[string]definition.Query{}
	for field, query := range d.plugin.Queries {
		loads := map[string]definition.Load{}
		for name, load := range query.Loads {
			loads[name] = definition.Load{ReadModel: load.ReadModel, Table: table.Name(d.owner, rowsPart(load.ReadModel)), Argument: load.Argument}
		}
		described[field] = definition.Query{Loads: loads}
	}
	return described
}

func sources(declared []declaration.Source) []definition.Source {
	selected := make([]definition.Source, len(declared))
	for i, source := range declared {
		selected[i] = definition.Source{Aggregate: or(source.Aggregate, ""), Tag: or(source.Tag, ""), Events: source.Events}
	}
	return selected
}

// pointSources are the sources of an extension point. Event types that are published as
// they are may be of any aggregate, or of the DCB log.
func pointSources(point declaration.ExtensionPoint, plugin declaration.Plugin) []definition.Source {
	selected := make([]definition.Source, 0, len(point.From))
	for _, source := range point.From {
		selected = append(selected, definition.Source{Aggregate: or(source.Aggregate, ""), Events: source.Events})
	}
	if len(point.Events) == 0 {
		return selected
	}
	for _, name := range sortedKeys(plugin.Aggregates) {
		selected = append(selected, definition.Source{Aggregate: name, Events: point.Events})
	}
	if plugin.DCB != nil {
		selected = append(selected, definition.Source{Events: point.Events})
	}
	return selected
}

// indexed are the row fields that are keys of indexes, each once.
func indexed(indexes []validate.Index) []string {
	fields := map[string]bool{}
	for _, index := range indexes {
		fields[index.Hash.Field] = true
		if index.Sort != nil && index.Sort.Field != "id" {
			fields[index.Sort.Field] = true
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return sortedKeys(fields)
}
