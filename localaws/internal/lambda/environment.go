package lambda

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/process"
)

var errClosing = errors.New("the local AWS is being stopped")

// environment is one execution environment: a process, and the Runtime API that it
// speaks with.
type environment struct {
	pool    *pool
	process *process.Process
	server  *http.Server
	output  *output
	// credentials are those of the function's role.
	credentials enforcement.Credentials

	// work holds the invocation that the process takes with its next request.
	work chan *invocation
	// asked gets a token when the process asks for its next invocation.
	asked chan struct{}
	// initFailure gets the error that the process reports instead.
	initFailure chan outcome

	mutex     sync.Mutex
	current   *invocation
	idleSince time.Time // guarded by the pool's mutex

	closing sync.Once
}

// invocation is one event on its way through an environment.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	trace    string
	outcome  chan outcome
}

// outcome is how an invocation ended.
type outcome struct {
	payload []byte
	// functionError is "", "Handled" or "Unhandled".
	functionError string
}

// startEnvironment starts the process; it is not ready yet.
func (p *pool) startEnvironment() (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start an execution environment: %w", err)
	}
	e := &environment{pool: p, work: make(chan *invocation, 1), asked: make(chan struct{}, 1), initFailure: make(chan outcome, 1)}
	e.output = p.service.logs.open(p.config)
	e.credentials = p.service.options.Enforcer.Credentials(enforcement.Session{RoleARN: p.config.Role, Name: p.config.FunctionName})
	e.server = &http.Server{Handler: e.runtimeAPI(), ReadHeaderTimeout: time.Minute}
	go func() { _ = e.server.Serve(listener) }()
	command, err := p.command()
	if err == nil {
		e.process, err = process.Start(process.Options{Command: command, Dir: p.folder + "/task",
			Env: p.environment(listener.Addr().String(), e.output.stream, e.credentials), Stdout: e.output, Stderr: e.output})
	}
	if err != nil {
		_ = e.server.Close()
		return nil, &entrypointError{err}
	}
	if !p.track(e) {
		e.close()
		return nil, errClosing
	}
	return e, nil
}

// entrypointError says that a function's process could not be started.
type entrypointError struct{ cause error }

func (e *entrypointError) Error() string { return e.cause.Error() }

// ready waits until the process asks for its first invocation. The outcome is not
// nil when it failed instead.
func (e *environment) ready(timeout time.Duration) (failed *outcome, inTime bool) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-e.asked:
		return nil, true
	case o := <-e.initFailure:
		return &o, true
	case <-e.process.Done():
		select {
		case o := <-e.initFailure:
			return &o, true
		default:
		}
		o := exitOutcome("", e.process.Err())
		return &o, true
	case <-timer.C:
		return nil, false
	}
}

// run hands an invocation to the process and waits for its outcome: an answer, the
// end of the process, or the deadline.
func (e *environment) run(i *invocation) outcome {
	e.mutex.Lock()
	e.current = i
	e.mutex.Unlock()
	e.work <- i
	timer := time.NewTimer(time.Until(i.deadline))
	defer timer.Stop()
	select {
	case o := <-i.outcome:
		return o
	case <-e.process.Done():
		select {
		case o := <-i.outcome: // it answered first
			return o
		default:
			return exitOutcome(i.id, e.process.Err())
		}
	case <-timer.C:
		e.close()
		return timeoutOutcome(i.id, e.pool.config.Timeout)
	}
}

// settle waits until the process asks for more work, which it must before the
// invocation's deadline. False says that the environment is of no more use.
func (e *environment) settle(deadline time.Time) bool {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-e.asked:
		return true
	case <-e.process.Done():
	case <-timer.C:
	}
	return false
}

func (e *environment) alive() bool {
	select {
	case <-e.process.Done():
		return false
	default:
		return true
	}
}

// close kills the process with all that it started.
func (e *environment) close() {
	e.closing.Do(func() {
		if e.process != nil {
			e.process.Kill()
		}
		_ = e.server.Close()
		e.output.close()
		e.pool.service.options.Enforcer.End(e.credentials.AccessKeyID)
		e.pool.untrack(e)
	})
}
