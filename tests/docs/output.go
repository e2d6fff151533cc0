package docs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// text is an error that is provoked, or an output that a test of its command compares.
func (r *run) text() error {
	name := r.Check["error"]
	if name == "" {
		return r.compared()
	}
	provoke, known := errorsOf[name]
	if !known {
		return fmt.Errorf("nothing provokes the error %s: say how in errors.go", name)
	}
	provoked := provoke(r)
	if provoked == nil {
		return fmt.Errorf("the error %s does not happen", name)
	}
	if !strings.Contains(squeezed(provoked.Error()), squeezed(r.Text)) {
		return fmt.Errorf("what is printed is another one:\n%s", provoked)
	}
	return nil
}

// squeezed is a text without the line ends that a document needs for long lines.
func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

// tests are the sources of all tests, which may compare outputs.
var tests = sync.OnceValues(func() (string, error) {
	var all strings.Builder
	for _, folder := range []string{"cli", "cmd", "provider", "runtime", "localaws", "tests"} {
		err := filepath.WalkDir(filepath.Join(snippet.Root(), folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, "_test.go") {
				return nil
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return all.String(), nil
})

func testCalls(call string) (bool, error) {
	text, err := tests()
	return strings.Contains(text, call), err
}

// The lines of a Mermaid flowchart: nodes with a shape and a text, arrows between nodes, and
// groups.
const (
	shape = `(?:\[\([^\]]+\)\]|\(\[[^\]]+\]\)|\{\{[^}]+\}\}|\["[^"]*"\]|\[[^\]"]*\])`
	node  = `\w+` + shape + `?(?::::\w+)?`
	arrow = ` (?:<?-->(?:\|[^|]+\|)?|---|<?-\.->(?:\|[^|]+\|)?|-\.[^.]+\.->|==>) `
)

var (
	chart    = regexp.MustCompile(`^flowchart (?:LR|TD|TB|RL|BT)$`)
	opening  = regexp.MustCompile(`^subgraph \w+(?:\["[^"]+"\])?$`)
	sentence = regexp.MustCompile(`^` + node + `(?:` + arrow + node + `)*$`)
	style    = regexp.MustCompile(`^classDef \w+ \S+$|^direction (?:LR|TD)$`)
)

// mermaid is a diagram that a command prints, or a flowchart. What in it is none of a
// flowchart's lines is an error.
func (r *run) mermaid() error {
	if r.Check["output"] != "" {
		return r.compared()
	}
	depth := 0
	for i, line := range strings.Split(strings.TrimSuffix(r.Text, "\n"), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case i == 0 && !chart.MatchString(line):
			return errors.New("a diagram begins with \"flowchart LR\" or another direction")
		case i == 0 || line == "" || style.MatchString(line):
		case opening.MatchString(line):
			depth++
		case line == "end" && depth > 0:
			depth--
		case sentence.MatchString(line):
		default:
			return fmt.Errorf("Mermaid does not read %q", line)
		}
	}
	if depth != 0 {
		return errors.New("each subgraph has an end")
	}
	return nil
}
