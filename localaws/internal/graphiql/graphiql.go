// Package graphiql serves a page on which GraphQL requests can be tried.
//
//  1. [Handler] serves everything below /graphiql/: the page of an API at
//     /graphiql/{apiId}, its scripts at /graphiql/assets/{name}.
//  2. The page is GraphiQL when its npm packages are installed beside this package
//     (npm ci in this folder), with nothing loaded from elsewhere.
//  3. Without them it is a small page with a text area, which says how to install
//     GraphiQL.
//  4. Both run subscriptions too, over the same path (realtime.js).
//
// An API key, or the token of a user, goes into the field at the top of the page, or into the page's address
// as ?apiKey=…; it is kept in the browser's session storage. Only requests that
// come over the loopback interface are answered.
package graphiql

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Prefix is the path below which [Handler] serves.
const Prefix = "/graphiql/"

//go:embed page.html plain.html realtime.js
var pages embed.FS

// realtime is the asset that this package brings itself.
const realtime = "realtime.js"

// assets are the files that the page loads, below node_modules.
var assets = map[string]string{
	"react.js":     "react/umd/react.production.min.js",
	"react-dom.js": "react-dom/umd/react-dom.production.min.js",
	"graphiql.js":  "graphiql/graphiql.min.js",
	"graphiql.css": "graphiql/graphiql.min.css",
}

// Options say what the page is for.
type Options struct {
	// GraphQLPath is the path of an API's endpoint, such as /graphql/ID, on the
	// server that serves the page. nil means /graphql/ and the id.
	GraphQLPath func(apiID string) string
	// Modules is the folder node_modules; the one beside this package if empty.
	Modules string
}

// Handler serves the pages of all APIs.
func Handler(options Options) http.Handler {
	if options.GraphQLPath == nil {
		options.GraphQLPath = func(apiID string) string { return "/graphql/" + apiID }
	}
	if options.Modules == "" {
		options.Modules = beside("node_modules")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"assets/{name}", options.asset)
	mux.HandleFunc("GET "+Prefix+"{apiId}", options.page)
	return loopback(mux)
}

// beside is a path in this package's source folder. With -trimpath there is none, so
// the folder is looked for from the working directory up.
func beside(name string) string {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), name)
	}
	folder, err := os.Getwd()
	if err != nil {
		return name
	}
	for ; ; folder = filepath.Dir(folder) {
		candidate := filepath.Join(folder, "localaws", "internal", "graphiql", name)
		if _, err := os.Stat(candidate); err == nil || folder == filepath.Dir(folder) {
			return candidate
		}
	}
}

// Installed says whether the npm packages are there.
func (o Options) Installed() bool {
	for _, path := range assets {
		if _, err := os.Stat(filepath.Join(o.Modules, filepath.FromSlash(path))); err != nil {
			return false
		}
	}
	return true
}

func (o Options) asset(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("name") == realtime {
		http.ServeFileFS(w, r, pages, realtime)
		return
	}
	path, ok := assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFile(w, r, filepath.Join(o.Modules, filepath.FromSlash(path)))
}

func (o Options) page(w http.ResponseWriter, r *http.Request) {
	name := "plain.html"
	if o.Installed() {
		name = "page.html"
	}
	page, err := template.ParseFS(pages, name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; worker-src 'self' blob:; connect-src 'self' ws://"+r.Host)
	id := r.PathValue("apiId")
	// Executing a template only fails when the client has gone.
	_ = page.Execute(w, map[string]any{"API": id, "Path": o.GraphQLPath(id), "Folder": filepath.Dir(o.Modules)})
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
