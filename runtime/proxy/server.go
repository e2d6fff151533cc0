package proxy

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

const (
	pathNext       = "/2018-06-01/runtime/invocation/next"
	pathInvocation = "/2018-06-01/runtime/invocation/"
	pathInitError  = "/2018-06-01/runtime/init/error"
	// SnapStart, https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html
	pathRestore      = "/2018-06-01/runtime/restore/next"
	pathRestoreError = "/2018-06-01/runtime/restore/error"
)

// MaxAnswer is how many bytes a handler may answer with: Lambda's own limit, so
// that a handler behaves as it does without the engine.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MaxAnswer = 6*1024*1024 + 100

// ServeHTTP is the private Runtime API.
func (s *session) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == pathNext && r.Method == http.MethodGet:
		s.serveNext(w, r)
	case r.URL.Path == pathInitError && r.Method == http.MethodPost:
		s.serveInitError(w, r)
	case strings.HasPrefix(r.URL.Path, pathInvocation) && r.Method == http.MethodPost:
		s.serveOutcome(w, r)
	case r.URL.Path == pathRestore && !s.first:
		// The snapshot was taken of the first runtime and is long restored. Hooks
		// that run around a snapshot run in this one too, one after the other.
		w.WriteHeader(http.StatusOK)
	case r.URL.Path == pathRestoreError && !s.first:
		s.serveInitError(w, r)
	default:
		s.real.ServeHTTP(w, r)
	}
}

// serveNext gives the runtime the next turn, when there is one.
func (s *session) serveNext(w http.ResponseWriter, r *http.Request) {
	work := s.exchange.next(r.Context())
	if work == nil {
		return
	}
	header := w.Header()
	for name, values := range work.header {
		header[name] = values
	}
	header["Content-Length"] = []string{strconv.Itoa(len(work.payload))}
	// A write that fails needs no care: the runtime fetches the turn again, or ends.
	_, _ = w.Write(work.payload)
}

// serveOutcome takes what the runtime says of a turn: …/{id}/response or …/{id}/error.
func (s *session) serveOutcome(w http.ResponseWriter, r *http.Request) {
	id, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, pathInvocation), "/")
	if what != "response" && what != "error" {
		writeError(w, http.StatusNotFound, "NotFound", "no such path of the Runtime API: "+r.URL.Path)
		return
	}
	if v := s.exchange.check(id); v != accepted {
		refuse(w, v)
		return
	}
	body, err := readBody(r)
	if tooLarge := (*sizeError)(nil); errors.As(err, &tooLarge) {
		s.exchange.answer(id, outcome{failure: tooLarge.failure()})
		writeError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", tooLarge.Error())
		return
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		return
	}
	if v := s.exchange.answer(id, outcomeOf(what, body, r)); v != accepted {
		refuse(w, v)
		return
	}
	writeAccepted(w)
}

// outcomeOf tells answers from errors. An answer that was streamed can still end
// in an error, which is then in the trailers.
func outcomeOf(what string, body []byte, r *http.Request) outcome {
	if what == "error" {
		return outcome{failure: parseError(r.Header.Get(headerErrorType), body).threw()}
	}
	if kind := r.Trailer.Get(headerErrorType); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
		return outcome{failure: parseError(kind, text).threw()}
	}
	return outcome{answer: body}
}

// serveInitError takes the runtime's report that it cannot initialise. That of the
// first language runtime goes to the real API, whose answer comes back; that of a
// later one becomes the failure of the turn that waits for it.
func (s *session) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, "TruncatedHTTPRequest", err.Error())
		return
	}
	if !s.exchange.fail(parseError(r.Header.Get(headerErrorType), body)) {
		writeError(w, http.StatusForbidden, "InvalidStateTransition",
			"init/error is only allowed once and before the first invocation/next")
		return
	}
	if s.first {
		s.real.forward(w, r, body)
	} else {
		writeAccepted(w)
	}
	close(s.exchange.failed)
}

// sizeError says that a body is larger than Lambda allows.
type sizeError struct{}

func (*sizeError) Error() string {
	return fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxAnswer)
}

func (e *sizeError) failure() error {
	return &turn.HandlerError{
		Kind: turn.InvalidAnswer, Type: "Function.ResponseSizeTooLarge",
		Message: fmt.Sprintf("the handler's answer is larger than Lambda allows (%d bytes)", MaxAnswer),
	}
}

// readBody reads a whole body of at most MaxAnswer bytes.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > MaxAnswer {
		return nil, &sizeError{}
	}
	if r.ContentLength >= 0 {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxAnswer+1))
	if err == nil && len(body) > MaxAnswer {
		return nil, &sizeError{}
	}
	return body, err
}

// refuse answers as Lambda does: 400 for another turn's id, 403 for a second answer.
func refuse(w http.ResponseWriter, v verdict) {
	if v == repeated {
		writeError(w, http.StatusForbidden, "InvalidStateTransition", "the invocation has been answered already")
		return
	}
	writeError(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
}

// acceptedBody is the body of every 202.
var acceptedBody = []byte(`{"status":"OK"}` + "\n")

func writeAccepted(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(acceptedBody))}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(acceptedBody)
}

// writeError writes an error in the Runtime API's format.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	body, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
