package validate

import (
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// sources checks that everything that is made from events takes events that there are.
func (f *findings) sources(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.ReadModels) {
		f.from(plugin, []string{"readModels", name}, plugin.ReadModels[name].From)
	}
	if plugin.DCB == nil {
		return
	}
	for _, name := range sorted(plugin.DCB.StateViewSlices) {
		f.from(plugin, []string{"dcb", declaration.KindStateViewSlices, name}, plugin.DCB.StateViewSlices[name].From)
	}
	toDos := plugin.ToDos()
	for _, name := range sorted(toDos) {
		f.from(plugin, []string{"dcb", toDos[name].Kind, name}, toDos[name].From)
	}
}

func (f *findings) from(plugin declaration.Plugin, path []string, sources []declaration.Source) {
	if len(sources) == 0 {
		f.add(Path(append(slices.Clone(path), "from")...), "it is made from no events; name at least one source, such as `from: [{aggregate: Product}]` or `from: [{tag: productId}]`")
	}
	seen := map[string]bool{}
	for i, source := range sources {
		at := append(slices.Clone(path), "from", index(i))
		aggregate, tag := text(source.Aggregate), text(source.Tag)
		switch {
		case (aggregate == "") == (tag == ""):
			f.add(Path(at...), "give exactly one of `aggregate` and `tag`")
		case aggregate != "":
			f.aggregate(plugin, append(at, "aggregate"), aggregate)
			f.eventTypes(append(at, "events"), source.Events)
		default:
			f.tagSource(plugin.DCB, at, tag, source.Events)
		}
		if seen[aggregate+"#"+tag] {
			f.add(Path(at...), "the source %q is named twice; list all its events in one place", aggregate+tag)
		}
		seen[aggregate+"#"+tag] = true
	}
}

// aggregate checks that an aggregate is there.
func (f *findings) aggregate(plugin declaration.Plugin, path []string, name string) {
	if _, exists := plugin.Aggregates[name]; !exists {
		f.add(Path(path...), "the plugin declares no aggregate %q.%s", name, DidYouMean(name, sorted(plugin.Aggregates)))
	}
}

// tagSource checks a source of the DCB log.
func (f *findings) tagSource(dcb *declaration.DCB, path []string, tag string, events []string) {
	if dcb == nil {
		f.add(Path(append(path, "tag")...), "the plugin has no DCB log; declare its tags and events in `dcb`, or name an `aggregate`")
		return
	}
	if !f.tag(dcb, append(path, "tag"), tag) {
		return
	}
	for i, event := range events {
		f.taggedEvent(dcb, append(slices.Clone(path), "events", index(i)), event, []string{tag})
	}
	carries := func(tags []string) bool { return slices.Contains(tags, tag) }
	if len(events) == 0 && !slices.ContainsFunc(values(dcb.Events), carries) {
		f.add(Path(append(path, "tag")...), "no event type has the tag %q; add it to one in `dcb.events`", tag)
	}
}

// tag checks that a tag is there.
func (f *findings) tag(dcb *declaration.DCB, path []string, tag string) bool {
	_, exists := dcb.Tags[tag]
	if !exists {
		f.add(Path(path...), "`dcb.tags` has no tag %q.%s", tag, DidYouMean(tag, sorted(dcb.Tags)))
	}
	return exists
}

// taggedEvent checks that an event type is there and has tags.
func (f *findings) taggedEvent(dcb *declaration.DCB, path []string, event string, tags []string) {
	carried, exists := dcb.Events[event]
	if !exists {
		f.add(Path(path...), "`dcb.events` has no event type %q.%s", event, DidYouMean(event, sorted(dcb.Events)))
		return
	}
	for _, tag := range tags {
		if _, known := dcb.Tags[tag]; known && !slices.Contains(carried, tag) {
			f.add(Path(path...), "events of the type %s do not have the tag %q, so none would ever be found; they have: %s. Add the tag in `dcb.events`, or take the event type out here",
				event, tag, strings.Join(carried, ", "))
		}
	}
}

// maxReaders is how many readers a DynamoDB stream serves without being throttled.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
const maxReaders = 2

