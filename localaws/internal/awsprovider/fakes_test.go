package awsprovider

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// fakeAWS answers REST-JSON operations from a table "METHOD path".
type fakeAWS struct {
	*httptest.Server
	mu     sync.Mutex
	routes map[string]func(body map[string]any) (int, any)
	calls  []string
	bodies []map[string]any
}

type awsError struct{ Code, Message string }

func newFakeAWS(t *testing.T) *fakeAWS {
	t.Helper()
	f := &fakeAWS{routes: map[string]func(map[string]any) (int, any){}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAWS) on(route string, answer func(body map[string]any) (int, any)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[route] = answer
}

// respond answers a route always the same.
func (f *fakeAWS) respond(route string, status int, answer any) {
	f.on(route, func(map[string]any) (int, any) { return status, answer })
}

func (f *fakeAWS) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	body := map[string]any{}
	_ = json.Unmarshal(raw, &body)
	route := r.Method + " " + r.URL.Path
	f.calls, f.bodies = append(f.calls, route), append(f.bodies, body)
	answer, ok := f.routes[route]
	if !ok {
		answer = func(map[string]any) (int, any) {
			return 404, awsError{"ResourceNotFoundException", "no route " + route}
		}
	}
	status, out := answer(body)
	if e, ok := out.(awsError); ok {
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		out = map[string]any{"message": e.Message}
	}
	if e, ok := out.(functionError); ok {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		out = map[string]any{"errorMessage": string(e)}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// functionError is the answer of a function that failed.
type functionError string

// count tells how often a route was called.
func (f *fakeAWS) count(route string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == route {
			n++
		}
	}
	return n
}

// last is the body of the last call of a route.
func (f *fakeAWS) last(route string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.calls) - 1; i >= 0; i-- {
		if f.calls[i] == route {
			return f.bodies[i]
		}
	}
	panic(fmt.Sprintf("%s was not called; calls: %v", route, f.calls))
}
