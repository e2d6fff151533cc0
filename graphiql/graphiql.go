// Package graphiql has GraphiQL in it, for the platform's page and for the local AWS.
//
//  1. package.json pins the npm packages. source/graphiql.js is what the pages call: it
//     draws GraphiQL into an element, with subscriptions over AppSync's protocol.
//  2. "make graphiql" (cmd/bundle-graphiql) bundles them into dist, one script and one style
//     sheet, minified and without GraphiQL's own fonts, and adds the packages' licenses.
//  3. dist is committed, so that whoever builds the provider from source needs no npm.
//     "make unit" bundles anew and fails if that gives anything else.
//
// A page may let it run under a Content-Security-Policy of script-src, style-src and
// connect-src for its own files and the API, and images with data: addresses. What of
// its style sheets made by scripts is refused then only keeps the page behind a dialog from
// being scrolled.
package graphiql

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// File is a file of a page.
type File struct {
	// Name is its name with a part of its hash in it, so a file of this name never changes.
	Name    string
	Content []byte
}

// Script is an ECMAScript module. Its show(element, options) draws GraphiQL into an element
// of the page: {url, realtimeUrl, headers, storage, defaultQuery}, see source/graphiql.js.
func Script() File { return file("graphiql.js") }

// Styles is the style sheet that goes with the script.
func Styles() File { return file("graphiql.css") }

// Licenses are those of all packages that are in the script and the styles.
func Licenses() File { return file("licenses.txt") }

// Files are all of them.
func Files() []File { return []File{Script(), Styles(), Licenses()} }

func file(name string) File {
	content, err := dist.ReadFile("dist/" + name)
	if err != nil {
		panic(err) // the compiler embedded it
	}
	sum := sha256.Sum256(content)
	extension := path.Ext(name)
	return File{Name: strings.TrimSuffix(name, extension) + "-" + hex.EncodeToString(sum[:8]) + extension, Content: content}
}
