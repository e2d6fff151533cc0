package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// errUnprocessed says that an item was not worked on and must come again.
var errUnprocessed = errors.New("left for the next delivery")

// answerMargin is how long before the deadline the last request to AWS is given up,
// so that the invocation can still be answered.
const answerMargin = 100 * time.Millisecond

// batch is one invocation with many items.
type batch struct {
	*Engine
	// ctx is the invocation's; the handler sees its deadline.
	ctx context.Context
	// aws is for requests to AWS, it ends earlier.
	aws context.Context
	// until is when no new work is begun, zero without a deadline.
	until time.Time
	// turns lets one turn of the batch be asked at a time.
	turns sync.Mutex
	// handlerLost says that the handler cannot be asked any more.
	handlerLost atomic.Bool
	// unprocessed counts what was left because of time or a lost handler.
	unprocessed atomic.Int64
}

// newBatch begins a batch. The caller must call the returned function at the end.
func (e *Engine) newBatch(ctx context.Context) (*batch, context.CancelFunc) {
	b := &batch{Engine: e, ctx: ctx, aws: ctx}
	deadline, ok := ctx.Deadline()
	if !ok {
		return b, func() {}
	}
	b.until = deadline.Add(-min(e.Margin, time.Until(deadline)/4))
	var cancel context.CancelFunc
	b.aws, cancel = context.WithDeadline(ctx, deadline.Add(-answerMargin))
	return b, cancel
}

// over says whether no new work may be begun.
func (b *batch) over() bool {
	return b.handlerLost.Load() || b.ctx.Err() != nil || (!b.until.IsZero() && !time.Now().Before(b.until))
}

// ask gives the handler a turn unless the batch is over. Whoever waited for the turn
// before, in which the handler was lost, does not ask any more.
func (b *batch) ask(t turn.Turn) (turn.Answer, error) {
	b.turns.Lock()
	defer b.turns.Unlock()
	if b.over() {
		return turn.Answer{}, errUnprocessed
	}
	answer, err := b.Engine.ask(b.ctx, t)
	if lost(err) {
		b.handlerLost.Store(true)
	}
	return answer, err
}

// report logs why an item failed; items left over are only counted.
func (b *batch) report(err error, attributes ...any) {
	if errors.Is(err, errUnprocessed) {
		b.unprocessed.Add(1)
		return
	}
	b.Logger.ErrorContext(b.ctx, "an item of the batch failed", failure(b.ctx, err, attributes...)...)
}

// end logs what was left over.
func (b *batch) end() {
	count := b.unprocessed.Load()
	if count == 0 {
		return
	}
	reason := "the deadline is near"
	if b.handlerLost.Load() {
		reason = "the handler's process was lost"
	}
	b.Logger.WarnContext(b.ctx, "items of the batch are left for the next delivery", "count", count, "reason", reason)
}
