package change

import (
	"fmt"
	"io"
	"strings"
)

// shown is how many files of a reason are printed for people.
const shown = 3

// Print writes the result for people.
func (r *Result) Print(out io.Writer) error {
	var text strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&text, format+"\n", values...) }
	if r.Base.Commit != "" {
		line("Compared with %s (%s), in the environment %s:", r.Base.Commit[:12], r.Base.From, r.Environment)
	} else {
		line("Everything is changed: %s. In the environment %s:", r.Base.Missing, r.Environment)
	}
	changed := 0
	for _, stack := range r.Stacks {
		if !stack.Changed {
			continue
		}
		changed++
		line("%s%s", stack.Name, skipped(stack))
		for _, reason := range stack.Reasons {
			if reason.Rule != RuleNoBase {
				line("  %s", reason)
			}
		}
	}
	line("%d of %d stacks changed.", changed, len(r.Stacks))
	for _, removed := range r.Removed {
		line("%s is not in the manifest any more. If its stack is still there, destroy it, in the repository's root:\n  %s", removed.Project, removed.Command)
	}
	if r.SkipDeploy {
		line("The head commit says %s.", skipMark)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func skipped(stack Stack) string {
	if stack.Skipped == "" {
		return ""
	}
	return " (skipped: " + stack.Skipped + ")"
}

// oneLine writes line ends in names of files as escapes: with a line of its own, a file of a pull
// request could give the runner of a workflow commands.
var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// String is the reason for people, with its first files, in one line.
func (r Reason) String() string {
	if len(r.Files) == 0 {
		return oneLine.Replace(fmt.Sprintf("%s: %s", r.Rule, r.Why))
	}
	files := strings.Join(r.Files[:min(shown, len(r.Files))], ", ")
	if more := len(r.Files) - shown; more > 0 {
		files += fmt.Sprintf(" and %d more", more)
	}
	return oneLine.Replace(fmt.Sprintf("%s: %s (%s)", r.Rule, files, r.Why))
}
