// Package proxytest is a Lambda Runtime API for tests and benchmarks: what the
// service side of Lambda looks like to a function's process.
//
//  1. [Start] listens on a loopback port; [API.Address] goes into
//     AWS_LAMBDA_RUNTIME_API of the process under test.
//  2. [API.Invoke] gives the process one invocation and waits for what it posts.
//  3. What else the process does (init errors, other requests, when it asked for
//     work) is kept for the test to look at.
package proxytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FunctionARN is the ARN that every invocation carries.
const FunctionARN = "arn:aws:lambda:eu-central-1:123456789012:function:test"

// Invocation is one event for the process under test.
type Invocation struct {
	// Payload is the event's JSON.
	Payload []byte
	// Timeout is the time until the deadline, default 10 s. The API does not
	// enforce it.
	Timeout time.Duration
	// Header holds further headers, such as Lambda-Runtime-Trace-Id.
	Header http.Header

	id       string
	answered chan Answer
	sent     time.Time
}

// Answer is what the process posted.
type Answer struct {
	// Failed says that it was posted to …/error.
	Failed bool
	Header http.Header
	Body   []byte
	// Took is the time from writing the event to having read the answer.
	Took time.Duration
}

// Request is a request that the API does not know more about.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
}

// API is a running Runtime API.
type API struct {
	server   *http.Server
	listener net.Listener
	queue    chan *Invocation
	first    chan struct{} // closed at the first invocation/next

	mu       sync.Mutex
	count    int
	asked    int
	pending  map[string]*Invocation
	requests []Request
}

// Start listens on a free loopback port until [API.Close].
func Start() (*API, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxytest: %w", err)
	}
	a := &API{
		listener: listener, queue: make(chan *Invocation),
		first: make(chan struct{}), pending: map[string]*Invocation{},
	}
	a.server = &http.Server{Handler: a}
	go func() { _ = a.server.Serve(listener) }()
	return a, nil
}

// Address is host:port.
func (a *API) Address() string { return a.listener.Addr().String() }

// Close ends all requests.
func (a *API) Close() { _ = a.server.Close() }

// Invoke waits until the process asks for work, gives it the invocation, and waits
// for the answer.
func (a *API) Invoke(ctx context.Context, invocation Invocation) (Answer, error) {
	i := &invocation
	i.answered = make(chan Answer, 1)
	a.mu.Lock()
	a.count++
	i.id = fmt.Sprintf("00000000-0000-4000-8000-%012d", a.count)
	a.mu.Unlock()
	select {
	case a.queue <- i:
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("proxytest: the process did not ask for an invocation: %w", ctx.Err())
	}
	select {
	case answer := <-i.answered:
		return answer, nil
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("proxytest: the process did not answer: %w", ctx.Err())
	}
}

// WaitFirst waits until the process has asked for its first invocation.
func (a *API) WaitFirst(ctx context.Context) error {
	select {
	case <-a.first:
		return nil
	case <-ctx.Done():
		return errors.New("proxytest: the process did not ask for an invocation")
	}
}

// Asked is how often the process has asked for an invocation.
func (a *API) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

// Requests are the requests other than invocation/… so far, init/error among them.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Request(nil), a.requests...)
}

// ServeHTTP is the API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/")
	if !ok {
		a.serveOther(w, r)
		return
	}
	if rest == "next" {
		a.serveNext(w, r)
		return
	}
	id, what, _ := strings.Cut(rest, "/")
	a.serveAnswer(w, r, id, what == "error")
}

func (a *API) serveNext(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked++
	if a.asked == 1 {
		close(a.first)
	}
	a.mu.Unlock()
	select {
	case i := <-a.queue:
		a.mu.Lock()
		a.pending[i.id] = i
		i.sent = time.Now()
		a.mu.Unlock()
		i.write(w)
	case <-r.Context().Done():
	}
}

// write sends the event with its headers.
func (i *Invocation) write(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range i.Header {
		header[name] = values
	}
	timeout := i.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(i.Payload)))
	header.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	header.Set("Lambda-Runtime-Invoked-Function-Arn", FunctionARN)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.sent.Add(timeout).UnixMilli(), 10))
	_, _ = w.Write(i.Payload)
}

func (a *API) serveAnswer(w http.ResponseWriter, r *http.Request, id string, failed bool) {
	a.mu.Lock()
	i := a.pending[id]
	delete(a.pending, id)
	a.mu.Unlock()
	if i == nil {
		http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`, http.StatusBadRequest)
		return
	}
	body, _ := io.ReadAll(r.Body)
	i.answered <- Answer{Failed: failed, Header: r.Header, Body: body, Took: time.Since(i.sent)}
	accept(w)
}

func (a *API) serveOther(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	a.requests = append(a.requests, Request{Method: r.Method, Path: r.URL.Path, Header: r.Header, Body: body})
	a.mu.Unlock()
	w.Header().Set("Lambda-Extension-Identifier", "test")
	if r.Method == http.MethodGet {
		return // 200, such as restore/next after the snapshot was restored
	}
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n")
}
