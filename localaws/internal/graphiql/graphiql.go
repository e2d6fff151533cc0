// Package graphiql serves a page on which GraphQL requests can be tried.
//
//  1. [Handler] serves everything below /graphiql/: the page of an API at
//     /graphiql/{apiId}, its scripts at /graphiql/assets/{name}.
//  2. The page is GraphiQL, from the package of this name, with subscriptions. Nothing is
//     loaded from elsewhere.
//
// An API key, or the token of a user, goes into the field at the top of the page, or into the page's address
// as ?apiKey=…; it is kept in the browser's session storage. Only requests that
// come over the loopback interface are answered.
package graphiql

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strings"
	"time"

	bundle "github.com/reventless/pulumi-reventless/graphiql"
)

// Prefix is the path below which [Handler] serves.
const Prefix = "/graphiql/"

//go:embed page.html page.css page.js
var own embed.FS

// page is the template of the page.
var page = template.Must(template.ParseFS(own, "page.html"))

// Options say what the page is for.
type Options struct {
	// GraphQLPath is the path of an API's endpoint, such as /graphql/ID, on the
	// server that serves the page. nil means /graphql/ and the id.
	GraphQLPath func(apiID string) string
}

// Handler serves the pages of all APIs.
func Handler(options Options) http.Handler {
	if options.GraphQLPath == nil {
		options.GraphQLPath = func(apiID string) string { return "/graphql/" + apiID }
	}
	mux := http.NewServeMux()
	for _, file := range bundle.Files() {
		mux.HandleFunc("GET "+Prefix+"assets/"+file.Name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=31536000, immutable")
			http.ServeContent(w, r, file.Name, time.Time{}, bytes.NewReader(file.Content))
		})
	}
	for _, name := range []string{"page.css", "page.js"} {
		mux.HandleFunc("GET "+Prefix+"assets/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, own, name) })
	}
	mux.HandleFunc("GET "+Prefix+"{apiId}", options.page)
	return loopback(mux)
}

func (o Options) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://"+r.Host)
	id := r.PathValue("apiId")
	// Executing a template only fails when the client has gone.
	_ = page.Execute(w, map[string]any{"API": id, "Path": o.GraphQLPath(id), "Script": bundle.Script().Name, "Styles": bundle.Styles().Name})
}

// loopback refuses requests from other machines, and those that a foreign page's name
// made to reach this one.
func loopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if address := net.ParseIP(host); err != nil || address == nil || !address.IsLoopback() || !localName(r.Host) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": fmt.Sprintf("GraphiQL answers on the loopback interface only, not %s for %s.", host, r.Host)})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || address != nil && address.IsLoopback()
}
