package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// timeoutMargin is how long before the deadline a turn is given up, so that the
// invocation can still be answered; at most a quarter of the time that there is.
const timeoutMargin = 500 * time.Millisecond

// NewInvoker makes an invoker that calls a handler in this process. Use it in tests
// to put a handler through the engine's validation.
func NewInvoker(handler Handler) turn.Invoker { return invoker{handler} }

// invoker calls a handler in this process.
type invoker struct{ handler Handler }

// outcome is what a handler's call came to.
type outcome struct {
	answer []byte
	err    error
}

// Invoke calls the handler. When it does not return in time it is left behind: it has
// no effects, and its answer is dropped.
func (i invoker) Invoke(ctx context.Context, encoded []byte) ([]byte, error) {
	var t turn.Turn
	if err := json.Unmarshal(encoded, &t); err != nil {
		return nil, fmt.Errorf("read the turn: %w", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-min(timeoutMargin, time.Until(deadline)/4)))
		defer cancel()
	}
	done := make(chan outcome, 1)
	go func() { done <- i.call(ctx, t) }()
	select {
	case o := <-done:
		return o.answer, o.err
	case <-ctx.Done():
		return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: fmt.Sprintf("the handler did not answer the %s turn of %s in time", t.Kind, t.Component)}
	}
}

// call calls the handler and turns its errors and panics into handler errors.
func (i invoker) call(ctx context.Context, t turn.Turn) (o outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			o = outcome{err: &turn.HandlerError{
				Kind: turn.Threw, Type: "panic", Message: fmt.Sprint(cause),
				Stack: strings.Split(strings.TrimSpace(string(debug.Stack())), "\n"),
			}}
		}
	}()
	answer, err := i.handler(ctx, t)
	if err != nil {
		return outcome{err: &turn.HandlerError{Kind: turn.Threw, Type: errorType(err), Message: err.Error()}}
	}
	encoded, err := turn.MarshalAnswer(t.Kind, answer)
	if err != nil {
		return outcome{err: &turn.HandlerError{Kind: turn.InvalidAnswer, Message: err.Error()}}
	}
	return outcome{answer: encoded}
}

// errorType is the name of an error's type, "" for the nameless ones of the standard
// library.
func errorType(err error) string {
	name := strings.TrimPrefix(reflect.TypeOf(err).String(), "*")
	if name == "errors.errorString" || name == "fmt.wrapError" {
		return ""
	}
	return name
}
