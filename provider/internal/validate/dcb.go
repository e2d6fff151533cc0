package validate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

var (
	tagName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)
	// dcbEvent is an event type of the DCB log. It is part of the keys of streams, where
	// other characters have a meaning.
	dcbEvent = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,127}$`)
	// dataPath is a path into the data of events and commands.
	dataPath = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// dcb checks the tags, the event types and the slices of the DCB log.
func (f *findings) dcb(plugin declaration.Plugin) {
	if plugin.DCB == nil {
		return
	}
	f.tags(plugin)
	f.events(plugin.DCB)
	for _, name := range sorted(plugin.DCB.StateChangeSlices) {
		f.slice(plugin.DCB, []string{"dcb", "stateChangeSlices", name}, plugin.DCB.StateChangeSlices[name])
	}
	if len(plugin.DCB.StateChangeSlices) == 0 {
		f.add("dcb.stateChangeSlices", "the DCB log has no slice that could record an event; declare at least one")
	}
}

func (f *findings) tags(plugin declaration.Plugin) {
	dcb := plugin.DCB
	for _, name := range sorted(dcb.Tags) {
		if !tagName.MatchString(name) {
			f.add(Path("dcb", "tags", name), "%q is no name of a tag: use 1 to 40 letters, digits and \"_\", beginning with a letter", name)
		}
		if _, taken := plugin.Aggregates[name]; taken {
			// Turns say where events are from in one word: an aggregate or a tag.
			f.add(Path("dcb", "tags", name), "an aggregate has the name of the tag; choose another one, such as %q", strings.ToLower(name[:1])+name[1:]+"Id")
		}
		for i, field := range dcb.Tags[name].Fields {
			if !dataPath.MatchString(field) {
				f.add(Path("dcb", "tags", name, "fields", index(i)), "%q is no path into the data of events; write it as `lines.productId`, through objects and lists alike", field)
			}
		}
	}
}

func (f *findings) events(dcb *declaration.DCB) {
	used := map[string]bool{}
	for _, event := range sorted(dcb.Events) {
		path := []string{"dcb", "events", event}
		if !dcbEvent.MatchString(event) {
			f.add(Path(path...), "%q is no event type: use up to 128 letters, digits and \"_\", beginning with a letter", event)
		}
		if len(dcb.Events[event]) == 0 {
			f.add(Path(path...), "events of the type %s have no tag, so nothing could find them; name at least the one that they are about", event)
		}
		seen := map[string]bool{}
		for i, tag := range dcb.Events[event] {
			f.tag(dcb, append(slices.Clone(path), index(i)), tag)
			if seen[tag] {
				f.add(Path(append(slices.Clone(path), index(i))...), "the tag %q is listed twice", tag)
			}
			seen[tag], used[tag] = true, true
		}
	}
	for _, name := range sorted(dcb.Tags) {
		if !used[name] {
			f.add(Path("dcb", "tags", name), "no event type has the tag %q; add it to one in `dcb.events`, or take it out", name)
		}
	}
}

// slice checks what a decision reads and records.
func (f *findings) slice(dcb *declaration.DCB, path []string, slice declaration.StateChangeSlice) {
	for i, criterion := range slice.Reads {
		at := append(slices.Clone(path), "reads", index(i))
		if len(criterion.Events) == 0 {
			f.add(Path(append(at, "events")...), "the criterion names no event type, so it matches nothing; name at least one")
		}
		if len(criterion.Tags) == 0 {
			f.add(Path(append(at, "tags")...), "the criterion names no tag, so it would match the events of everybody; name at least one")
		}
		for j, tag := range criterion.Tags {
			f.tag(dcb, append(slices.Clone(at), "tags", index(j)), tag)
		}
		for j, event := range criterion.Events {
			f.taggedEvent(dcb, append(slices.Clone(at), "events", index(j)), event, criterion.Tags)
		}
	}
	for i, event := range slice.Emits {
		f.taggedEvent(dcb, append(slices.Clone(path), "emits", index(i)), event, nil)
	}
}

// The limits of to-do rows.
const (
	maxAttempts = 20
	// maxRetrySeconds is the longest delay of a message of SQS.
	maxRetrySeconds = 900
)

// toDos checks the settings of automations and outbound translations.
func (f *findings) toDos(plugin declaration.Plugin) {
	toDos := plugin.ToDos()
	for _, name := range sorted(toDos) {
		toDo := toDos[name]
		path := []string{"dcb", toDo.Kind, name}
		if toDo.Attempts < 1 || toDo.Attempts > maxAttempts {
			f.add(Path(append(path, "attempts")...), "%d attempts are not possible; give 1 to %d", toDo.Attempts, maxAttempts)
		}
		if toDo.RetrySeconds < 1 || toDo.RetrySeconds > maxRetrySeconds {
			f.add(Path(append(path, "retrySeconds")...), "a pause of %d seconds is not possible; give 1 to %d", toDo.RetrySeconds, maxRetrySeconds)
		}
	}
}
