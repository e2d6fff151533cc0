// Package appsync is a local AppSync: its control plane with the refusals of the real
// one, and the execution of GraphQL requests.
//
//  1. [Service.ServeAPI] serves the REST-JSON control plane (routes.go) that the AWS
//     SDKs speak. Everything is kept in memory.
//  2. Before an operation runs, gate.go answers what AppSync answers on a bad day:
//     429, and 409 while a schema is being altered. The faults' settings say when.
//  3. A schema creation is asynchronous: its outcome (package schema) takes effect
//     when its time is over, at the first look at the API after it (creation.go).
//     Then new fields are invisible to CreateResolver for the propagation delay, and
//     resolvers of fields that have gone become orphans: they stay stored but
//     detached and are never called, until UpdateResolver attaches them again.
//  4. [Service.ServeGraphQL] authorizes a request (auth.go) and executes it with
//     package execution; resolver.go runs the resolvers' code (package appsyncjs)
//     and their data sources (package datasource).
//  5. At the same address it takes WebSocket connections (package realtime). A
//     mutation's answer goes to the subscriptions that name it in @aws_subscribe, as
//     far as their arguments or their resolver's filter (package filter) let it
//     through (subscriptions.go).
//
// API keys are checked, with their expiry. Signatures of AWS_IAM are verified, over a
// WebSocket too (package sigv4). Tokens of Cognito user pools and of OpenID Connect providers
// are verified (package usertoken), and the groups in a pool's count where the schema names
// some. Lambda authorizers are asked about everything else (package authorizer). Unit
// resolvers with APPSYNC_JS code are supported, direct Lambda resolvers without code too;
// pipelines and mapping templates are refused by name.
package appsync

import (
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/authorizer"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/datasource"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/realtime"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/usertoken"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
)

// Functions invokes functions for data sources of type AWS_LAMBDA and for authorizers.
type Functions = authorizer.Functions

// Options are what a service needs to know of the local AWS.
type Options struct {
	// Region and AccountID are put into ARNs.
	Region, AccountID string
	// BaseURL is where the local AWS is reached, without a path: the GraphQL URL of
	// an API is BaseURL/graphql/ID.
	BaseURL string
	// Endpoint is where DynamoDB's API and the keys of Cognito's user pools are reached;
	// BaseURL if empty.
	Endpoint string
	// Lambda invokes functions; nil lets their data sources and authorizers fail.
	Lambda Functions
	// Enforcer knows the secrets of those who sign, and what roles may do, of callers and of
	// data sources. Nil lets them do everything, and takes each well-formed signature.
	Enforcer *enforcement.Enforcer
	// Faults are asked at every operation; nil has none.
	Faults *faults.Schema
	// KeepAlive is the time between two keep-alive messages to subscribers; 0 is
	// AppSync's, a minute.
	KeepAlive time.Duration
	// Logger gets every injected fault and what subscribers do not get; nil drops
	// that.
	Logger *slog.Logger
}

// Service is a local AppSync. It is safe for use by many goroutines.
type Service struct {
	options Options
	mux     *http.ServeMux
	dynamo  *dynamodb.Client
	hub     *realtime.Hub
	tokens  *usertoken.Verifier
	// authorizers ask functions whom to let in.
	authorizers *authorizer.Authorizers

	mutex sync.Mutex
	apis  map[string]*api
}

// New makes a service without APIs.
func New(options Options) *Service {
	if options.Endpoint == "" {
		options.Endpoint = options.BaseURL
	}
	if options.Faults == nil {
		options.Faults = &faults.Schema{}
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{options: options, apis: map[string]*api{}, dynamo: datasource.NewClient(options.Region, options.Endpoint)}
	s.tokens = usertoken.New(options.Endpoint, s.now)
	s.authorizers = authorizer.New(options.Lambda, s.now)
	s.mux = s.routes()
	s.hub = realtime.New(realtime.Options{Backend: subscriptions{s}, KeepAlive: options.KeepAlive, Logger: options.Logger})
	return s
}

// Close ends all connections of subscribers. The service takes no others then.
func (s *Service) Close() { s.hub.Close() }

// now is the service's clock.
func (s *Service) now() time.Time { return time.Now() }

// Inventory is everything that exists: APIs, keys, data sources and resolvers,
// orphans included.
func (s *Service) Inventory() []inventory.Item {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var items []inventory.Item
	add := func(kind, id string) { items = append(items, inventory.Item{Service: "appsync", Type: kind, ID: id}) }
	for id, a := range s.apis {
		add("api", id)
		for key := range a.keys {
			add("apiKey", id+"/"+key)
		}
		for name := range a.sources {
			add("dataSource", id+"/"+name)
		}
		for ref := range a.resolvers {
			add("resolver", id+"/"+ref.typeName+"."+ref.fieldName)
		}
	}
	inventory.Sort(items)
	return slices.Clip(items)
}
