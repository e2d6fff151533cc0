// Package display shows what a run over several stacks is doing, while it does it.
//
//  1. A run tells a [Display] of each stack's begin, steps and end.
//  2. [Lines] writes plain lines, each with the stack's name before it, for CI and files.
//     [Terminal] keeps a line for each stack up to date, on a terminal.
//  3. Both may be told things from several goroutines at once.
package display

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// Display is told what happens.
type Display interface {
	// Begin is told the stacks of the run, with how many resources each has now.
	Begin(stacks []Stack)
	// Started is told that an operation on a stack begins.
	Started(name string)
	// Step is told that an operation on a resource ended.
	Step(name string, step pulumi.Step)
	// Retry is told that an operation failed and is tried again after a while.
	Retry(name, reason string, after time.Duration)
	// Printed is told a line that pulumi printed for a stack.
	Printed(name, line string)
	// Ended is told how it went with a stack.
	Ended(stack report.Stack)
	// Note is told something about the whole run.
	Note(text string)
	// Close ends the display: nothing is told afterwards.
	Close()
}

// Stack is a stack of the run.
type Stack struct {
	Name string
	// Resources is how many there are now, 0 when that is not known.
	Resources int
}

// New makes the display that suits what is written to. Continuous integration may give its
// programs something that looks like a terminal, and keeps each line.
func New(out io.Writer, operation pulumi.Operation, all bool) Display {
	if file, is := out.(*os.File); is && term.IsTerminal(int(file.Fd())) && os.Getenv("CI") == "" && !all {
		return NewTerminal(out, operation)
	}
	return NewLines(out, operation, all)
}
