package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// maxTail is how much of an invocation's output an answer with logs holds.
const maxTail = 4096

// crashDelays are the moments, after a crash fault's invocation was handed over, at
// which it is killed; taken in turn. It may have answered by then: the answer is
// lost all the same. The fault's CrashMillis stretches them.
var crashDelays = []time.Duration{0, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond}

// Result is how an invocation ended.
type Result struct {
	RequestID string
	// Payload is the function's answer, or its error.
	Payload []byte
	// FunctionError is "" for an answer, else "Handled" or "Unhandled".
	FunctionError string
	// Tail is the end of its output.
	Tail []byte
}

// Timeout is the time-out of a function that is named by name or ARN, and the
// function's ARN.
func (s *Service) Timeout(reference string) (arn string, timeout time.Duration, err error) {
	f, err := s.find(reference)
	if err != nil {
		return "", 0, err
	}
	config := f.configuration()
	return config.FunctionArn, time.Duration(config.Timeout) * time.Second, nil
}

// Role is the ARN of the role of a function that is named by name or ARN.
func (s *Service) Role(reference string) (string, error) {
	f, err := s.find(reference)
	if err != nil {
		return "", err
	}
	return f.configuration().Role, nil
}

// Invoke invokes a function that is named by name or ARN and waits for its end. An
// error says that the function did not run: it does not exist (404), is throttled
// (429) or is being created (409), as a [restjson.Error].
func (s *Service) Invoke(ctx context.Context, reference string, payload []byte) (result []byte, functionError string, err error) {
	r, err := s.invoke(ctx, reference, uuid.NewString(), payload)
	return r.Payload, r.FunctionError, err
}

// invoke runs an invocation under an id, which the retries of an asynchronous one share.
func (s *Service) invoke(ctx context.Context, reference, id string, payload []byte) (Result, error) {
	f, err := s.find(reference)
	if err != nil {
		return Result{}, err
	}
	if s.options.Faults.Throttle() {
		s.options.Logger.Info("fault injected: throttled", "function", f.config.FunctionName)
		return Result{}, throttled("CallerRateLimitExceeded")
	}
	p, err := f.runner()
	if err != nil {
		return Result{}, err
	}
	release, err := p.acquire(ctx)
	if err != nil {
		return Result{}, err
	}
	if !p.begin() { // replaced while the invocation waited
		release()
		return s.invoke(ctx, reference, id, payload)
	}
	return p.invoke(id, payload, release), nil
}

// begin counts an invocation in, unless the pool is closed.
func (p *pool) begin() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed {
		return false
	}
	p.busy.Add(1)
	return true
}

// invoke runs one invocation. Its slot is released when the environment is ready
// for the next one, which may be after the answer.
func (p *pool) invoke(id string, payload []byte, release func()) Result {
	i := &invocation{id: id, payload: payload, trace: traceID(), outcome: make(chan outcome, 1)}
	started := time.Now()
	e, coldStart, failed := p.obtain(i)
	if failed != nil {
		defer p.busy.Done()
		release()
		return Result{RequestID: i.id, Payload: failed.payload, FunctionError: failed.functionError}
	}
	if i.deadline.IsZero() {
		i.deadline = time.Now().Add(time.Duration(p.config.Timeout) * time.Second)
		started = time.Now()
	}
	e.output.begin(i.id)
	o := p.runWithFaults(e, i)
	tail := e.output.end(i.id, time.Since(started), coldStart, o, p.config)
	p.answered()
	go p.settle(e, i.deadline, release)
	return Result{RequestID: i.id, Payload: o.payload, FunctionError: o.functionError, Tail: tail}
}

func (p *pool) settle(e *environment, deadline time.Time, release func()) {
	defer p.busy.Done()
	// Only afterwards is the slot no longer about to be free.
	defer p.settledOne()
	defer release()
	if e.settle(deadline) {
		p.put(e)
	} else {
		e.close()
	}
}

