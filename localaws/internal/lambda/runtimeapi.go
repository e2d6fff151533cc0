package lambda

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

const runtimePrefix = "/2018-06-01/runtime"

// runtimeAPI is the Lambda Runtime API of one environment.
func (e *environment) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+runtimePrefix+"/invocation/next", e.serveNext)
	mux.HandleFunc("POST "+runtimePrefix+"/invocation/{ID}/response", e.serveResponse)
	mux.HandleFunc("POST "+runtimePrefix+"/invocation/{ID}/error", e.serveError)
	mux.HandleFunc("POST "+runtimePrefix+"/init/error", e.serveInitError)
	return mux
}

func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case e.asked <- struct{}{}:
	default: // it asks again after a broken connection
	}
	select {
	case i := <-e.work:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", e.pool.config.FunctionArn)
		header.Set("Lambda-Runtime-Trace-Id", i.trace)
		_, _ = w.Write(i.payload)
	case <-r.Context().Done():
	}
}

func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayloadBytes+1))
	if err != nil {
		runtimeRefusal(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	if len(body) > maxPayloadBytes {
		e.finish(r.PathValue("ID"), responseTooLarge())
		runtimeRefusal(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).")
		return
	}
	if !e.finish(r.PathValue("ID"), outcome{payload: body}) {
		runtimeRefusal(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	accepted(w)
}

func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	if !e.finish(r.PathValue("ID"), errorOutcome(r)) {
		runtimeRefusal(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	accepted(w)
}

func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	select {
	case e.initFailure <- errorOutcome(r):
	default:
	}
	accepted(w)
}

func errorOutcome(r *http.Request) outcome {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxPayloadBytes)) // an error cut short is still one
	kind := "Unhandled"
	if strings.EqualFold(r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Handled") {
		kind = "Handled"
	}
	return outcome{payload: body, functionError: kind}
}

// finish gives the current invocation its outcome, once. False says that the id is
// not that of the current invocation.
func (e *environment) finish(id string, o outcome) bool {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.current == nil || e.current.id != id {
		return false
	}
	e.current.outcome <- o
	e.current = nil
	return true
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(`{"status":"OK"}`))
}

func runtimeRefusal(w http.ResponseWriter, status int, kind, message string) {
	restjson.WriteError(w, &restjson.Error{Status: status, Code: kind, Message: message})
}
