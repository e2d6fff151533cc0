package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/engine"
	"github.com/reventless/pulumi-reventless/runtime/proxy"
)

// shutdownTime is how long the language runtime may take after SIGTERM: Lambda kills
// a function's processes 500 ms after it.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const shutdownTime = 400 * time.Millisecond

// wrap runs the engine beside a language runtime. The engine gets ready while the
// language runtime does.
func wrap(function string, command []string) int {
	useOneProcessor()
	if !slices.Contains(wrapped, function) {
		return refuse(fmt.Errorf("%s is %q, but a function that runs a handler is one of: %s",
			definition.EnvFunction, function, strings.Join(wrapped, ", ")))
	}
	ctx := context.Background()
	p, err := proxy.Start(ctx, proxy.Options{Command: command})
	if err != nil {
		return refuse(err)
	}
	passSignals(p)
	e, err := engine.FromEnvironment(ctx, p)
	if err != nil {
		status := refuse(err)
		p.Shutdown(ended(), os.Kill)
		return status
	}
	if err := p.Ready(ctx); err != nil {
		return initStatus(err)
	}
	lambda.Start(e.Handle)
	return 1
}

// useOneProcessor keeps Go on one thread unless GOMAXPROCS says otherwise. Turns come
// one at a time and the handler has a process of its own, so a second thread has
// nothing to do; but waking it for each step of a turn costs about 30 µs a turn.
func useOneProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

// passSignals hands SIGTERM and SIGINT to the language runtime and ends with its
// status. An invocation that is being worked on is cut off, as it is in a language
// runtime that gets the signal itself; Lambda sends it between invocations only.
func passSignals(p *proxy.Proxy) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		received := <-signals
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		os.Exit(p.Shutdown(ctx, received).Code)
	}()
}

// initStatus is the exit status after the language runtime could not initialise. It
// has told Lambda itself, or Lambda sees the status.
func initStatus(err error) int {
	fmt.Fprintln(os.Stderr, "reventless-engine:", err)
	var failed *proxy.InitError
	if errors.As(err, &failed) {
		return failed.ExitCode()
	}
	return 1
}

// ended is a context whose time is over.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
