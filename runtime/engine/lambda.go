package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"syscall"
)

// Lambda returns the function to give to lambda.Start of a program that has the handler
// in it. It does what [Engine.Handle] does. In addition it starts the program anew, in
// the same process, once the invocation is answered, when the handler hangs: nothing
// else stops it. To Lambda that is a pause before the next request for work. The process
// must not end instead: an invocation is not complete before that request, so Lambda
// would count it as failed although it was answered.
func (e *Engine) Lambda() any {
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		answer, err := e.Handle(ctx, payload)
		if err != nil || !e.handlerLost.Load() {
			return answer, err
		}
		return lastAnswer{bytes.NewReader(answer), e.startAnew}, nil
	}
}

// startAnew replaces the running program by itself. If that is impossible the process
// ends, and Lambda starts a fresh environment.
func (e *Engine) startAnew() {
	program, err := os.Executable()
	if err == nil {
		e.Logger.Warn("the handler hangs; the program starts anew")
		err = syscall.Exec(program, os.Args, os.Environ())
	}
	e.Logger.Error("the handler hangs and the program cannot start anew; the process ends", slog.Any("error", err))
	os.Exit(1)
}

// lastAnswer is an answer after which the program ends. The Lambda library sends
// what can be read from it and then closes it.
type lastAnswer struct {
	io.Reader `json:"-"`
	end       func()
}

// ContentType tells the Lambda library that the answer is JSON.
func (lastAnswer) ContentType() string { return "application/json" }

// Close ends the program.
func (a lastAnswer) Close() error {
	a.end()
	return nil
}
