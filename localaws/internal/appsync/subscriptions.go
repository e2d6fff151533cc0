package appsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/filter"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/realtime"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsyncjs"
	"github.com/reventless/pulumi-reventless/localaws/internal/sigv4"
)

// maxInvalidations is how often one request may invalidate subscriptions.
const maxInvalidations = 5

// subscriptions is the service behind WebSocket connections.
type subscriptions struct{ *Service }

// Connect authorizes a connection.
func (s subscriptions) Connect(apiID string, header http.Header) error {
	_, _, err := s.admit(apiID, "/connect", header, []byte("{}"))
	return err
}

// admit authorizes by the headers of a handshake or of a start message. They are those of a
// POST to the API that is never sent: of an empty object to connect, of the GraphQL request
// to start.
// https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
func (s subscriptions) admit(apiID, below string, header http.Header, body []byte) (snapshot, caller, error) {
	view, ok := s.view(apiID)
	if !ok {
		return snapshot{}, caller{}, unknownAPI(apiID)
	}
	if header.Get("Host") == "" {
		return snapshot{}, caller{}, &execution.RequestError{Status: http.StatusBadRequest, Type: "UnauthorizedException", Message: "Required headers are missing."}
	}
	posted := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/graphql/" + apiID + below}, Host: header.Get("Host"), Header: header}
	who, err := s.authorize(posted, body, view)
	return view, who, overSocket(err)
}

// overSocket gives a signature's refusal the form that AppSync has for it over a WebSocket.
func overSocket(err error) error {
	var refused *execution.RequestError
	if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		return err
	}
	changed := *refused
	changed.Status = http.StatusBadRequest
	if changed.Type == sigv4.CodeInvalid {
		changed.Type = "BadRequestException"
	}
	return &changed
}

// Subscribe authorizes and starts a subscription.
func (s subscriptions) Subscribe(ctx context.Context, apiID string, header http.Header, data []byte, request execution.Request) (*realtime.Subscription, []execution.Error, error) {
	view, who, err := s.admit(apiID, "", header, data)
	if err != nil {
		return nil, nil, err
	}
	if view.schema == nil {
		return nil, nil, noSchema(apiID)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	host := &host{service: s.Service, view: view, caller: who, headers: headers(header, header.Get("Host"))}
	started, problems, err := execution.Subscribe(ctx, view.schema.Types, request, host)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	return subscription(started, host.extensions), nil, nil
}

// subscription filters by the filter that the resolver set, else by the arguments.
func subscription(started *execution.Subscription, set extensions) *realtime.Subscription {
	matches := started.Matches
	if set.filter != nil {
		matches = set.filter.Match
	}
	return &realtime.Subscription{
		Field: started.Field,
		Message: func(ctx context.Context, value any) (any, bool) {
			if !matches(value) {
				return nil, false
			}
			return started.Response(ctx, value), true
		},
		Invalidated: func(payload any) bool { return set.invalidation != nil && set.invalidation.Match(payload) },
	}
}

// publish hands the answers of a mutation to its subscribers.
func (s *Service) publish(ctx context.Context, host *host, mutations []execution.Mutation) {
	for _, mutation := range mutations {
		s.hub.Publish(ctx, host.view.id, triggered(host.view.schema.Types, mutation.Field), mutation.Value)
	}
	for _, invalidation := range host.extensions.invalidations {
		s.hub.Invalidate(host.view.id, invalidation.Field, invalidation.Payload)
	}
}

// triggered are the fields of Subscription that name a mutation in @aws_subscribe.
func triggered(types *ast.Schema, mutation string) []string {
	if types.Subscription == nil {
		return nil
	}
	var fields []string
	for _, field := range types.Subscription.Fields {
		directive := field.Directives.ForName("aws_subscribe")
		if directive == nil || directive.Arguments.ForName("mutations") == nil {
			continue
		}
		for _, child := range directive.Arguments.ForName("mutations").Value.Children {
			if child.Value.Raw == mutation {
				fields = append(fields, field.Name)
				break
			}
		}
	}
	return fields
}

// extensions are what the resolvers of one request asked for. Only root fields can ask,
// which run one after the other, so nothing guards it.
type extensions struct {
	// filter and invalidation are a subscription's, nil if none was set.
	filter, invalidation *filter.Group
	invalidations        []appsyncjs.Invalidation
}

// add takes what a handler asked for, if that is allowed there.
func (e *extensions) add(typeName string, handler appsyncjs.Handler, asked appsyncjs.Extensions) *execution.Failure {
	wanted := []struct {
		name, allowed string
		asked         bool
	}{
		{"setSubscriptionFilter", "Subscription", asked.Filter != nil},
		{"setSubscriptionInvalidationFilter", "Subscription", asked.InvalidationFilter != nil},
		{"invalidateSubscriptions", "Mutation", len(asked.Invalidations) > 0},
	}
	found := false
	for _, one := range wanted {
		found = found || one.asked
		if one.asked && (typeName != one.allowed || handler != appsyncjs.Response) {
			return &execution.Failure{Type: "Code", Message: fmt.Sprintf("extensions.%s can be used only in the response handler of a resolver of type %s.", one.name, one.allowed)}
		}
	}
	if !found {
		return nil
	}
	return e.set(asked)
}

func (e *extensions) set(asked appsyncjs.Extensions) *execution.Failure {
	for _, one := range []struct {
		value any
		group **filter.Group
	}{{asked.Filter, &e.filter}, {asked.InvalidationFilter, &e.invalidation}} {
		if one.value == nil {
			continue
		}
		group, err := filter.Parse(one.value)
		if err != nil {
			return &execution.Failure{Message: err.Error()}
		}
		*one.group = group
	}
	e.invalidations = append(e.invalidations, asked.Invalidations...)
	if len(e.invalidations) > maxInvalidations {
		return &execution.Failure{Type: "Code", Message: fmt.Sprintf("extensions.invalidateSubscriptions can be used at most %d times in a request.", maxInvalidations)}
	}
	return nil
}
