package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// projectionsAtOnce is how many ids are worked on at the same time. The handler has
// one turn at a time all the same; it is the waiting for DynamoDB that overlaps.
const projectionsAtOnce = 8

// project brings all read models and to-do lists up to date with the commits of a batch.
func (e *Engine) project(b *batch, records []record, failed failures) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	slots := make(chan struct{}, projectionsAtOnce)
	for _, group := range groups(records) {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			broken := b.projectGroup(group)
			mu.Lock()
			defer mu.Unlock()
			for _, r := range broken {
				failed.add(r)
			}
		})
	}
	workers.Wait()
}

// view is a read model, or a to-do list, whose rows are made in the same way.
type view struct {
	name  string
	model definition.ReadModel
	toDo  bool
}

// room is what must be left free in a row's item.
func (v view) room() int {
	if v.toDo {
		return toDoRoom
	}
	return 0
}

// views are the read models and then the to-do lists, each by name, that this function
// makes: that of its component, or all that have no function of their own.
func (e *Engine) views() (all []view) {
	for _, name := range slices.Sorted(maps.Keys(e.Definition.ReadModels)) {
		model := e.Definition.ReadModels[name]
		if name == e.Component || (e.Component == "" && !model.Own) {
			all = append(all, view{name: name, model: model})
		}
	}
	if e.Component != "" {
		return all
	}
	for _, name := range slices.Sorted(maps.Keys(e.Definition.ToDos)) {
		toDo := e.Definition.ToDos[name]
		all = append(all, view{name: name, model: definition.ReadModel{Table: toDo.Table, From: toDo.From, Indexes: toDo.Indexes}, toDo: true})
	}
	return all
}

// projectGroup brings the rows of one id up to date and returns the records that must
// come again. A read model that fails does not stop the others.
func (b *batch) projectGroup(group []record) []record {
	component, id := group[0].component, group[0].commit.ID
	first := len(group)
	for _, v := range b.views() {
		p := projection{batch: b, view: v, component: component, id: id}
		done, err := p.catchUp(group)
		if err == nil {
			continue
		}
		b.report(err, "readModel", v.name, "component", component, "id", id, "position", done)
		first = min(first, firstAfter(group, done))
	}
	return group[first:]
}

// firstAfter is the index of the first record that is not wholly covered by a position.
// It is past the end when all are; an event that came after the batch has failed then,
// and its own record will bring it.
func firstAfter(group []record, position int64) int {
	for i, r := range group {
		if r.commit.Version() > position {
			return i
		}
	}
	return len(group)
}

// projection is one row of a view that follows one aggregate id, or one stream of the DCB
// log about the row's key.
type projection struct {
	*batch
	view
	// component is the aggregate or the stream's family.
	component string
	id        string
}

// log is the event log that the row follows.
func (p projection) log() *eventlog.Log {
	if log, ok := p.logs[p.component]; ok {
		return log
	}
	return p.families[p.component]
}

// takes says whether the row is made from an event of the followed log. An event of the
// DCB log may reach the row through several tags. It is taken once: through the first
// source that selects it, from that one's streams.
func (p projection) takes(eventType string, tags map[string][]string) bool {
	_, aggregate := p.logs[p.component]
	for _, source := range p.model.From {
		switch {
		case aggregate && selected(source, p.component, eventType):
			return true
		case aggregate || !selected(source, "", eventType) || !slices.Contains(tags[source.Tag], p.id):
			continue
		}
		if family, ok := dcb.Family(*p.Definition.DCB, eventType, source.Tag); ok {
			return family == p.component
		}
	}
	return false
}

// takesAny says whether the row is made from any event of a commit.
func (p projection) takesAny(commit eventlog.Commit) bool {
	for i, event := range commit.Events {
		if p.takes(event.Type, tagsOf(commit, i)) {
			return true
		}
	}
	return false
}

// tagsOf are the tags of one event of a commit, nil for an aggregate's.
func tagsOf(commit eventlog.Commit, i int) map[string][]string {
	if len(commit.Places) == 0 {
		return nil
	}
	return commit.Places[i].Tags
}

// catchUp brings the row up to date with the commits of a group, with one write unless
// there is more in the event log than one read gives. When DynamoDB finds the row
// invalid, such as a text where an index wants a number, it goes commit by commit, so
// that what came before the one that is to blame is done. On an error it says up to
// which event the row has certainly come.
func (p projection) catchUp(group []record) (done int64, err error) {
	if !slices.ContainsFunc(group, func(r record) bool { return p.takesAny(r.commit) }) {
		return 0, nil
	}
	done, err = p.advance(group, math.MaxInt)
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == codeInvalid {
		return p.advance(group, 1)
	}
	return done, err
}

// codeInvalid is DynamoDB's error code for a request that can never succeed.
const codeInvalid = "ValidationException"

