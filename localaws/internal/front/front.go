// Package front is the one address of the local AWS: it sees every request and
// decides who answers it.
//
//  1. Paths of our own come first: /graphql/{apiId}, /graphiql/{apiId} and
//     /_localaws/….
//  2. Then the service in the scope of the request's signature decides: appsync, cloudfront,
//     lambda and scheduler are played by packages of this repository.
//  3. Everything else, also requests without signature, goes through [Transport] to
//     moto_server. The transport repairs what moto does otherwise than AWS.
//  4. On the way there, requests of S3 pass [Options.Policies], which keeps the buckets'
//     policies, and [Options.Buckets], which sends the event notifications; SQS's message
//     move tasks are answered by [Options.MoveTasks].
//  5. Each request of an AWS API is counted by service and operation.
//  6. Before anybody answers, [Options.Enforcer] verifies the signature of a request with the
//     credentials of a role, and says whether the role may make it.
package front

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
	"github.com/reventless/pulumi-reventless/localaws/internal/metrics"
)

// Service plays one service of AWS.
type Service interface {
	http.Handler
	// Operation names the operation that a request asks for, or "".
	Operation(*http.Request) string
}

// Scheduler is the service that plays EventBridge Scheduler, with a time of its own.
type Scheduler interface {
	Service
	Now() time.Time
	Advance(by time.Duration)
}

// Buckets sees the requests of S3. It answers them itself or lets next do it.
type Buckets interface {
	Serve(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// AppSync is the service that plays AppSync.
type AppSync interface {
	// ServeAPI serves the control plane, ServeGraphQL the requests of one API.
	ServeAPI(http.ResponseWriter, *http.Request)
	ServeGraphQL(w http.ResponseWriter, r *http.Request, apiID string)
}

// Options say where requests go. All fields but Enforcer and Deliveries must be set.
type Options struct {
	// Moto is the base address of moto_server, reached through Transport.
	Moto      *url.URL
	Transport *Transport
	Lambda    Service
	Scheduler Scheduler
	AppSync   AppSync
	// CloudFront serves the control plane; distributions have ports of their own.
	CloudFront Service
	// Sites lists the distributions.
	Sites   func() any
	Buckets Buckets
	// Policies keeps the policies of buckets.
	Policies Buckets
	// MoveTasks plays SQS's message move tasks.
	MoveTasks Service
	// GraphiQL serves everything below /graphiql/.
	GraphiQL http.Handler
	// Enforcer knows what roles may do; nil lets everybody do everything.
	Enforcer *enforcement.Enforcer
	// Deliveries looks at the policies of queues behind topics; nil lets all topics send.
	Deliveries *Deliveries
	Faults     *faults.Faults
	Metrics    *metrics.Counts
	// Inventory lists everything that exists, Logs the end of a function's output.
	Inventory func(context.Context) ([]inventory.Item, error)
	Logs      func(function string, limit int64) (string, error)
	Logger    *slog.Logger
}

type front struct {
	Options
	proxy http.Handler
}

// New makes the handler of the local AWS.
func New(options Options) http.Handler {
	f := &front{Options: options}
	f.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(options.Moto)
			r.Out.Host = r.In.Host // addresses in answers, as those of queues, are made from it
		},
		Transport:    options.Transport,
		ErrorHandler: f.motoFailed,
		ErrorLog:     slog.NewLogLogger(options.Logger.Handler(), slog.LevelWarn),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/graphql/{API}", func(w http.ResponseWriter, r *http.Request) {
		options.AppSync.ServeGraphQL(w, r, r.PathValue("API"))
	})
	mux.Handle("/graphiql/", options.GraphiQL)
	mux.Handle("/_localaws/", f.admin())
	return f.route(mux)
}

// route asks the mux for our own paths only: it would redirect paths that AWS
// requests may have, such as those with two slashes.
func (f *front) route(own *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := own.Handler(r); pattern != "" {
			own.ServeHTTP(w, r)
			return
		}
		f.serveAWS(w, r)
	})
}

func (f *front) serveAWS(w http.ResponseWriter, r *http.Request) {
	switch service := signedService(r); service {
	case "lambda":
		f.play(f.Lambda, service, w, r)
	case "scheduler":
		f.play(f.Scheduler, service, w, r)
	case "cloudfront":
		f.play(f.CloudFront, service, w, r)
	case "appsync":
		operation := appSyncOperation(r)
		f.Metrics.Add(service, orPath(operation, r))
		if f.authorizePlayed(w, r, service, operation) {
			f.AppSync.ServeAPI(w, r)
		}
	default:
		f.serveMoto(w, r)
	}
}

func (f *front) play(service Service, name string, w http.ResponseWriter, r *http.Request) {
	operation := service.Operation(r)
	f.Metrics.Add(name, orPath(operation, r))
	if f.authorizePlayed(w, r, name, operation) {
		service.ServeHTTP(w, r)
	}
}

func (f *front) serveMoto(w http.ResponseWriter, r *http.Request) {
	call, err := read(r)
	if err != nil {
		http.Error(w, "read the request: "+err.Error(), http.StatusBadRequest)
		return
	}
	f.Metrics.Add(call.service, orPath(call.operation, r))
	if !f.authorize(w, r, call) || !f.deliverable(w, r, call) || f.injectDynamoDBFault(w, call) {
		return
	}
	defer f.forgetPolicies(call)
	defer f.Deliveries.forget(call)
	// Who answers for moto makes requests of its own with the request's context, which
	// must not be taken for this call.
	proxy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.proxy.ServeHTTP(w, r.WithContext(withCall(r.Context(), call)))
	})
	switch {
	case call.service == "s3" || call.isBrowserUpload(r):
		f.Policies.Serve(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.Buckets.Serve(w, r, proxy) }))
	case call.service == "sqs" && f.MoveTasks.Operation(r) != "":
		f.MoveTasks.ServeHTTP(w, r)
	default:
		proxy.ServeHTTP(w, r)
	}
}

func (f *front) motoFailed(w http.ResponseWriter, r *http.Request, err error) {
	f.Logger.Warn("moto_server did not answer", "path", r.URL.Path, "error", err)
	http.Error(w, "moto_server did not answer: "+err.Error(), http.StatusBadGateway)
}

func orPath(operation string, r *http.Request) string {
	if operation == "" {
		return r.Method + " " + r.URL.Path
	}
	return operation
}
