// Package docs checks the documents: links lead somewhere, and every fenced code block is
// executed, or checked by what would read it.
//
//  1. Package snippet reads the blocks. The language says how a block is checked; what it
//     cannot say is in a comment before the fence, such as <!-- check: in=plugin -->. A block
//     for which there is no check is an error.
//  2. YAML is told apart by its keys: programs are constructed by the provider (package
//     program), manifests read by the command line, workflows by actionlint, the
//     configuration of stacks by its keys. A piece of a program is put into a frame of
//     testdata/frames, which has the rest.
//  3. GraphQL is composed with the platform's own schema. Turns and answers are held
//     against their JSON Schemas, handlers run with the turns of testdata/handlers.
//  4. Commands are given to what would parse them (package shell). What commands print is
//     compared by a test of theirs, by [snippet.Output]; errors are provoked here.
//  5. Programs in TypeScript, Python and Go are compiled in tests/sdk, which has the
//     packages.
package docs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/tests/docs/shell"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// run is a block that is checked.
type run struct {
	context.Context
	snippet.Block
	// files are the blocks of the same document that are files, by path.
	files map[string]string
	// folder is a folder of the run's own, with the files and those of testdata/files.
	folder string
}

// checks are the checks by language.
var checks = map[string]func(*run) error{
	"yaml": (*run).yaml, "graphql": (*run).graphql, "json": (*run).json,
	"js": (*run).javascript, "ts": (*run).typescript, "typescript": (*run).compiled, "python": (*run).python, "go": (*run).golang,
	"sh": (*run).script, "console": (*run).console, "mermaid": (*run).mermaid, "text": (*run).text,
}

// commands remembers what was asked.
var commands = &shell.Checker{Root: snippet.Root()}

// attributes are the words that a comment may have.
var attributes = []string{"in", "file", "config", "answer", "policy", "handler", "test", "output", "error", "schema", "generated"}

// check checks a block; others are the blocks of the same document, folder is an empty one.
func check(ctx context.Context, block snippet.Block, others []snippet.Block, folder string) error {
	r := &run{Context: ctx, Block: block, files: map[string]string{}, folder: folder}
	for name := range block.Check {
		if !slices.Contains(attributes, name) {
			return fmt.Errorf("%s: there is no check called %s", block, name)
		}
	}
	for _, other := range others {
		if path := other.Check["file"]; path != "" {
			r.files[path] = other.Text
		}
	}
	how, known := checks[block.Language]
	if !known {
		return fmt.Errorf("%s: nothing checks a block of the language %q", block, block.Language)
	}
	if err := r.prepare(); err != nil {
		return err
	}
	if err := how(r); err != nil {
		return fmt.Errorf("%s: %w", block, err)
	}
	return nil
}

// prepare writes the files into the folder.
func (r *run) prepare() error {
	if err := os.CopyFS(r.folder, os.DirFS(filepath.Join(snippet.Root(), "tests", "docs", "testdata", "files"))); err != nil {
		return err
	}
	for path, text := range r.files {
		if err := r.write(path, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) write(path, text string) error {
	absolute := filepath.Join(r.folder, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(absolute), 0o755); err != nil {
		return err
	}
	return os.WriteFile(absolute, []byte(text), 0o600)
}

// hole is the line of a frame that a piece takes the place of.
const hole = "# snippet"

// framed is the text of the block within its frame, if it has one.
func (r *run) framed(extension string) (string, error) {
	name, has := r.Check["in"]
	if !has {
		return r.Text, nil
	}
	frame, err := os.ReadFile(filepath.Join(snippet.Root(), "tests", "docs", "testdata", "frames", name+extension))
	if err != nil {
		return "", fmt.Errorf("there is no frame %s: %w", name, err)
	}
	for line := range strings.Lines(string(frame)) {
		if strings.TrimSpace(line) != hole {
			continue
		}
		indentation, _, _ := strings.Cut(line, hole)
		var piece strings.Builder
		for part := range strings.Lines(r.Text) {
			piece.WriteString(indentation + part)
		}
		return strings.Replace(string(frame), line, piece.String(), 1), nil
	}
	return "", fmt.Errorf("the frame %s has no line %q", name, hole)
}

// script are commands.
func (r *run) script() error { return commands.Check(r, r.Text) }

// console are commands with what they print, which a test of theirs compares.
func (r *run) console() error {
	script := shell.Script(r.Text)
	if script == "" {
		return fmt.Errorf("a console has lines that begin with \"$ \"")
	}
	if err := commands.Check(r, script); err != nil {
		return err
	}
	if strings.Count(script, "\n") == strings.Count(r.Text, "\n") {
		return nil
	}
	return r.compared()
}

// compared wants a test that compares the block with what is really printed.
func (r *run) compared() error {
	name := r.Check["output"]
	if name == "" {
		return fmt.Errorf("what is printed has to be compared: <!-- check: output=name --> and a test with snippet.Output")
	}
	called := fmt.Sprintf("snippet.Output(t, %q, %q)", r.Document, name)
	found, err := testCalls(called)
	if err == nil && !found {
		err = fmt.Errorf("no test has %s", called)
	}
	return err
}
