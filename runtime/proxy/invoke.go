package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Invoke gives the language runtime one turn and waits for the answer; further
// turns wait until it is done. The turn's time ends a margin before the context's
// deadline; without a deadline it may take any time. The request id, trace id,
// function ARN, client context and identity in the context are passed on.
//
// A failure of the handler is a [*turn.HandlerError]. When the language runtime
// had ended before the turn came, a new one is started first. It is also killed,
// and the context's error returned, when the context is cancelled.
func (p *Proxy) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	p.oneTurn.Lock()
	defer p.oneTurn.Unlock()
	w := newWork(ctx, payload, p.turns.Add(1), p.options.Margin)
	if w.expired() {
		return nil, w.timedOut()
	}
	for {
		s, fresh, err := p.session()
		if err != nil {
			return nil, err
		}
		outcome, taken := s.run(ctx, w)
		if outcome.failure == nil || taken || fresh || !s.ended() || ctx.Err() != nil {
			return outcome.answer, outcome.failure
		}
		// The runtime ended without having seen the turn. A new one gets it.
	}
}

// run offers the turn and waits for the first of: an answer, the end of the
// process, the end of the time. Taken says whether the runtime has seen the turn.
func (s *session) run(ctx context.Context, w *work) (o outcome, taken bool) {
	s.exchange.offer(w)
	timeout, stop := w.timer()
	defer stop()
	select {
	case o = <-w.outcome:
	case <-s.exited:
		o = s.lastOutcome(w)
	case <-timeout:
		return s.giveUp(w, w.timedOut())
	case <-ctx.Done():
		return s.giveUp(w, cancelled(ctx, w))
	}
	return o, s.exchange.withdraw(w)
}

// giveUp takes the turn back and kills the runtime, unless that is still
// initialising and so cannot have seen the turn: then it goes on with that, for
// the benefit of the next turn, for as long as Lambda would let it.
func (s *session) giveUp(w *work, reason error) (o outcome, taken bool) {
	taken = s.exchange.withdraw(w)
	if s.exchange.asked() || time.Since(s.started) > initLimit {
		s.kill()
	} else if failure := (*turn.HandlerError)(nil); errors.As(reason, &failure) {
		failure.Message += " (the language runtime was still initialising)"
	}
	return outcome{failure: reason}, taken
}

// lastOutcome is the outcome of a turn whose process has ended: the answer, if
// that was the last thing it did.
func (s *session) lastOutcome(w *work) outcome {
	select {
	case o := <-w.outcome:
		return o
	default:
		return outcome{failure: s.exitFailure()}
	}
}

// cancelled tells the end of the time from a caller that gave up.
func cancelled(ctx context.Context, w *work) error {
	if w.expired() {
		return w.timedOut()
	}
	return fmt.Errorf("proxy: the turn was cancelled: %w", ctx.Err())
}

// exitFailure is the failure of a turn because the process ended.
func (s *session) exitFailure() error {
	failure := &turn.HandlerError{Kind: turn.Exited, Type: "Runtime.ExitError"}
	if e := s.exchange.initFailure(); e != nil {
		failure.Type, failure.Stack = e.Type, e.Stack
		failure.Message = "the language runtime could not initialise again after it had ended: " + e.Message
		return failure
	}
	failure.Message = "the handler's process ended before it answered: " + s.exit.String()
	return failure
}

// timedOut is the failure of a turn that was not answered in time.
func (w *work) timedOut() error {
	allowed := max(w.deadline.Sub(w.started), 0).Round(time.Millisecond)
	return &turn.HandlerError{
		Kind: turn.TimedOut,
		Type: "Runtime.Timeout",
		Message: fmt.Sprintf("the handler did not answer within the %s that the turn had of the function's timeout;"+
			" raise the timeout or make the handler faster", allowed),
	}
}
