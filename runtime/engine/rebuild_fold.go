package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// rebuildRoom is how many bytes a row of the read model may have more than the same row of
// the fresh table: the marks of [replay.write].
const rebuildRoom = 32

// replay is the making of one row from the complete histories of its key.
type replay struct {
	*rebuilding
	id     string
	result protocol.RebuiltRow
}

// history is one of the streams that a row is made from, page by page.
type history struct {
	projection
	// commits are those that were read and are not in the row, more says that there may be
	// further ones.
	commits []eventlog.Commit
	more    bool
}

// foldRow makes the row in the fresh table.
func (r *replay) foldRow() error {
	_, err := r.catchUp()
	return err
}

// catchUp brings the row in the fresh table to the end of all its streams and returns it.
// A row for which there is no event is not stored.
func (r *replay) catchUp() (current *row, err error) {
	for conflicts := 1; ; conflicts++ {
		current, err = r.foldAll()
		if !errors.Is(err, errRowChanged) || conflicts >= r.Retry.Attempts {
			return current, err
		}
		if waitErr := r.Retry.Wait(r.aws, conflicts); waitErr != nil {
			return nil, fmt.Errorf("%w: %w", errUnprocessed, waitErr)
		}
	}
}

// foldAll loads the row, folds all that it does not have and stores it, after each page of
// its streams: they may be longer than memory or the invocation's time allows.
func (r *replay) foldAll() (*row, error) {
	current, err := r.loadRow(r.fresh, r.id, true)
	if err != nil {
		return nil, err
	}
	current.room = rebuildRoom
	streams := r.histories()
	for more := true; more; {
		if err := r.read(current, streams); err != nil {
			return nil, err
		}
		before := r.result.Events
		var taken bool
		taken, more, err = r.foldPages(current, streams)
		if r.result.Events > before && (taken || more || current.exists) {
			err = errors.Join(err, r.store(current))
		}
		if err != nil {
			return nil, err
		}
	}
	return current, r.checkKeys(current.data)
}

// histories are the streams of the row, none of which is read yet.
func (r *replay) histories() []*history {
	streams := make([]*history, len(r.components))
	for i, component := range r.components {
		v := view{name: r.name, model: r.fresh}
		streams[i] = &history{projection: projection{batch: r.batch, view: v, component: component, id: r.id}, more: true}
	}
	return streams
}

// read reads the next page of each stream that has nothing left.
func (r *replay) read(current *row, streams []*history) error {
	for _, h := range streams {
		if len(h.commits) > 0 || !h.more {
			continue
		}
		page, more, err := h.log().ReadPage(r.aws, r.id, current.positions[h.component])
		if err != nil {
			return err
		}
		h.commits, h.more = page.Commits, more
	}
	return nil
}

// foldPages folds the commits of all streams, in the order in which they were recorded,
// until a stream has to be read further or all are at their end. It says whether the row
// is made from any of them.
func (r *replay) foldPages(current *row, streams []*history) (taken, more bool, err error) {
	for {
		h := earliest(streams)
		if h == nil {
			return taken, slices.ContainsFunc(streams, func(h *history) bool { return h.more }), nil
		}
		commit := h.commits[0]
		if err := h.fold(current, h.commits[:1]); err != nil {
			return taken, false, err
		}
		taken = taken || h.takesAny(commit)
		r.result.Events += len(commit.Events)
		h.commits = h.commits[1:]
	}
}

// earliest is the stream whose next commit was recorded before those of the others, nil
// when there is none or the next commit of any is not read yet. Within a stream the order
// is that of the numbers. Between streams a live row has the order of their arrival; that
// of the recording is what it is nearest to, and it is always the same.
func earliest(streams []*history) (first *history) {
	for _, h := range streams {
		switch {
		case len(h.commits) == 0 && h.more:
			return nil
		case len(h.commits) == 0:
			continue
		case first == nil || before(h.commits[0], first.commits[0]):
			first = h
		}
	}
	return first
}

// before says whether a commit was recorded before another one. Commits of one command, in
// several streams of the DCB log, are in the order of their events.
func before(a, b eventlog.Commit) bool {
	at, bt := recordedAt(a), recordedAt(b)
	if at == bt && len(a.Places) > 0 && len(b.Places) > 0 {
		return a.Places[0].Index < b.Places[0].Index
	}
	return at < bt
}

// recordedAt is when a commit was recorded, in microseconds since 1970: the DCB log's
// positions are that, too.
func recordedAt(c eventlog.Commit) int64 {
	if c.Position > 0 {
		return c.Position
	}
	at, err := time.Parse(time.RFC3339Nano, c.Time)
	if err != nil {
		return 0
	}
	return at.UnixMicro()
}

// store writes the row to the fresh table.
func (r *replay) store(current *row) error {
	if err := r.saveRow(r.fresh, current); err != nil {
		return err
	}
	current.exists, current.stored = true, current.position()
	return nil
}

// checkKeys says why an index of the read model would refuse the row, nil if none would.
// The fresh table has no indexes.
func (r *replay) checkKeys(data json.RawMessage) error {
	if len(r.request.KeyTypes) == 0 {
		return nil
	}
	object, err := decodeRow(data)
	if err != nil {
		return err
	}
	var problems []error
	for _, field := range r.model.Indexes {
		problems = append(problems, checkKey(field, object[field], r.request.KeyTypes[field]))
	}
	return errors.Join(problems...)
}

// checkKey says why a value cannot be the key of an index on a field of a DynamoDB type,
// nil if it can. Null and "" are no keys, such rows are not in the index.
func checkKey(field string, value any, keyType string) error {
	_, text := value.(string)
	_, number := value.(json.Number)
	switch {
	case text && value != "" && keyType == "N":
		return invalidAnswer("$.row.%s: there is a text, but the index on this field has numbers", field)
	case number && keyType == "S":
		return invalidAnswer("$.row.%s: there is a number, but the index on this field has texts", field)
	}
	return nil
}

// behind says whether a row lacks events that another one has.
func (r *replay) behind(current, other *row) bool {
	return slices.ContainsFunc(r.components, func(component string) bool {
		return current.positions[component] < other.positions[component]
	})
}
