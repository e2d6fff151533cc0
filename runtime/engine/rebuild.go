package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// rebuildsAtOnce is how many rows a rebuild works on at the same time. Nobody waits for any
// of them, and most of their time is DynamoDB's.
const rebuildsAtOnce = 16

// rebuilding is one invocation for the rebuild of a read model. The command line sends the
// keys of all rows, some at a time, first to fold and then to switch:
//
//  1. To fold makes the row in the fresh table, from the complete histories of its key and
//     from nothing ([replay]). The read model's own table is not touched.
//  2. To switch compares the row with that of the read model. If they differ it is written
//     over it, on condition that nobody wrote there meanwhile. The row has its positions,
//     so what live events bring before, meanwhile or after is in it once.
//  3. To switch a row that is not in the fresh table folds it first. It was made during the
//     rebuild, or no event leads to it any more; then the switch deletes it, as a handler
//     would.
//
// Each step may be repeated for any row, by several invocations at once too.
type rebuilding struct {
	*batch
	view
	// fresh is the read model with the fresh table.
	fresh definition.ReadModel
	// components are the aggregates and families whose streams the rows are made from.
	components []string
	request    protocol.RebuildRequest
}

// rebuild serves one step of a rebuild. What makes a step impossible is in the answer.
func (e *Engine) rebuild(ctx context.Context, payload json.RawMessage) (any, error) {
	var request protocol.RebuildRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, fmt.Errorf("the request of a rebuild cannot be read: %w", err)
	}
	b, cancel := e.newBatch(ctx)
	defer cancel()
	defer b.end()
	r, err := b.newRebuilding(request)
	if err != nil {
		return protocol.RebuildAnswer{Problem: err.Error()}, nil
	}
	var step func(*replay) error
	switch request.Step {
	case protocol.RebuildDescribe:
		return protocol.RebuildAnswer{Description: r.describe()}, nil
	case protocol.RebuildFold:
		step = (*replay).foldRow
	case protocol.RebuildCompare:
		step = func(row *replay) error { return row.switchRow(false) }
	case protocol.RebuildSwitch:
		step = func(row *replay) error { return row.switchRow(true) }
	default:
		return protocol.RebuildAnswer{Problem: fmt.Sprintf("the step %q of a rebuild is not known here; the command line is newer than the plugin's functions: redeploy the platform and the plugin", request.Step)}, nil
	}
	return protocol.RebuildAnswer{Rows: r.each(step)}, nil
}

// newRebuilding finds the read model of a request, which must be one that this function
// makes.
func (b *batch) newRebuilding(request protocol.RebuildRequest) (*rebuilding, error) {
	for _, v := range b.views() {
		if v.name != request.ReadModel || v.toDo {
			continue
		}
		r := &rebuilding{batch: b, view: v, fresh: v.model, components: b.componentsOf(v.model), request: request}
		r.fresh.Table = definition.RebuildTable(v.model.Table)
		return r, nil
	}
	return nil, b.notRebuilt(request.ReadModel)
}

// notRebuilt says why this function cannot rebuild what has a name.
func (e *Engine) notRebuilt(name string) error {
	if model, ok := e.Definition.ReadModels[name]; ok {
		other := definition.FunctionProjections
		if model.Own {
			other += "-" + name
		}
		return fmt.Errorf("the read model %q is not made by this function, but by %s", name, other)
	}
	if _, ok := e.Definition.ToDos[name]; ok {
		return fmt.Errorf("%q is a list of work to do, not a read model: what was done is in its rows and in no event", name)
	}
	return fmt.Errorf("the plugin has no read model %q; it has %s", name, strings.Join(slices.Sorted(maps.Keys(e.Definition.ReadModels)), ", "))
}

// componentsOf are the aggregates and the families of the DCB log's streams that a read
// model is made from.
func (e *Engine) componentsOf(model definition.ReadModel) (all []string) {
	for _, source := range model.From {
		if source.Aggregate != "" {
			all = append(all, source.Aggregate)
			continue
		}
		for eventType := range e.Definition.DCB.Events {
			family, ok := dcb.Family(*e.Definition.DCB, eventType, source.Tag)
			if ok && selected(source, "", eventType) {
				all = append(all, family)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// describe says where the rows come from and go to.
func (r *rebuilding) describe() *protocol.RebuildDescription {
	d := &protocol.RebuildDescription{Table: r.model.Table, Fresh: r.fresh.Table, Logs: []protocol.RebuildLog{}}
	var prefixes []string
	for _, component := range r.components {
		if aggregate, ok := r.Definition.Aggregates[component]; ok {
			d.Logs = append(d.Logs, protocol.RebuildLog{Table: aggregate.Table})
			continue
		}
		prefixes = append(prefixes, dcb.FamilyPrefix(component))
	}
	if len(prefixes) > 0 {
		d.Logs = append(d.Logs, protocol.RebuildLog{Table: r.Definition.DCB.Table, Prefixes: prefixes})
	}
	return d
}

// each takes a step with every row of the request, several at a time.
func (r *rebuilding) each(step func(*replay) error) []protocol.RebuiltRow {
	rows := make([]protocol.RebuiltRow, len(r.request.IDs))
	var workers sync.WaitGroup
	slots := make(chan struct{}, rebuildsAtOnce)
	for i, id := range r.request.IDs {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			row := &replay{rebuilding: r, id: id, result: protocol.RebuiltRow{ID: id, Outcome: protocol.RebuildDone}}
			row.note(row.take(step))
			rows[i] = row.result
		})
	}
	workers.Wait()
	return rows
}

// take takes a step with the row, unless the invocation's time is over.
func (r *replay) take(step func(*replay) error) error {
	if r.id == protocol.RebuildStateID {
		return fmt.Errorf("a row with the key %q cannot be rebuilt: a rebuild keeps its own state under this key", r.id)
	}
	if r.over() {
		return errUnprocessed
	}
	return step(r)
}

// note puts an error into the result. A turn that took until the end of the invocation
// may have begun too late; it gets another chance.
func (r *replay) note(err error) {
	switch {
	case err == nil:
		return
	case errors.Is(err, errUnprocessed), errors.Is(err, context.DeadlineExceeded), timedOut(err) && r.over():
		r.result.Outcome = protocol.RebuildLeft
		r.report(errUnprocessed)
	default:
		r.result.Outcome, r.result.Error = protocol.RebuildFailed, shortened(err.Error())
		r.report(err, "rebuild", r.name, "id", r.id)
	}
}
