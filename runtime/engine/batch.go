package engine

import (
	"context"
	"errors"
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
	// until is when no new work is begun, half when half of the invocation's time is over;
	// both are zero without a deadline.
	until, half time.Time
	// turns lets one turn of the batch be asked at a time, and guards turnTime. It is
	// full while one is.
	turns chan struct{}
	// turnTime bounds one turn, zero without a deadline: half of the invocation's time
	// at first, and half as much after each turn that took too long. So there is always
	// time left for the others, who would otherwise have to wait for the slow one at
	// each delivery until they are given up together with it.
	turnTime time.Duration
	// unprocessed counts what was left because of time.
	unprocessed atomic.Int64
}

// newBatch begins a batch. The caller must call the returned function at the end.
func (e *Engine) newBatch(ctx context.Context) (*batch, context.CancelFunc) {
	b := &batch{Engine: e, ctx: ctx, aws: ctx, turns: make(chan struct{}, 1)}
	deadline, ok := ctx.Deadline()
	if !ok {
		return b, func() {}
	}
	b.until = deadline.Add(-min(e.Margin, time.Until(deadline)/4))
	b.turnTime = time.Until(deadline) / 2
	b.half = time.Now().Add(b.turnTime)
	var cancel context.CancelFunc
	b.aws, cancel = context.WithDeadline(ctx, deadline.Add(-answerMargin))
	return b, cancel
}

// over says whether no new work may be begun.
func (b *batch) over() bool {
	return b.ctx.Err() != nil || (!b.until.IsZero() && !time.Now().Before(b.until))
}

// late says whether half of the time is over, so that a turn which begins now might not
// get the time that turns may have.
func (b *batch) late() bool { return !b.half.IsZero() && !time.Now().Before(b.half) }

// ask gives the handler a turn, of bounded time, unless the batch is over. A turn in
// which the handler is lost costs that turn only: the invoker has another handler for
// the next one.
func (b *batch) ask(t turn.Turn) (turn.Answer, error) { return b.askUnless(b.over, t) }

// askUnless is [batch.ask] unless there is no more time when it is the turn's turn.
func (b *batch) askUnless(noTime func() bool, t turn.Turn) (turn.Answer, error) {
	b.turns <- struct{}{}
	defer func() { <-b.turns }()
	if noTime() {
		return turn.Answer{}, errUnprocessed
	}
	if b.turnTime == 0 {
		return b.Engine.ask(b.ctx, t)
	}
	ctx, cancel := context.WithTimeout(b.ctx, b.turnTime)
	defer cancel()
	answer, err := b.Engine.ask(ctx, t)
	if timedOut(err) {
		b.turnTime /= 2
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
	b.Logger.WarnContext(b.ctx, "items of the batch are left for the next delivery", "count", count, "reason", "the deadline is near")
}
