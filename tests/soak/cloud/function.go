package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/engine"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Timeout is that of all functions.
const Timeout = 30 * time.Second

// The ways in which an invocation has no answer.
var (
	errDied    = errors.New("the environment died")
	errTimeout = errors.New("Task timed out after " + Timeout.String())
)

// Function is a Lambda function with an engine in it.
type Function struct {
	cloud *Cloud
	name  string
	start func(*Environment) (*engine.Engine, error)

	mu      sync.Mutex
	idle    []*Environment
	started int
}

// AddFunction makes a function. start makes the engine of a new environment, with the
// environment as its clients.
func (c *Cloud) AddFunction(name string, start func(*Environment) (*engine.Engine, error)) *Function {
	return &Function{cloud: c, name: name, start: start}
}

// Environment is one execution environment of a function. It is the AWS clients of the
// engine in it.
type Environment struct {
	cloud  *Cloud
	engine *engine.Engine
	dice   *dice
	dead   atomic.Bool
	// calm is the time, in nanoseconds, before which all requests are throttled.
	calm atomic.Int64
}

// Counted is an invoker that counts turns.
func (e *Environment) Counted(handler turn.Invoker) turn.Invoker { return counted{handler, e.cloud} }

type counted struct {
	turn.Invoker
	cloud *Cloud
}

func (i counted) Invoke(ctx context.Context, asked []byte) ([]byte, error) {
	i.cloud.Figures.Turns.Add(1)
	return i.Invoker.Invoke(ctx, asked)
}

// Invoke runs the function. After an error it is unknown what it has done.
func (f *Function) Invoke(payload []byte) ([]byte, error) {
	env, err := f.take()
	if err != nil {
		return nil, err
	}
	f.cloud.Figures.Invocations.Add(1)
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	var answer json.RawMessage
	done := make(chan struct{})
	go func() {
		defer close(done) // also when the environment dies
		answer, err = env.engine.Handle(ctx, payload)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if !env.dead.Swap(true) {
			f.cloud.Figures.Timeouts.Add(1)
			f.cloud.Figures.Crashes.Add(1)
		}
		<-done
		return nil, errTimeout
	}
	if env.dead.Load() {
		return nil, errDied
	}
	f.give(env)
	return answer, err
}

// InvokeJSON is [Function.Invoke] with values.
func (f *Function) InvokeJSON(question, answer any) error {
	payload, err := json.Marshal(question)
	if err != nil {
		return err
	}
	answered, err := f.Invoke(payload)
	if err != nil {
		return err
	}
	return json.Unmarshal(answered, answer)
}

// take gives a warm environment or starts one.
func (f *Function) take() (*Environment, error) {
	f.mu.Lock()
	if last := len(f.idle) - 1; last >= 0 {
		defer f.mu.Unlock()
		env := f.idle[last]
		f.idle = f.idle[:last]
		return env, nil
	}
	f.started++
	env := &Environment{cloud: f.cloud, dice: f.cloud.newDice(fmt.Sprint(f.name, f.started))}
	f.mu.Unlock()
	var err error
	env.engine, err = f.start(env)
	return env, err
}

// give keeps an environment for the next invocation.
func (f *Function) give(env *Environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, env)
}

// alive ends the goroutine of an environment that died: no line of the engine runs any
// more, but for deferred ones, which make no requests.
func (e *Environment) alive() {
	if e.dead.Load() {
		runtime.Goexit()
	}
}

// die ends the environment.
func (e *Environment) die() {
	if !e.dead.Swap(true) {
		e.cloud.Figures.Crashes.Add(1)
	}
	runtime.Goexit()
}
