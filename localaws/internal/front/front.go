// Package front is the one address of the local AWS: it sees every request and
// decides who answers it.
//
//  1. Paths of our own come first: /graphql/{apiId}, /graphiql/{apiId} and
//     /_localaws/….
//  2. Then the service in the scope of the request's signature decides: appsync and
//     lambda are played by packages of this repository.
//  3. Everything else, also requests without signature, goes through [Transport] to
//     moto_server. The transport repairs what moto does otherwise than AWS.
//  4. Each request of an AWS API is counted by service and operation.
package front

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
	"github.com/reventless/pulumi-reventless/localaws/internal/metrics"
)

// Lambda is the service that plays Lambda.
type Lambda interface {
	http.Handler
	// Operation names the operation that a request asks for, or "".
	Operation(*http.Request) string
}

// AppSync is the service that plays AppSync.
type AppSync interface {
	// ServeAPI serves the control plane, ServeGraphQL the requests of one API.
	ServeAPI(http.ResponseWriter, *http.Request)
	ServeGraphQL(w http.ResponseWriter, r *http.Request, apiID string)
}

// Options say where requests go. All fields must be set.
type Options struct {
	// Moto is the base address of moto_server, reached through Transport.
	Moto      *url.URL
	Transport *Transport
	Lambda    Lambda
	AppSync   AppSync
	// GraphiQL serves everything below /graphiql/.
	GraphiQL http.Handler
	Faults   *faults.Faults
	Metrics  *metrics.Counts
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
		f.Metrics.Add(service, orPath(f.Lambda.Operation(r), r))
		f.Lambda.ServeHTTP(w, r)
	case "appsync":
		f.Metrics.Add(service, orPath(appSyncOperation(r), r))
		f.AppSync.ServeAPI(w, r)
	default:
		f.serveMoto(w, r)
	}
}

func (f *front) serveMoto(w http.ResponseWriter, r *http.Request) {
	call, err := read(r)
	if err != nil {
		http.Error(w, "read the request: "+err.Error(), http.StatusBadRequest)
		return
	}
	f.Metrics.Add(call.service, orPath(call.operation, r))
	if f.injectDynamoDBFault(w, call) {
		return
	}
	f.proxy.ServeHTTP(w, r.WithContext(withCall(r.Context(), call)))
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
