package appsync

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/authorizer"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

// authorizeFunction asks the API's Lambda authorizer. A connection of subscribers is asked
// about without a query.
func (s *Service) authorizeFunction(r *http.Request, body []byte, view snapshot) (caller, error) {
	request, err := execution.ParseRequest(body)
	if err != nil {
		request = execution.Request{}
	}
	if request.Variables == nil {
		request.Variables = map[string]any{}
	}
	decision, err := s.authorizers.Decide(r.Context(), *view.authorizer, authorizer.Event{
		Token: r.Header.Get("Authorization"), Headers: plainHeaders(r),
		Request: authorizer.Request{APIID: view.id, AccountID: s.options.AccountID, RequestID: uuid.NewString(),
			Query: request.Query, OperationName: request.OperationName, Variables: request.Variables},
	})
	switch {
	case errors.Is(err, authorizer.ErrRefused):
		return caller{}, notAuthorized()
	case err != nil:
		s.options.Logger.Warn("a request is refused", "service", "appsync", "api", view.id, "reason", err)
		return caller{}, &execution.RequestError{Status: http.StatusBadRequest, Type: "BadRequestException"}
	}
	return caller{mode: modeLambda, identity: map[string]any{"resolverContext": decision.Context}, decision: decision}, nil
}

// plainHeaders are the request's headers as the function gets them, without the token.
func plainHeaders(r *http.Request) map[string]string {
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name = strings.ToLower(name); name != "authorization" {
			headers[name] = strings.Join(values, ",")
		}
	}
	return headers
}
