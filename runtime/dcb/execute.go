package dcb

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Decide says which events a command leads to, given the events that match the query of
// its slice, oldest first. It may be called several times for one command, each time
// with a longer history, and must have no effect of its own. No event and no rejection
// accepts the command and records nothing.
type Decide = func(ctx context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error)

// Execute reads what the command's slice must know, decides and records, and begins
// again when an event that matches came between. When none does it costs one Query for
// each stream that is read (up to 16 at once), one Query for each further stream that
// is written, and one TransactWriteItems.
//
// A command that was recorded before gets its first result; the handler may have been
// asked, its answer has no effect. A command that recorded nothing (rejected, or accepted
// without events) leaves no trace and is decided anew when it is repeated. Such an
// outcome costs one GetItem more, and one Query more for each stream when several were
// read, because it is only given for a state in which all of them were at once. A failure
// of the handler costs one GetItem more.
//
// Errors: a [*turn.HandlerError] of kind [turn.InvalidAnswer] for events that the model
// or the slice does not declare or whose tags have no usable values; a [*LimitError] or
// [*eventlog.SizeError] for more than DynamoDB allows; what decide returns; an error that
// names what is wrong with the model or the command. Nothing was recorded then.
//
// After [eventlog.Retry].Attempts, or when the context's deadline leaves no time to wait,
// the guard is looked at once more. If the command is not there, the error is
// [ErrConflict], or [ErrThrottled] when the last obstacle was that, and nothing was
// recorded. After any other error of the store it is unknown whether the command was
// recorded; repeating it with the same id is safe.
func (l *Log) Execute(ctx context.Context, command Command, decide Decide) (Result, error) {
	d, err := l.begin(command, decide)
	if err != nil {
		return Result{}, fmt.Errorf("slice %s: command %s %s: %w", command.Slice, command.Type, command.Origin.CommandID, err)
	}
	for attempt := 1; ; attempt++ {
		result, err := d.attempt(ctx)
		if !passing(err) {
			return result, err
		}
		if attempt >= l.retry.Attempts || l.retry.Wait(ctx, attempt) != nil {
			return d.giveUp(ctx, attempt, err)
		}
	}
}

// passing says whether an error may be gone at the next attempt.
func passing(err error) bool { return errors.Is(err, ErrConflict) || errors.Is(err, ErrThrottled) }

// attempt reads what is new, decides if that makes a difference, and records once.
func (d *decision) attempt(ctx context.Context) (Result, error) {
	if err := d.refresh(ctx); err != nil {
		return Result{}, d.failed("read the events", err)
	}
	if d.ownCommitSeen { // or that of another slice with the same command id
		if first, ok, err := d.firstResult(ctx); ok || err != nil {
			return first, err
		}
	}
	if err := d.ask(ctx); err != nil {
		return d.unlessRecorded(ctx, err)
	}
	if d.reject != nil || len(d.events) == 0 {
		return d.recordNothing(ctx)
	}
	if err := d.refresh(ctx); err != nil { // the heads of streams that are only written
		return Result{}, d.failed("read the events", err)
	}
	t := d.transaction()
	if err := d.checkLimits(t); err != nil {
		return d.unlessRecorded(ctx, err)
	}
	return d.record(ctx, t)
}

// ask asks the handler, unless it has answered to the same history before.
func (d *decision) ask(ctx context.Context) error {
	if d.decided {
		return nil
	}
	events, reject, err := d.decide(ctx, d.sorted())
	if err != nil {
		return err
	}
	if d.events, d.reject = nil, reject; reject == nil {
		if d.events, err = route(d.log.model, d.slice, events); err != nil {
			return fmt.Errorf("decide turn of %s: %w", d.command.Slice, err)
		}
	}
	d.decided = true
	d.watchHomes()
	return nil
}

// record appends the transaction.
func (d *decision) record(ctx context.Context, t Transaction) (Result, error) {
	err := d.log.store.Append(ctx, t)
	var cancelled *CancelledError
	switch {
	case err == nil:
		return d.accepted(t), nil
	case errors.As(err, &cancelled):
		return d.cancelled(ctx, t, cancelled)
	}
	return Result{}, d.failed("record (it may have been recorded; sending it again with the same id is safe)", err)
}

