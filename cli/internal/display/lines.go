package display

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// Lines writes plain lines.
type Lines struct {
	// All also writes what pulumi prints, instead of the steps that change something.
	All bool
	// Brief leaves out the steps, except such that fail.
	Brief bool

	mutex sync.Mutex
	out   io.Writer
	width int
	verb  string
}

// NewLines makes a display of an operation.
func NewLines(out io.Writer, operation pulumi.Operation, all bool) *Lines {
	return &Lines{All: all, out: out, verb: string(operation)}
}

// Begin aligns the names.
func (l *Lines) Begin(stacks []Stack) {
	for _, stack := range stacks {
		l.width = max(l.width, len(stack.Name))
	}
}

// Started writes that a stack begins.
func (l *Lines) Started(name string) { l.write(name, l.verb+" begins") }

// Step writes a step that changes something, or failed.
func (l *Lines) Step(name string, step pulumi.Step) {
	if l.All || !step.Failed && (l.Brief || !step.Changed()) {
		return
	}
	text := fmt.Sprintf("%s %s %s", step.Operation, step.Type, step.Name)
	if step.Failed {
		text += " failed"
	}
	if step.Duration >= time.Second {
		text += fmt.Sprintf(" (%s)", step.Duration.Round(100*time.Millisecond))
	}
	l.write(name, text)
}

// Retry writes why and when there is another try.
func (l *Lines) Retry(name, reason string, after time.Duration) {
	l.write(name, fmt.Sprintf("failed, and may pass: another try in %s: %s", after.Round(time.Second), reason))
}

// Printed writes what pulumi printed, if all is wanted.
func (l *Lines) Printed(name, line string) {
	if l.All {
		l.write(name, line)
	}
}

// Ended writes how it went; of a failure all that is known.
func (l *Lines) Ended(stack report.Stack) {
	text := string(stack.Status)
	if stack.Reason != "" {
		text += ": " + stack.Reason
	}
	if stack.Status == report.Succeeded {
		text = fmt.Sprintf("%s in %.1f s: %s", l.verb, stack.Seconds, report.Changes(stack.Changes))
	}
	l.write(stack.Name, text)
}

// Note writes a line without a name.
func (l *Lines) Note(text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	fmt.Fprintln(l.out, text)
}

// Close does nothing.
func (l *Lines) Close() {}

// write writes lines with the name before each.
func (l *Lines) write(name, text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(l.out, "%-*s | %s\n", l.width, name, line)
	}
}