// advance writes the row until it has all there is, with no more than so many commits
// at once. It repeats an attempt for as long as somebody else writes the row.
func (p projection) advance(group []record, most int) (done int64, err error) {
	consistent, conflicts := false, 0
	for more := true; more; consistent = true {
		done, more, err = p.attempt(group, consistent, most)
		if err == nil {
			conflicts = 0
			continue
		}
		if conflicts++; !errors.Is(err, errRowChanged) || conflicts >= p.Retry.Attempts {
			return done, err
		}
		if waitErr := p.Retry.Wait(p.aws, conflicts); waitErr != nil {
			return done, fmt.Errorf("%w: %w", errUnprocessed, waitErr)
		}
		more = true
	}
	return done, nil
}

// attempt loads the row, folds what is new into it and writes it, once. It says whether
// there is more to come.
func (p projection) attempt(group []record, consistent bool, most int) (done int64, more bool, err error) {
	if p.over() {
		return 0, false, errUnprocessed
	}
	current, err := p.loadRow(p.model, p.id, consistent)
	if err != nil {
		return 0, false, err
	}
	done = current.positions[p.component]
	commits, more, err := p.newer(group, done)
	if err != nil {
		return done, false, err
	}
	if len(commits) > most {
		commits, more = commits[:most], true
	}
	foldErr := p.fold(current, commits)
	if current.positions[p.component] > done {
		if err := p.save(current); err != nil {
			return done, false, err
		}
	}
	return current.positions[p.component], more, foldErr
}

// newer are the commits that the row does not have yet, nil when none of them
// matters to the row, and whether there are more after these. The batch is
// enough if it follows the row without a gap, otherwise the event log is read.
func (p projection) newer(group []record, position int64) (commits []eventlog.Commit, more bool, err error) {
	relevant, last := false, position
	for _, r := range group {
		if r.commit.Version() <= last {
			continue // the row has it, or it came twice
		}
		relevant = relevant || p.takesAny(r.commit)
		commits = append(commits, r.commit)
		last = r.commit.Version()
	}
	if !relevant {
		return nil, false, nil
	}
	next := position + 1
	for _, commit := range commits {
		if commit.Seq != next {
			return p.missing(position, last)
		}
		next = commit.Version() + 1
	}
	return commits, false, nil
}

// missing reads the commits after position from the event log, which must have the
// one that the stream brought. A row may be far behind, so they come page by page: all
// of them may be more than the function's memory holds, or than one invocation has
// the time for.
func (p projection) missing(position, last int64) (commits []eventlog.Commit, more bool, err error) {
	stream, more, err := p.log().ReadPage(p.aws, p.id, position)
	if err != nil {
		return nil, false, err
	}
	if !more && stream.Version < last {
		return nil, false, fmt.Errorf("the event log of %s %q ends with event %d, but its stream brought event %d", p.component, p.id, stream.Version, last)
	}
	return stream.Commits, more, nil
}

// fold brings the row from commit to commit. On an error it is as after the last
// whole commit.
func (p projection) fold(current *row, commits []eventlog.Commit) error {
	for _, commit := range commits {
		data, changed := current.data, false
		for _, event := range commit.Recorded(p.component) {
			if !p.takes(event.Type, event.Tags) {
				continue
			}
			next, err := p.next(data, event, commit)
			if err != nil {
				return fmt.Errorf("event %d (%s) of %s %q: %w", event.Number, event.Type, event.Component, event.ID, err)
			}
			changed = changed || (p.toDo && !sameRow(data, next))
			data = next
		}
		current.data = data
		if changed {
			current.changed, current.correlation = true, commit.CorrelationID
		}
		current.positions[p.component] = commit.Version()
	}
	return nil
}

// save writes the row. What an automation keeps in a to-do row stays there as long as no
// turn has changed the row; it begins anew when one has.
func (p projection) save(current *row) error {
	if !p.toDo {
		return p.saveRow(p.model, current)
	}
	if current.exists && !current.changed {
		return p.savePositions(p.model, current)
	}
	current.begin()
	return p.saveRow(p.model, current)
}

// next asks the handler for the row that an event leads to.
func (p projection) next(data json.RawMessage, event turn.RecordedEvent, commit eventlog.Commit) (json.RawMessage, error) {
	answer, err := p.ask(turn.Turn{
		Kind: turn.Project, Component: p.name, ID: p.id, Row: data, Event: &event,
		Meta: turn.Meta{CorrelationID: commit.CorrelationID, CausationID: commit.CommandID, Time: commit.Time},
	})
	if err != nil {
		return nil, err
	}
	return p.withID(answer.Row)
}

// withID gives a row its key as the field id and refuses one that has another there.
// It also refuses what could not be stored, so that the right event is blamed.
func (p projection) withID(data json.RawMessage) (json.RawMessage, error) {
	object, err := decodeRow(data)
	if err != nil || object == nil {
		return data, err
	}
	if given, ok := object[rowID]; ok && given != any(p.id) {
		return nil, invalidAnswer("$.row.id: expected the row's key %q or nothing; leave it out", p.id)
	}
	object[rowID] = p.id
	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write the row: %w", err)
	}
	_, err = (&row{id: p.id, data: encoded, room: p.room()}).item(p.model)
	return encoded, err
}
