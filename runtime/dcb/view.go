package dcb

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxParallelReads is how many streams of one command are read at once.
const maxParallelReads = 16

// view is what a decision knows of one stream.
type view struct {
	stream string
	// read says that the stream belongs to the query. Of others only the head is known.
	read bool
	// stale says that the stream has moved on or was not looked at yet.
	stale bool
	Head
	// news are the commits that were read last.
	news []eventlog.Commit
}

// refresh reads what is new in a stream. What was read before an error is kept.
func (v *view) refresh(ctx context.Context, store Store) (err error) {
	if !v.read {
		if v.Head, err = store.Last(ctx, v.stream); err == nil {
			v.stale = false
		}
		return err
	}
	for more := true; more; {
		var page []eventlog.Commit
		if page, more, err = store.Read(ctx, v.stream, v.Version, 0); err != nil {
			return err
		}
		if err = v.extend(page); err != nil {
			return err
		}
	}
	v.stale = false
	return nil
}

// extend adds the commits that follow.
func (v *view) extend(page []eventlog.Commit) error {
	for _, c := range page {
		if c.Seq != v.Version+1 || len(c.Places) != len(c.Events) {
			return fmt.Errorf("stream %q: event %d is missing or is not one of a DCB log; the next commit starts with %d", v.stream, v.Version+1, c.Seq)
		}
		v.Head = Head{Version: c.Version(), Position: c.Position}
		v.news = append(v.news, c)
	}
	return nil
}

// known is an event of a decision's history.
type known struct {
	turn.RecordedEvent
	commandID string
	index     int
}

// compare orders events: causes before effects, and those of one command as it had them.
func (k known) compare(other known) int {
	return cmp.Or(
		cmp.Compare(k.Position, other.Position), cmp.Compare(k.commandID, other.commandID), cmp.Compare(k.index, other.index),
		// Commands of two slices may have the same id.
		cmp.Compare(k.Component, other.Component), cmp.Compare(k.ID, other.ID), cmp.Compare(k.Number, other.Number),
	)
}

// identity names an event, in whatever stream it was found.
type identity struct {
	tag, id string
	number  int64
}

// refresh reads what is new in the stale streams, and adds what matches to the history.
func (d *decision) refresh(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(maxParallelReads)
	for _, v := range d.views {
		if v.stale {
			group.Go(func() error { return v.refresh(ctx, d.log.store) })
		}
	}
	err := group.Wait()
	for _, v := range d.views {
		for _, commit := range v.news {
			d.learn(commit)
		}
		v.news = nil
	}
	return err
}

// learn adds to the history what matches of a commit.
func (d *decision) learn(c eventlog.Commit) {
	d.ownCommitSeen = d.ownCommitSeen || c.CommandID == d.command.Origin.CommandID
	for i, e := range c.Recorded("") {
		id := identity{tag: e.Component, id: e.ID, number: e.Number}
		if d.seen[id] || !d.query.matches(e) {
			continue
		}
		d.seen[id] = true
		d.history = append(d.history, known{RecordedEvent: e, commandID: c.CommandID, index: c.Places[i].Index})
		d.decided = false
	}
}

// sorted is the history in its order; never nil.
func (d *decision) sorted() []turn.RecordedEvent {
	slices.SortFunc(d.history, known.compare)
	events := make([]turn.RecordedEvent, len(d.history))
	for i, k := range d.history {
		events[i] = k.RecordedEvent
	}
	return events
}
