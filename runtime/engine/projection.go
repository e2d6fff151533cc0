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

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// projectionsAtOnce is how many ids are worked on at the same time. The handler has
// one turn at a time all the same; it is the waiting for DynamoDB that overlaps.
const projectionsAtOnce = 8

// project brings all read models up to date with the commits of a batch.
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

// projectGroup brings the rows of one aggregate id up to date and returns the records
// that must come again. A read model that fails does not stop the others.
func (b *batch) projectGroup(group []record) []record {
	component, id := group[0].component, group[0].commit.ID
	first := len(group)
	for _, name := range slices.Sorted(maps.Keys(b.Definition.ReadModels)) {
		p := projection{batch: b, name: name, model: b.Definition.ReadModels[name], component: component, id: id}
		done, err := p.catchUp(group)
		if err == nil {
			continue
		}
		b.report(err, "readModel", name, "component", component, "id", id, "position", done)
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

// projection is one row of a read model that follows one aggregate id.
type projection struct {
	*batch
	name      string
	model     definition.ReadModel
	component string
	id        string
}

// catchUp brings the row up to date with the commits of a group, with one write unless
// there is more in the event log than one read gives. When DynamoDB finds the row
// invalid, such as a text where an index wants a number, it goes commit by commit, so
// that what came before the one that is to blame is done. On an error it says up to
// which event the row has certainly come.
func (p projection) catchUp(group []record) (done int64, err error) {
	if !slices.ContainsFunc(group, func(r record) bool { return selects(p.model.From, p.component, r.commit) }) {
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
		if err := p.saveRow(p.model, current); err != nil {
			return done, false, err
		}
	}
	return current.positions[p.component], more, foldErr
}

// newer are the commits that the row does not have yet, nil when none of them
// matters to the read model, and whether there are more after these. The batch is
// enough if it follows the row without a gap, otherwise the event log is read.
func (p projection) newer(group []record, position int64) (commits []eventlog.Commit, more bool, err error) {
	relevant, last := false, position
	for _, r := range group {
		if r.commit.Version() <= last {
			continue // the row has it, or it came twice
		}
		relevant = relevant || selects(p.model.From, p.component, r.commit)
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
	stream, more, err := p.logs[p.component].ReadPage(p.aws, p.id, position)
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
		data := current.data
		for _, event := range commit.Recorded(p.component) {
			if !selected(p.model.From, p.component, event.Type) {
				continue
			}
			next, err := p.next(data, event, commit)
			if err != nil {
				return fmt.Errorf("event %d (%s) of %s %q: %w", event.Number, event.Type, p.component, p.id, err)
			}
			data = next
		}
		current.data = data
		current.positions[p.component] = commit.Version()
	}
	return nil
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
	_, err = (&row{id: p.id, data: encoded}).item(p.model)
	return encoded, err
}
