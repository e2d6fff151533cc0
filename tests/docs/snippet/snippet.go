// Package snippet reads the fenced code blocks of the documents.
//
//  1. [Documents] are the documents that the project shows to people.
//  2. [Read] gives the blocks of one, each with its language and with what the comment
//     before it says: <!-- check: in=plugin-dcb --> is in no rendered page.
//  3. [Output] gives the block that a test of a command compares with what the command
//     prints. Package docs sees to it that there is such a test.
package snippet

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Block is a fenced code block.
type Block struct {
	// Document is the path below the repository's root, Line that of the fence.
	Document string
	Line     int
	// Language is the first word behind the fence.
	Language string
	// Check are the words of the comment: the values by name, "" for a word without one.
	Check map[string]string
	// Text ends with a line's end.
	Text string
}

// String is where the block is.
func (b Block) String() string { return fmt.Sprintf("%s:%d", b.Document, b.Line) }

// Root is the repository's root.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// patterns are where documents are.
var patterns = []string{
	"*.md", "docs/*.md", "docs/*/*.md", "kits/*/README.md", "examples/*/README.md", "provider/readme/*.md", "provider/testdata/upgrade/*.md",
}

// Documents are the paths of all documents below the root.
func Documents() ([]string, error) {
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(Root(), pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			relative, err := filepath.Rel(Root(), path)
			if err != nil {
				return nil, err
			}
			all = append(all, filepath.ToSlash(relative))
		}
	}
	return all, nil
}

// Read gives the blocks of a document.
func Read(document string) ([]Block, error) {
	text, err := os.ReadFile(filepath.Join(Root(), filepath.FromSlash(document)))
	if err != nil {
		return nil, err
	}
	return Parse(document, string(text))
}

var (
	fence   = regexp.MustCompile("^(`{3,})(.*)$")
	comment = regexp.MustCompile(`^<!-- check: (.*) -->$`)
	// hidden are blocks that the reader would not see: fences in a list or of tildes.
	hidden = regexp.MustCompile("^\\s+`{3,}|^\\s*~{3,}")
)

// Parse gives the blocks of a document's text. A fence that is not at the beginning of its
// line, or has no end, is an error, and so is a comment that is not before a fence.
func Parse(document, text string) ([]Block, error) {
	var blocks []Block
	var open *Block
	var marks string
	check, checkLine := "", 0
	for i, line := range strings.Split(text, "\n") {
		number := i + 1
		match := fence.FindStringSubmatch(line)
		switch {
		case open != nil && line == marks:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.Text += line + "\n"
		case hidden.MatchString(line):
			return nil, fmt.Errorf("%s:%d: begin a fence at the beginning of its line, with backquotes", document, number)
		case match != nil:
			language, _, _ := strings.Cut(strings.TrimSpace(match[2]), " ")
			open = &Block{Document: document, Line: number, Language: language, Check: words(check)}
			marks, check, checkLine = match[1], "", 0
		case check != "":
			return nil, fmt.Errorf("%s:%d: the comment belongs directly before a fence", document, checkLine)
		}
		if found := comment.FindStringSubmatch(line); found != nil && open == nil {
			check, checkLine = found[1], number
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s: the block has no end", open)
	}
	return blocks, nil
}

func words(text string) map[string]string {
	all := map[string]string{}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		all[name] = value
	}
	return all
}

// Output is the text of the block of a document with <!-- check: output=name -->, without
// the lines with the command that prints it.
func Output(t *testing.T, document, name string) string {
	t.Helper()
	blocks, err := Read(document)
	require.NoError(t, err)
	for _, block := range blocks {
		if block.Check["output"] == name {
			return withoutCommands(block.Text)
		}
	}
	require.Failf(t, "no such block", "%s has none with <!-- check: output=%s -->", document, name)
	return ""
}

func withoutCommands(text string) string {
	for strings.HasPrefix(text, "$ ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// Programs are the blocks of a language, such as "typescript", that are Pulumi programs or
// types of a handler. tests/sdk compiles all of them.
func Programs(language string) ([]Block, error) {
	documents, err := Documents()
	if err != nil {
		return nil, err
	}
	var programs []Block
	for _, document := range documents {
		blocks, err := Read(document)
		if err != nil {
			return nil, err
		}
		for _, block := range blocks {
			_, test := block.Check["test"]
			if block.Language == language && !test && !(language == "go" && block.Check["handler"] != "") {
				programs = append(programs, block)
			}
		}
	}
	return programs, nil
}