// readers checks that no event log's stream has more readers than it serves.
func (f *findings) readers(plugin declaration.Plugin) {
	readers := map[string][]string{}
	read := func(log, reader string) {
		if !slices.Contains(readers[log], reader) {
			readers[log] = append(readers[log], reader)
		}
	}
	models := plugin.Models()
	for _, name := range sorted(models) {
		reader := "the function that makes rows"
		if models[name].Function != nil {
			reader = "the own function of " + name
		}
		for _, source := range models[name].From {
			read(text(source.Aggregate), reader)
		}
	}
	for _, toDo := range plugin.ToDos() {
		for _, source := range toDo.From {
			read(text(source.Aggregate), "the function that makes rows")
		}
	}
	for _, log := range publishedLogs(plugin) {
		read(log, "the function that publishes")
	}
	for _, log := range sorted(readers) {
		if len(readers[log]) > maxReaders {
			f.add("readModels", "the events of %s would have %d readers (%s); a stream has at most %d. Take `function` out of a read model",
				logName(log), len(readers[log]), strings.Join(readers[log], ", "), maxReaders)
		}
	}
}

func logName(log string) string {
	if log == "" {
		return "the DCB log"
	}
	return "the aggregate " + log
}

// publishedLogs are the event logs, "" for the DCB log, whose events extension points
// publish.
func publishedLogs(plugin declaration.Plugin) []string {
	var logs []string
	for _, name := range sorted(plugin.ExtensionPoints) {
		point := plugin.ExtensionPoints[name]
		if len(point.Events) > 0 {
			logs = append(logs, sorted(plugin.Aggregates)...)
			if plugin.DCB != nil {
				logs = append(logs, "")
			}
		}
		for _, source := range point.From {
			logs = append(logs, text(source.Aggregate))
		}
	}
	return logs
}

// extensionPoints checks what the plugin publishes, and which commands it takes.
func (f *findings) extensionPoints(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.ExtensionPoints) {
		point, path := plugin.ExtensionPoints[name], []string{"extensionPoints", name}
		if len(point.Events) > 0 && len(point.From) > 0 {
			f.add(Path(path...), "give only one of `events` (published as they are) and `from` (the handler turns them into messages)")
		}
		if len(point.Events)+len(point.From)+len(point.Commands) == 0 {
			f.add(Path(path...), "the extension point does nothing; give `events` (published as they are), `from` (the handler turns them into messages) or `commands` (other plugins may send them)")
		}
		if len(point.Events)+len(point.From) > 0 && !plugin.Decides() {
			f.add(Path(path...), "the plugin has no aggregate and no slice whose events could be published")
		}
		f.eventTypes(append(slices.Clone(path), "events"), point.Events)
		f.published(plugin, path, point.From)
		f.pointCommands(plugin, path, point.Commands)
	}
}

func (f *findings) published(plugin declaration.Plugin, path []string, sources []declaration.PublishedSource) {
	seen := map[string]bool{}
	for i, source := range sources {
		at, aggregate := append(slices.Clone(path), "from", index(i)), text(source.Aggregate)
		switch {
		case aggregate != "":
			f.aggregate(plugin, append(at, "aggregate"), aggregate)
			f.eventTypes(append(at, "events"), source.Events)
		case plugin.DCB == nil:
			f.add(Path(at...), "name the `aggregate`: the plugin has no DCB log")
		default:
			for j, event := range source.Events {
				f.taggedEvent(plugin.DCB, append(slices.Clone(at), "events", index(j)), event, nil)
			}
		}
		if seen[aggregate] {
			f.add(Path(at...), "%s is named twice; list all its events in one place", logName(aggregate))
		}
		seen[aggregate] = true
	}
}

// pointCommands checks the commands that other plugins may send.
func (f *findings) pointCommands(plugin declaration.Plugin, path []string, commands map[string]declaration.PointCommand) {
	for _, command := range sorted(commands) {
		at, addressee := append(slices.Clone(path), "commands", command), commands[command]
		if !commandType.MatchString(command) {
			f.add(Path(at...), "%q is no command type: use up to 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter", command)
		}
		f.addressee(plugin, append(at, "to"), addressee.To)
		if _, isAggregate := plugin.Aggregates[addressee.To]; isAggregate && text(addressee.ID) == "" {
			f.add(Path(at...), "name the field of the command's data that has the id of %s: `id: %s`", addressee.To, plugin.Aggregates[addressee.To].IDArgument())
		}
	}
}

// addressee checks that commands can be sent to a name.
func (f *findings) addressee(plugin declaration.Plugin, path []string, name string) {
	if _, exists := plugin.Addressee(name); !exists {
		f.add(Path(path...), "the plugin declares no aggregate and no slice %q.%s", name,
			DidYouMean(name, append(sorted(plugin.Aggregates), sorted(plugin.Slices())...)))
	}
}

// values are the values of a map.
func values[V any](m map[string]V) []V {
	list := make([]V, 0, len(m))
	for _, key := range sorted(m) {
		list = append(list, m[key])
	}
	return list
}
