package provider

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
	"github.com/reventless/pulumi-reventless/provider/internal/topic"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

var errNoArchive = errors.New("`code` is a single file; give an archive: a folder, a .zip file or a map of files")

// Parts of the names of a plugin's resources.
const commandsPart = "commands"

func eventsPart(aggregate string) string    { return aggregate + "-events" }
func rowsPart(readModel string) string      { return readModel + "-rows" }
func pointPart(point string) string         { return point + "-extension-point" }
func extensionPart(extension string) string { return extension + "-extension" }

// describe is the plugin's definition: what its functions know about it. It holds
// physical names only, so it is complete in a preview.
func describe(plugin declaration.Plugin, owner component.Owner, indexes validate.Indexes) definition.Definition {
	described := definition.Definition{
		FormatVersion:   definition.FormatVersion,
		Plugin:          plugin.Name,
		Version:         plugin.Version,
		CommandQueue:    queue.FIFOName(owner, commandsPart),
		Aggregates:      map[string]definition.Aggregate{},
		ReadModels:      map[string]definition.ReadModel{},
		ExtensionPoints: map[string]definition.ExtensionPoint{},
		Extensions:      map[string]definition.Extension{},
	}
	for name, aggregate := range plugin.Aggregates {
		described.Aggregates[name] = definition.Aggregate{
			Table: table.Name(owner, eventsPart(name)), IDArgument: aggregate.IDArgument(), Commands: aggregate.Commands,
		}
	}
	for name, model := range plugin.ReadModels {
		described.ReadModels[name] = definition.ReadModel{
			Table: table.Name(owner, rowsPart(name)), From: sources(model.From), Indexes: indexed(indexes[name]),
		}
	}
	for name, point := range plugin.ExtensionPoints {
		described.ExtensionPoints[name] = definition.ExtensionPoint{
			Topic: topic.Name(owner, pointPart(name)), From: pointSources(point, plugin.Aggregates), Publish: len(point.From) > 0,
		}
	}
	for name, extension := range plugin.Extensions {
		described.Extensions[name] = definition.Extension{
			Queue: queue.FIFOName(owner, extensionPart(name)), Plugin: extension.Plugin, ExtensionPoint: extension.ExtensionPoint,
		}
	}
	return described
}

func sources(declared []declaration.Source) []definition.Source {
	selected := make([]definition.Source, len(declared))
	for i, source := range declared {
		selected[i] = definition.Source{Aggregate: source.Aggregate, Events: source.Events}
	}
	return selected
}

// pointSources are the sources of an extension point. Event types that are published as
// they are may be of any aggregate.
func pointSources(point declaration.ExtensionPoint, aggregates map[string]declaration.Aggregate) []definition.Source {
	if len(point.From) > 0 {
		return sources(point.From)
	}
	var selected []definition.Source
	for _, name := range sortedKeys(aggregates) {
		selected = append(selected, definition.Source{Aggregate: name, Events: point.Events})
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

// interop is what other plugins need to use the extension points, a
// [protocol.InteropMeta].
func (x *pluginExpansion) interop(topics pulumi.StringMap) pulumi.MapOutput {
	points := pulumi.Map{}
	for name, arn := range topics {
		points[name] = pulumi.Map{"topicArn": arn}
	}
	return pulumi.Map{
		"formatVersion":   pulumi.Int(protocol.InteropFormatVersion),
		"plugin":          pulumi.String(x.checked.plugin.Name),
		"version":         pulumi.String(x.checked.plugin.Version),
		"extensionPoints": points,
	}.ToMapOutput()
}
