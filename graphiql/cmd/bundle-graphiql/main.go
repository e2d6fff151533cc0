// Command bundle-graphiql makes the files that package graphiql embeds: one minified script,
// one style sheet, and the licenses of the packages that are in them. It needs the npm
// packages, "npm ci" in the folder graphiql; what it writes depends on package-lock.json and
// the version of esbuild in go.mod alone.
//
//	go run ./graphiql/cmd/bundle-graphiql -folder graphiql
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	folder := flag.String("folder", "graphiql", "the folder with source and node_modules; dist in it is written")
	flag.Parse()
	if err := run(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "bundle-graphiql:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	files, metafile, err := bundle(folder)
	if err != nil {
		return err
	}
	names, err := packages(metafile)
	if err != nil {
		return err
	}
	if files["licenses.txt"], err = licenses(folder, names); err != nil {
		return err
	}
	dist := filepath.Join(folder, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// bundle gives the script and the style sheet, and what they are made of.
func bundle(folder string) (map[string][]byte, string, error) {
	built := api.Build(api.BuildOptions{
		AbsWorkingDir: folder, EntryPoints: []string{"source/graphiql.js"}, Outdir: "dist", Bundle: true, Metafile: true,
		Format: api.FormatESModule, Platform: api.PlatformBrowser, Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
		Define: map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	var problems []error
	for _, message := range built.Errors {
		problems = append(problems, errors.New(message.Text))
	}
	files := map[string][]byte{}
	for _, file := range built.OutputFiles {
		files[filepath.Base(file.Path)] = file.Contents
	}
	return files, built.Metafile, errors.Join(problems...)
}

// packages are the npm packages of which anything is in the bundle, in order.
func packages(metafile string) ([]string, error) {
	var meta struct {
		Inputs map[string]struct{} `json:"inputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	var names []string
	for path := range meta.Inputs {
		place := strings.LastIndex(path, "node_modules/")
		if place < 0 {
			continue
		}
		name := packageFolder(path, place+len("node_modules/"))
		if !found[name] {
			found[name], names = true, append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// packageFolder is the beginning of a path up to the package's name, which has a scope
// perhaps.
func packageFolder(path string, start int) string {
	elements := strings.SplitN(path[start:], "/", 3)
	count := 1
	if strings.HasPrefix(elements[0], "@") {
		count = 2
	}
	return path[:start] + strings.Join(elements[:count], "/")
}

// licenses is a text with all packages' licenses.
func licenses(folder string, names []string) ([]byte, error) {
	text := []byte("GraphiQL as it is used here has these packages in it.\n")
	for _, name := range names {
		described, err := os.ReadFile(filepath.Join(folder, name, "package.json"))
		if err != nil {
			return nil, err
		}
		var about struct{ Name, Version, License string }
		if err := json.Unmarshal(described, &about); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		text = fmt.Appendf(text, "\n%s\n%s %s, %s\n\n", strings.Repeat("-", 80), about.Name, about.Version, about.License)
		given, err := filepath.Glob(filepath.Join(folder, name, "[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]*"))
		if err != nil {
			return nil, err
		}
		if len(given) == 0 {
			continue
		}
		content, err := os.ReadFile(given[0])
		if err != nil {
			return nil, err
		}
		text = append(text, strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))+"\n"...)
	}
	return text, nil
}
