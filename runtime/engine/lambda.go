package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
)

// Lambda returns the function to give to lambda.Start. It does what [Engine.Handle]
// does. In addition it ends the process with exit status 1, once the invocation is
// answered, when the handler's process ended or hangs: Lambda then starts a fresh
// environment. An answer is sent first in any case, so that what a batch has done
// counts as done.
func (e *Engine) Lambda() any {
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		answer, err := e.Handle(ctx, payload)
		if err != nil || !e.handlerLost.Load() {
			return answer, err
		}
		return lastAnswer{bytes.NewReader(answer), func() { os.Exit(1) }}, nil
	}
}

// lastAnswer is an answer after which the process ends. The Lambda library sends
// what can be read from it and then closes it.
type lastAnswer struct {
	io.Reader `json:"-"`
	end       func()
}

// ContentType tells the Lambda library that the answer is JSON.
func (lastAnswer) ContentType() string { return "application/json" }

// Close ends the process.
func (a lastAnswer) Close() error {
	a.end()
	return nil
}