func (p *pool) runWithFaults(e *environment, i *invocation) outcome {
	if !p.service.options.Faults.Crash(p.config.FunctionName) {
		return e.run(i)
	}
	delay := crashDelays[int(p.service.crashes.Add(1))%len(crashDelays)]
	if millis := p.service.options.Faults.Get().CrashMillis; millis > 0 {
		delay = delay * time.Duration(millis) / 50
	}
	p.service.options.Logger.Info("fault injected: crash", "function", p.config.FunctionName, "request", i.id, "after", delay)
	crash := time.AfterFunc(delay, e.close)
	defer crash.Stop()
	e.run(i)
	e.close()
	return failure("Runtime.ExitError", "RequestId: "+i.id+" Error: Runtime exited with error: signal: killed")
}

// obtain takes a warm environment or starts one. A start that takes longer than
// the init phase may is begun again within the function's own time-out, as on AWS.
func (p *pool) obtain(i *invocation) (e *environment, coldStart time.Duration, failed *outcome) {
	if e = p.take(); e != nil {
		return e, 0, nil
	}
	begin := time.Now()
	time.Sleep(time.Duration(p.service.options.Faults.Get().ColdMillis) * time.Millisecond)
	e, inTime, failed := p.start(i, p.service.options.InitTimeout)
	if inTime {
		return e, time.Since(begin), failed
	}
	timeout := time.Duration(p.config.Timeout) * time.Second
	i.deadline = time.Now().Add(timeout)
	if e, inTime, failed = p.start(i, timeout); inTime {
		return e, time.Since(begin), failed
	}
	late := timeoutOutcome(i.id, p.config.Timeout)
	return nil, 0, &late
}

func (p *pool) start(i *invocation, timeout time.Duration) (e *environment, inTime bool, failed *outcome) {
	e, err := p.startEnvironment()
	if err != nil {
		o := failure("Runtime.Unknown", err.Error())
		if entrypoint := (*entrypointError)(nil); errors.As(err, &entrypoint) {
			o = entrypointOutcome(i.id, err)
		}
		p.service.options.Logger.Warn("execution environment did not start", "function", p.config.FunctionName, "error", err)
		return nil, true, &o
	}
	failed, inTime = e.ready(timeout)
	if failed == nil && inTime {
		return e, true, nil
	}
	e.close()
	if failed == nil {
		return nil, false, nil
	}
	return nil, inTime, failed
}

func traceID() string {
	id := uuid.New()
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), id[:12], id[8:])
}

func (s *Service) invokeRequest(r *http.Request) (restjson.Answer, error) {
	kind := r.Header.Get("X-Amz-Invocation-Type")
	limit := int64(maxPayloadBytes)
	if kind == "Event" {
		limit = maxEventBytes
	}
	payload, err := restjson.Body(r, limit)
	if err != nil {
		return restjson.Answer{}, err
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		return restjson.Answer{}, &restjson.Error{Status: 400, Code: "InvalidRequestContentException", Type: "User", Message: "Could not parse request body into json: the payload is not valid JSON"}
	}
	switch kind {
	case "DryRun":
		_, err := s.find(qualified(r))
		return restjson.Answer{Status: http.StatusNoContent}, err
	case "Event":
		return restjson.Answer{Status: http.StatusAccepted, Body: []byte{}}, s.InvokeLater(qualified(r), payload)
	}
	return s.invokeNow(r, payload)
}

func (s *Service) invokeNow(r *http.Request, payload []byte) (restjson.Answer, error) {
	result, err := s.invoke(context.WithoutCancel(r.Context()), qualified(r), uuid.NewString(), payload)
	if err != nil {
		return restjson.Answer{}, err
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Amz-Executed-Version": {"$LATEST"}}
	if result.FunctionError != "" {
		header.Set("X-Amz-Function-Error", result.FunctionError)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		header.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(result.Tail))
	}
	return restjson.Answer{Body: result.Payload, Header: header}, nil
}
