package ci

import (
	"fmt"
	"html"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/graph"
	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// markdown is a text of sections, the important ones first: the end is what is cut off.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, values ...any) { fmt.Fprintf(m, format+"\n", values...) }

var signs = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "\r", " ", "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, `\`, `\\`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "@", "&#64;")

// plain is a text that Markdown shows as it is, in one line.
func plain(text string) string { return signs.Replace(text) }

// pre is a text of lines as it is.
func (m *markdown) pre(text string) { m.line("<pre>%s</pre>\n", html.EscapeString(text)) }

// detected says what is deployed.
func detected(plan *project.Plan, result *change.Result, found *deployment, skipped bool) string {
	var m markdown
	m.line("### Deployment of %s\n", plain(plan.Environment))
	if skipped {
		m.line("**Nothing is deployed**, because the message of the head commit says \\[skip deploy\\]. What changed:\n")
	}
	m.compared(result)
	m.line("| stack | when | why |\n| --- | --- | --- |")
	for _, target := range plan.Targets {
		m.line("| %s | %s | %s |", plain(target.Name), found.when(target), plain(found.reason(target)))
	}
	m.line("")
	m.removed(result)
	m.graph(plan)
	return m.String()
}

// when says when a stack is deployed.
func (d *deployment) when(target project.Target) string {
	if _, chosen := d.why[target.Name]; chosen && target.Platform {
		return "first"
	}
	for i, wave := range d.waves {
		for _, name := range wave {
			if name == target.Name {
				return fmt.Sprintf("wave %d", i+1)
			}
		}
	}
	return "not"
}

func (d *deployment) reason(target project.Target) string {
	if target.Skip != "" {
		return "skipped: " + target.Skip
	}
	if why, chosen := d.why[target.Name]; chosen {
		return why
	}
	return "nothing that it is made of changed"
}

func (m *markdown) compared(result *change.Result) {
	if result.Base.Commit == "" {
		m.line("Everything is changed: %s.\n", plain(result.Base.Missing))
		return
	}
	m.line("Compared with `%s` (%s).\n", result.Base.Commit[:12], plain(result.Base.From))
}

func (m *markdown) removed(result *change.Result) {
	for _, removed := range result.Removed {
		m.line("> [!WARNING]\n> %s is not in the manifest any more, and nothing destroys its stack by itself. If it is not needed, in the repository's root:\n", plain(removed.Project))
		m.pre(removed.Command)
	}
}

func (m *markdown) graph(plan *project.Plan) {
	m.line("<details><summary>The stacks and what they depend on</summary>\n\n```mermaid")
	_ = graph.Draw(plan).Write(m, "mermaid") // a strings.Builder takes everything
	m.line("```\n</details>\n")
}

// deployed says what a run did.
func deployed(done *report.Report) string {
	var m markdown
	m.table(done)
	m.errors(done)
	return m.String()
}

func (m *markdown) table(done *report.Report) {
	m.line("| stack | %s | time | what |\n| --- | --- | --- | --- |", done.Operation)
	for _, stack := range done.Stacks {
		what, _, _ := strings.Cut(stack.Reason, "\n")
		if stack.Status == report.Succeeded {
			what = report.Changes(stack.Changes)
		}
		m.line("| %s | %s | %.0f s | %s |", plain(stack.Name), stack.Status, stack.Seconds, plain(what))
	}
	m.line("")
}

func (m *markdown) errors(done *report.Report) {
	for _, stack := range done.Stacks {
		if stack.Status == report.Failed {
			m.line("**%s failed**\n", plain(stack.Name))
			m.pre(strings.Join(stack.Errors, "\n"))
		}
	}
}

// previewed says what a pull request would deploy; done is nil when that is nothing.
func previewed(plan *project.Plan, result *change.Result, done *report.Report, steps map[string][]pulumi.Step) string {
	var m markdown
	m.line("### Preview of %s\n", plain(plan.Environment))
	m.compared(result)
	if done == nil {
		m.line("Nothing is to be deployed.\n")
		m.skips(plan)
		m.removed(result)
		return m.String()
	}
	m.table(done)
	m.errors(done)
	m.removed(result)
	for _, stack := range done.Stacks {
		if changes := steps[stack.Name]; len(changes) > 0 {
			m.line("<details><summary>%s: %s</summary>\n", plain(stack.Name), plain(report.Changes(stack.Changes)))
			m.steps(changes)
			m.line("</details>\n")
		}
	}
	m.graph(plan)
	return m.String()
}

func (m *markdown) steps(steps []pulumi.Step) {
	lines := make([]string, len(steps))
	for i, step := range steps {
		lines[i] = fmt.Sprintf("%-8s %s %s", step.Operation, step.Type, step.Name)
	}
	m.pre(strings.Join(lines, "\n"))
}

func (m *markdown) skips(plan *project.Plan) {
	for _, target := range plan.Targets {
		if target.Skip != "" {
			m.line("- %s is skipped: %s", plain(target.Name), plain(target.Skip))
		}
	}
	m.line("")
}

// unpreviewed says what a pull request without secrets would deploy.
func unpreviewed(plan *project.Plan, result *change.Result) string {
	var m markdown
	m.line("### No preview of %s\n\nThe pull request comes from a fork or from Dependabot, and runs for these have no secrets. It changes these stacks:\n", plain(plan.Environment))
	for _, stack := range result.Stacks {
		if stack.Changed && stack.Skipped == "" {
			m.line("- %s: %s", plain(stack.Name), plain(first(stack)))
		}
	}
	m.line("")
	m.removed(result)
	return m.String()
}
