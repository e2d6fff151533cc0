// Package restjson serves an AWS API of the REST-JSON protocol.
//
//  1. A [Router] is made from routes: an operation's name, its method and path, and
//     the function that performs it.
//  2. [Router.Operation] names the operation that a request asks for.
//  3. The router performs it and writes its answer as JSON, or its [Error] in the
//     form that AWS SDKs turn into typed errors: a status, the header
//     X-Amzn-ErrorType and a message.
package restjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// MaxBody is the largest request body that is read, in bytes. A 50 MB archive is
// 70 MB in base64.
const MaxBody = 80 << 20

// Error is an error of an AWS API.
type Error struct {
	// Status is the HTTP status, Code the error's name in the API model.
	Status        int
	Code, Message string
	// Type is the field "Type" of the body, "User" or "Service"; Reason the field
	// "Reason". Empty ones are left out.
	Type, Reason string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// NotFound is a ResourceNotFoundException (404).
func NotFound(format string, arguments ...any) *Error {
	return &Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: fmt.Sprintf(format, arguments...), Type: "User"}
}

// Invalid is an InvalidParameterValueException (400).
func Invalid(format string, arguments ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: "InvalidParameterValueException", Message: fmt.Sprintf(format, arguments...), Type: "User"}
}

// Conflict is a ResourceConflictException (409).
func Conflict(format string, arguments ...any) *Error {
	return &Error{Status: http.StatusConflict, Code: "ResourceConflictException", Message: fmt.Sprintf(format, arguments...), Type: "User"}
}

// Answer is a successful answer.
type Answer struct {
	// Status is the HTTP status; 0 is 200.
	Status int
	// Body is written as JSON, unless it is []byte, which is written as it is; nil
	// writes no body.
	Body any
	// Header holds further headers.
	Header http.Header
}

// Route is one operation.
type Route struct {
	// Operation is its name in the API model.
	Operation string
	// Pattern is its method and path, as for [http.ServeMux].
	Pattern string
	// Query, unless empty, is a query parameter that the request must have. Such a
	// route comes before the one of the same pattern without.
	Query string
	// Perform performs it.
	Perform func(*http.Request) (Answer, error)
}

// Router routes requests to operations.
type Router struct {
	mux    *http.ServeMux
	routes map[string][]Route
}

// NewRouter makes a router. Two routes with equal pattern and query are a
// programming error.
func NewRouter(routes ...Route) *Router {
	r := &Router{mux: http.NewServeMux(), routes: map[string][]Route{}}
	for _, route := range routes {
		if r.routes[route.Pattern] == nil {
			r.mux.HandleFunc(route.Pattern, r.serve)
		}
		r.routes[route.Pattern] = append(r.routes[route.Pattern], route)
	}
	return r
}

// Operation is the name of the operation that a request asks for, or "".
func (r *Router) Operation(request *http.Request) string {
	_, pattern := r.mux.Handler(withoutSlash(request))
	route, _ := r.route(pattern, request)
	return route.Operation
}

func (r *Router) route(pattern string, request *http.Request) (Route, bool) {
	for _, route := range r.routes[pattern] {
		if route.Query == "" || request.URL.Query().Has(route.Query) {
			return route, true
		}
	}
	return Route{}, false
}

// ServeHTTP performs the operation and writes its answer.
func (r *Router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	request = withoutSlash(request)
	if _, pattern := r.mux.Handler(request); r.routes[pattern] == nil {
		WriteError(w, &Error{Status: http.StatusNotFound, Code: "UnknownOperationException",
			Message: fmt.Sprintf("the local AWS does not play %s %s", request.Method, request.URL.Path)})
		return
	}
	r.mux.ServeHTTP(w, request)
}

func (r *Router) serve(w http.ResponseWriter, request *http.Request) {
	route, found := r.route(request.Pattern, request)
	if !found {
		WriteError(w, &Error{Status: http.StatusNotFound, Code: "UnknownOperationException", Message: "no operation has this query"})
		return
	}
	answer, err := route.Perform(request)
	if err != nil {
		WriteError(w, err)
		return
	}
	answer.write(w)
}

func (a Answer) write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	status := a.Status
	if status == 0 {
		status = http.StatusOK
	}
	raw, isRaw := a.Body.([]byte)
	if a.Body != nil && !isRaw {
		raw, _ = json.Marshal(a.Body) // bodies are plain structs
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// WriteError writes an error. One that is not an [Error] becomes a
// ServiceException (500).
func WriteError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusInternalServerError, Code: "ServiceException", Message: err.Error(), Type: "Service"}
	}
	body := map[string]string{"message": e.Message, "Message": e.Message}
	if e.Type != "" {
		body["Type"] = e.Type
	}
	if e.Reason != "" {
		body["Reason"] = e.Reason
	}
	Answer{Status: e.Status, Body: body, Header: http.Header{"X-Amzn-Errortype": {e.Code}}}.write(w)
}

// Decode reads a request's JSON body into target. An empty body leaves target as
// it is.
func Decode(request *http.Request, target any) error {
	body, err := Body(request, MaxBody)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, target); err != nil {
		return &Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: err.Error()}
	}
	return nil
}

// Body reads a request's body of at most limit bytes.
func Body(request *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(request.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestTooLargeException", Type: "User",
			Message: fmt.Sprintf("Request must be smaller than %d bytes for the operation", limit)}
	}
	return body, nil
}

// withoutSlash drops a slash at the path's end: some SDKs send one.
func withoutSlash(request *http.Request) *http.Request {
	if len(request.URL.Path) < 2 || !strings.HasSuffix(request.URL.Path, "/") {
		return request
	}
	trimmed := request.Clone(request.Context())
	trimmed.URL.Path = strings.TrimSuffix(request.URL.Path, "/")
	trimmed.URL.RawPath = strings.TrimSuffix(request.URL.RawPath, "/")
	return trimmed
}
