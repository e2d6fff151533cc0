package appsync

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

const (
	// requestTimeout is how long AppSync works on one request.
	requestTimeout = 30 * time.Second
	// maxRequestBytes limits the body of a request; AppSync's own limit is smaller
	// for most requests, it depends on the data source.
	maxRequestBytes = 10 << 20
)

// ServeGraphQL serves a GraphQL request to an API, or a WebSocket connection for
// subscriptions.
func (s *Service) ServeGraphQL(w http.ResponseWriter, r *http.Request, apiID string) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.hub.Serve(w, r, apiID)
		return
	}
	if crossOrigin(w, r) {
		return
	}
	response, err := s.answer(w, r, apiID)
	if err != nil {
		var refused *execution.RequestError
		if !errors.As(err, &refused) {
			refused = &execution.RequestError{Status: http.StatusInternalServerError, Type: "InternalFailure", Message: err.Error()}
		}
		refused.Write(w)
		return
	}
	text, err := json.Marshal(response)
	if err != nil {
		(&execution.RequestError{Status: http.StatusInternalServerError, Type: "InternalFailure", Message: err.Error()}).Write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("X-Amzn-RequestId", uuid.NewString())
	_, _ = w.Write(text) // the client has gone if this fails
}

// crossOrigin lets pages of any origin send requests and read the answers, as AppSync does:
// a request needs a key, a token or a signature anyway. It answers what browsers ask before.
func crossOrigin(w http.ResponseWriter, r *http.Request) (answered bool) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,x-amzn-ErrorMessage,Date,x-amz-schema-version")
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "POST,OPTIONS")
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	h.Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
	return true
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, apiID string) (execution.Response, error) {
	view, ok := s.view(apiID)
	if !ok {
		return execution.Response{}, unknownAPI(apiID)
	}
	if r.Method != http.MethodPost {
		return execution.Response{}, &execution.RequestError{Status: http.StatusMethodNotAllowed, Type: "UnsupportedOperation", Message: "Send GraphQL requests with POST."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		return execution.Response{}, &execution.RequestError{Status: http.StatusRequestEntityTooLarge, Type: "MalformedHttpRequestException", Message: err.Error()}
	}
	who, err := s.authorize(r, body, view)
	if err != nil {
		return execution.Response{}, err
	}
	request, err := execution.ParseRequest(body)
	if err != nil {
		return execution.Response{}, err
	}
	if view.schema == nil {
		return execution.Response{}, noSchema(apiID)
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	host := &host{service: s, view: view, caller: who, headers: headers(r.Header, r.Host)}
	response, err := execution.Execute(ctx, view.schema.Types, request, host)
	if err == nil {
		s.publish(ctx, host, response.Mutations)
	}
	return response, err
}

func unknownAPI(id string) error {
	return &execution.RequestError{Status: http.StatusNotFound, Type: "NotFoundException", Message: errAPI(id).message}
}

func noSchema(id string) error {
	return &execution.RequestError{Status: http.StatusBadRequest, Type: "GraphQLSchemaException", Message: "No schema found for GraphQL API " + id + "."}
}

// view is the API as this request sees it.
func (s *Service) view(apiID string) (snapshot, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	a, ok := s.apis[apiID]
	if !ok {
		return snapshot{}, false
	}
	s.settle(a)
	return a.snapshot(s.arn(a.id)), true
}

// headers are the resolver context's request.headers: lower-case names.
func headers(header http.Header, name string) map[string]any {
	result := map[string]any{"host": name}
	for name, values := range header {
		result[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return result
}

// host is an API during one request.
type host struct {
	service *Service
	view    snapshot
	caller  caller
	headers map[string]any
	// extensions are what the resolvers of root fields asked for.
	extensions extensions
}

// Resolver is the field's resolver; orphans are none.
func (h *host) Resolver(typeName, fieldName string) execution.Resolver {
	stored, ok := h.view.resolvers[fieldRef{typeName, fieldName}]
	if !ok || stored.detached {
		return nil
	}
	return func(ctx context.Context, call execution.Call) execution.Outcome {
		run := &resolverRun{host: h, resolver: stored, call: call}
		return run.resolve(ctx)
	}
}

// Authorized checks the directives of the field and of its type, the caller's role, and what
// a Lambda authorizer denied.
func (h *host) Authorized(parent *ast.Definition, field *ast.FieldDefinition) bool {
	return allowed(h.caller, h.view, parent, field) && h.permitted(parent, field) &&
		!h.caller.decision.Denies(h.service.arn(h.view.id), parent.Name, field.Name)
}
