package main

import (
	"bytes"
	"fmt"
	"strings"
)

func step(format string, arguments ...any) {
	fmt.Printf("\n==> "+format+"\n", arguments...)
}

func say(format string, arguments ...any) {
	fmt.Printf("    "+format+"\n", arguments...)
}

// progress passes Pulumi's output on line by line: all of it when verbose, else what
// has been done, what went wrong, the outputs and the summary.
type progress struct {
	verbose bool
	rest    []byte
	// tail is set from the outputs on, of which every line is wanted.
	tail bool
}

// Write prints the whole lines in text and keeps what is left for the next call.
func (p *progress) Write(text []byte) (int, error) {
	p.rest = append(p.rest, text...)
	for {
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 {
			return len(text), nil
		}
		p.line(string(p.rest[:end]))
		p.rest = p.rest[end+1:]
	}
}

func (p *progress) line(line string) {
	p.tail = p.tail || strings.HasPrefix(line, "Outputs:") || strings.HasPrefix(line, "Resources:")
	if strings.TrimSpace(line) != "" && (p.verbose || p.tail || wanted(line)) {
		say("%s", line)
	}
}

// wanted says whether a line tells of something finished or failed.
func wanted(line string) bool {
	for _, word := range []string{" created (", " updated (", " replaced (", " deleted (", "error:", "warning:", "failed"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
