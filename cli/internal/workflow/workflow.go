// Package workflow says something to the GitHub workflow that runs a step.
//
//  1. [New] takes the files of the step's outputs and summary from the environment. Without
//     them, on a desk, outputs are printed and summaries are left out.
//  2. [Step.Output] sets an output, [Step.Summarize] adds Markdown to the summary of the run.
//  3. [Step.Error], [Step.Warning] and [Step.Notice] are annotations of the run.
//  4. No value of the environment's secrets is written, whatever a text says: GitHub hides
//     them in logs, but not in a comment.
package workflow

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// maxSummary is how long a step's summary may be, in bytes; GitHub shows nothing of one of
// more than 1 MiB.
const maxSummary = 1_000_000

// secrets are the names of variables whose values nobody may see.
var secrets = []string{"PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"NPM_TOKEN", "NODE_AUTH_TOKEN", "GITHUB_TOKEN", "REVENTLESS_COGNITO_USER_POOL_ID"}

// Step is the step of a workflow that runs the command.
type Step struct {
	out             io.Writer
	output, summary string
	hidden          *strings.Replacer
}

// New makes the step that the environment describes; out is its log. lookup is
// [os.LookupEnv]. escapes are what is done to parts of the texts before they come here: a
// secret is found as that leaves it too.
func New(out io.Writer, lookup func(string) (string, bool), escapes ...func(string) string) *Step {
	s := &Step{out: out}
	s.output, _ = lookup("GITHUB_OUTPUT")
	s.summary, _ = lookup("GITHUB_STEP_SUMMARY")
	s.hidden = hidden(lookup, escapes)
	return s
}

// hidden replaces the values of secrets, the longest first: one may begin with another.
func hidden(lookup func(string) (string, bool), escapes []func(string) string) *strings.Replacer {
	var values []string
	for _, name := range secrets {
		// Shorter ones would take words out of texts.
		value, _ := lookup(name)
		if value = strings.TrimSpace(value); len(value) < 6 {
			continue
		}
		values = append(values, value)
		for _, escape := range escapes {
			values = append(values, escape(value))
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, "***")
	}
	return strings.NewReplacer(pairs...)
}

// Hide takes the values of the environment's secrets out of a text.
func (s *Step) Hide(text string) string { return s.hidden.Replace(text) }

// Output sets an output of the step to a value of one line.
func (s *Step) Output(name, value string) error {
	if strings.ContainsAny(value, "\r\n") {
		return fmt.Errorf("the value of the output %s has more than one line", name)
	}
	if s.output == "" {
		_, err := fmt.Fprintf(s.out, "%s=%s\n", name, value)
		return err
	}
	return appendTo(s.output, name+"="+value+"\n")
}

// Summarize adds Markdown to the run's summary. What is too long for it is cut off, and said
// so.
func (s *Step) Summarize(markdown string) error {
	if s.summary == "" {
		return nil
	}
	return appendTo(s.summary, Shorten(s.Hide(markdown), maxSummary, "the log has all")+"\n")
}

// Shorten cuts Markdown off after a line so that it has at most limit bytes, with a note that
// says where the rest is.
func Shorten(markdown string, limit int, rest string) string {
	if len(markdown) <= limit {
		return markdown
	}
	kept := markdown[:limit-200-len(rest)]
	if end := strings.LastIndex(kept, "\n"); end > 0 {
		kept = kept[:end]
	}
	kept = strings.ToValidUTF8(kept, "")
	if strings.Count(kept, "\n```")%2 == 1 {
		kept += "\n```"
	}
	if strings.Count(kept, "<pre>") > strings.Count(kept, "</pre>") {
		kept += "</pre>"
	}
	kept += strings.Repeat("\n</details>", max(0, strings.Count(kept, "<details>")-strings.Count(kept, "</details>")))
	return kept + "\n\n_This was shortened: " + rest + "._\n"
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// Error is an annotation of what went wrong.
func (s *Step) Error(title, text string) { s.annotate("error", title, text) }

// Warning is an annotation of what somebody has to look at.
func (s *Step) Warning(title, text string) { s.annotate("warning", title, text) }

// Notice is an annotation of what is good to know.
func (s *Step) Notice(title, text string) { s.annotate("notice", title, text) }

// The escapes of https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (s *Step) annotate(kind, title, text string) {
	fmt.Fprintf(s.out, "::%s title=%s::%s\n", kind, property.Replace(s.Hide(title)), data.Replace(s.Hide(text)))
}
