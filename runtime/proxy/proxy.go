// Package proxy lets the engine sit between Lambda and an unmodified language
// runtime (Node.js, Python, Java, .NET, Ruby).
//
//  1. [Start] opens a private Lambda Runtime API on a loopback port and starts the
//     language runtime's command with AWS_LAMBDA_RUNTIME_API pointing at it. Its
//     standard output and error are the engine's own, byte for byte.
//  2. [Proxy.Ready] waits until the runtime asks for its first invocation. Only
//     then may the engine ask the real API for one. An error of the runtime's
//     initialisation is forwarded to the real API as it is, body and headers.
//  3. [Proxy.Invoke] answers that request with one turn, and gives the engine what
//     the runtime posts: an answer, or a [turn.HandlerError].
//  4. A turn that is not answered in time costs the runtime its life: nothing else
//     stops a busy loop, and a late answer can never be taken for the next turn's.
//     A runtime that timed out or exited is replaced when the next turn needs one.
//
// Why the runtime is replaced and not the whole process ended: Lambda counts an
// exit after the response but before the next request for work as a failed
// invocation, and a process that first asks for work and then exits loses the
// invocation it was given. With the replacement, the answer goes out and the next
// invocation comes in the ordinary way; the new runtime initialises inside it,
// exactly as Lambda's own "suppressed init" after a crash. Each language runtime
// has a server and a port of its own, so nothing that an earlier one still had in
// its sockets can reach a later one.
//
// Everything else below the private address is forwarded to the real API: the
// Extensions, Logs and Telemetry APIs, which libraries inside the runtime call
// (external extensions have an environment of their own and never come here), and
// the SnapStart requests restore/next and restore/error. A runtime that waits in
// restore/next for a snapshot has not asked for an invocation yet, and so neither
// has the engine.
//
// The protocol is Lambda's, version 2018-06-01:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package proxy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// EnvRuntimeAPI holds the address of the Runtime API as host:port, optionally with
// a path. Lambda sets it.
const EnvRuntimeAPI = "AWS_LAMBDA_RUNTIME_API"

// envExecWrapper is what made Lambda start us. A language runtime that starts
// another one must not be wrapped again.
const envExecWrapper = "AWS_LAMBDA_EXEC_WRAPPER"

// DefaultMargin is the part of an invocation's time that no turn gets: in it the
// answer to the caller still has to reach Lambda, from a function that may have a
// small share of a core.
const DefaultMargin = 250 * time.Millisecond

// exitGrace is how long a language runtime may take to end after it has reported
// that it cannot initialise.
const exitGrace = time.Second

// ErrClosed is the error of turns that come after [Proxy.Shutdown].
var ErrClosed = errors.New("proxy: the language runtime has been shut down")

// Options say what to start.
type Options struct {
	// Command is the language runtime's command with its arguments: what Lambda
	// hands to an exec wrapper. Required.
	Command []string
	// Env is the command's environment, default [os.Environ]. The address of the
	// Runtime API in it is replaced.
	Env []string
	// Dir is the command's working directory, default our own.
	Dir string
	// RuntimeAPI is the address of the real Runtime API, default the value of
	// AWS_LAMBDA_RUNTIME_API.
	RuntimeAPI string
	// Stdout and Stderr are what the command writes to, default our own.
	Stdout, Stderr *os.File
	// Margin is taken off the deadline of every turn, default [DefaultMargin].
	Margin time.Duration
}

// Proxy is a running language runtime with its private Runtime API. It implements
// [turn.Invoker].
type Proxy struct {
	options Options
	real    *realAPI
	turns   atomic.Uint64 // numbers the turns, for unique request ids
	oneTurn sync.Mutex    // held while a turn is worked on

	mu      sync.Mutex // guards the rest
	current *session
	closed  bool
}

var _ turn.Invoker = (*Proxy)(nil)

// Start starts the language runtime and returns at once; see [Proxy.Ready]. It
// fails when a command or the real API's address is missing, and when the command
// cannot be started. The runtime lives until [Proxy.Shutdown]; on Linux it is also
// killed when our process ends.
func Start(ctx context.Context, options Options) (*Proxy, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(options.Command) == 0 {
		return nil, errors.New("proxy: no command: AWS_LAMBDA_EXEC_WRAPPER passes the language runtime's command as arguments")
	}
	real, err := newRealAPI(options.withDefaults().RuntimeAPI)
	if err != nil {
		return nil, err
	}
	p := &Proxy{options: options.withDefaults(), real: real}
	p.current, err = startSession(p.options, real, true)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	if o.RuntimeAPI == "" {
		o.RuntimeAPI = os.Getenv(EnvRuntimeAPI)
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.Margin == 0 {
		o.Margin = DefaultMargin
	}
	return o
}

// Ready waits until the language runtime has asked for its first invocation. Its
// error is an [*InitError] when the runtime reported that it cannot initialise or
// ended, and the context's when that ends first.
func (p *Proxy) Ready(ctx context.Context) error {
	p.mu.Lock()
	s := p.current
	p.mu.Unlock()
	select {
	case <-s.exchange.ready:
		return nil
	case <-s.exchange.failed:
		s.waitOrKill(exitGrace)
	case <-s.exited:
	case <-ctx.Done():
		return fmt.Errorf("proxy: waiting for the language runtime's first request for an invocation: %w", ctx.Err())
	}
	return s.initError()
}

// session gives the running language runtime, and starts a new one when the last
// has ended.
func (p *Proxy) session() (s *session, fresh bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, ErrClosed
	}
	if !p.current.ended() {
		return p.current, false, nil
	}
	p.current.close()
	s, err = startSession(p.options, p.real, false)
	if err != nil {
		return nil, false, err
	}
	p.current = s
	return s, true, nil
}

// Shutdown hands the signal to the language runtime and waits until it has ended;
// when the context ends first, it is killed. No turn is taken any more, and one
// that is being worked on fails. It gives the way in which the runtime ended.
func (p *Proxy) Shutdown(ctx context.Context, signal os.Signal) Exit {
	p.mu.Lock()
	p.closed = true
	s := p.current
	p.mu.Unlock()
	s.signal(signal)
	select {
	case <-s.exited:
	case <-ctx.Done():
		s.kill()
	}
	s.close()
	return s.exit
}