// cancelled notes which streams have moved on.
func (d *decision) cancelled(ctx context.Context, t Transaction, cancelled *CancelledError) (Result, error) {
	streams := t.streams()
	var outcome error
	for i, reason := range cancelled.Reasons {
		switch {
		case reason == ReasonNone || reason == "":
		case reason == ReasonConditionFailed && i < len(streams):
			d.views[streams[i]].stale = true
			outcome = ErrConflict
		case reason == ReasonConditionFailed:
			return d.recordedBefore(ctx)
		case reason == ReasonConflict:
			outcome = ErrConflict
		case reason == ReasonThrottled || reason == ReasonProvisionExceeded:
			outcome = cmp.Or(outcome, ErrThrottled)
		default:
			return Result{}, d.failed("record", cancelled)
		}
	}
	if outcome == nil {
		return Result{}, d.failed("record", cancelled)
	}
	return Result{}, d.failed("record", outcome)
}

// recordedBefore is the result of a command whose guard was in the way.
func (d *decision) recordedBefore(ctx context.Context) (Result, error) {
	first, ok, err := d.firstResult(ctx)
	if err == nil && !ok {
		err = d.failed("record", fmt.Errorf("the guard %q was there and is no longer", d.guardKey()))
	}
	return first, err
}

// unlessRecorded is the first result of a command that cannot be decided or recorded
// (again), if there is one, else the error.
func (d *decision) unlessRecorded(ctx context.Context, err error) (Result, error) {
	if first, ok, guardErr := d.firstResult(ctx); ok && guardErr == nil {
		return first, nil
	}
	return Result{}, err
}

// recordNothing is the result of a command that was rejected or accepted without events,
// unless it was recorded before or the streams have changed while they were read.
func (d *decision) recordNothing(ctx context.Context) (Result, error) {
	if first, ok, err := d.firstResult(ctx); ok || err != nil {
		return first, err
	}
	if len(d.query.streams) > 1 {
		for _, stream := range d.query.streams {
			d.views[stream].stale = true
		}
		if err := d.refresh(ctx); err != nil {
			return Result{}, d.failed("read the events", err)
		}
		if !d.decided {
			return Result{}, d.failed("decide", ErrConflict)
		}
	}
	return d.unchanged(), nil
}

// giveUp is the result of a command after its last attempt.
func (d *decision) giveUp(ctx context.Context, attempts int, cause error) (Result, error) {
	first, ok, err := d.firstResult(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("after %d attempts it is unknown whether command %s was recorded: %w", attempts, d.command.Origin.CommandID, err)
	}
	if ok {
		return first, nil
	}
	d.reject = nil // it was for a state that has passed
	return d.unchanged(), fmt.Errorf("given up after %d attempts: %w", attempts, cause)
}

// firstResult is the result of a command that was recorded before, false when it was not.
func (d *decision) firstResult(ctx context.Context) (Result, bool, error) {
	guard, ok, err := d.log.store.Guard(ctx, d.guardKey())
	if err != nil || !ok {
		return Result{}, false, d.failed("read the guard", err)
	}
	result, err := d.log.recorded(ctx, guard)
	return result, err == nil, d.failed("read what the command recorded", err)
}

// failed says of which command an error is; nil stays nil.
func (d *decision) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("slice %s: command %s %s: %s: %w", d.command.Slice, d.command.Type, d.command.Origin.CommandID, what, err)
}

// unchanged is the result of a command that recorded nothing.
func (d *decision) unchanged() Result {
	r := Result{Origin: d.command.Origin, Tag: d.subject.tag, ID: d.subject.id, Reject: d.reject}
	if v, ok := d.views[d.subject.stream()]; ok {
		r.Version = v.Version
	}
	return r
}

// accepted is the result of a command that the transaction recorded.
func (d *decision) accepted(t Transaction) Result {
	r := Result{Origin: d.command.Origin, Tag: t.Guard.Tag, ID: t.Guard.ID, Version: t.Guard.Version}
	for _, k := range homeEvents(t.Puts) {
		r.Events = append(r.Events, k.RecordedEvent)
	}
	return r
}

// recorded is the result of a command that was recorded before.
func (l *Log) recorded(ctx context.Context, g Guard) (Result, error) {
	var commits []eventlog.Commit
	for _, written := range g.Streams {
		if !isHome(written.Stream) {
			continue
		}
		page, _, err := l.store.Read(ctx, written.Stream, written.Seq-1, 1)
		if err == nil && (len(page) == 0 || page[0].Seq != written.Seq || page[0].CommandID != g.CommandID) {
			err = fmt.Errorf("stream %q has no commit %d of the command", written.Stream, written.Seq)
		}
		if err != nil {
			return Result{}, err
		}
		commits = append(commits, page...)
	}
	r := Result{Tag: g.Tag, ID: g.ID, Version: g.Version, Repeated: true}
	for _, k := range homeEvents(commits) {
		r.Events = append(r.Events, k.RecordedEvent)
	}
	if len(commits) > 0 {
		r.Origin = commits[0].Origin
	}
	return r, nil
}
