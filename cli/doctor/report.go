package doctor

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"
)

// Version is the version of the JSON form.
const Version = 1

// Schema is the JSON Schema of a [Report].
//
//go:embed doctor.schema.json
var Schema []byte

// Status says how it is with one thing.
type Status string

// The statuses.
const (
	// OK is as it should be.
	OK Status = "ok"
	// Note is worth knowing, and nothing is to be done.
	Note Status = "note"
	// Warning may be meant so, or else is to be mended.
	Warning Status = "warning"
	// Problem keeps something from working.
	Problem Status = "problem"
	// Unchecked could not be looked at.
	Unchecked Status = "unchecked"
)

// The checks.
const (
	checkPulumi       = "pulumi"
	checkLogin        = "login"
	checkManifest     = "manifest"
	checkEnvironment  = "environment"
	checkStack        = "stack"
	checkLocalFile    = "local-file"
	checkValues       = "configuration"
	checkPlatform     = "platform"
	checkDependencies = "dependencies"
	checkOrder        = "order"
	checkCredentials  = "credentials"
	checkRelease      = "release"
	checkConnection   = "connection"
	checkDeadLetters  = "dead-letters"
)

// stackChecks are those that are made of each stack.
var stackChecks = []string{
	checkStack, checkLocalFile, checkValues, checkPlatform, checkDependencies, checkOrder, checkCredentials, checkRelease, checkConnection, checkDeadLetters,
}

// Finding is what a check found.
type Finding struct {
	Check string `json:"check"`
	// Stack is the name in the manifest, "" for what is about no single stack.
	Stack  string `json:"stack,omitempty"`
	Status Status `json:"status"`
	// Text says what was found and why it matters, Fix how it is mended.
	Text string `json:"text"`
	Fix  string `json:"fix,omitempty"`
}

// Report is all that was found.
type Report struct {
	Version int `json:"version"`
	// Environment is the name of the stacks, "" when it is not known.
	Environment string    `json:"environment,omitempty"`
	Started     time.Time `json:"started"`
	Seconds     float64   `json:"seconds"`
	// Result is the worst status: ok, warning or problem.
	Result   Status         `json:"result"`
	Counts   map[Status]int `json:"counts"`
	Findings []Finding      `json:"findings"`
}

func (e *examination) report(began time.Time) *Report {
	r := &Report{Version: Version, Started: began.UTC(), Seconds: e.Now().Sub(began).Seconds(), Result: OK, Counts: map[Status]int{}, Findings: e.findings}
	if e.plan != nil {
		r.Environment = e.plan.Environment
	}
	for _, status := range []Status{OK, Note, Warning, Problem, Unchecked} {
		r.Counts[status] = 0
	}
	for _, finding := range e.findings {
		r.Counts[finding.Status]++
	}
	if r.Counts[Warning]+r.Counts[Unchecked] > 0 {
		r.Result = Warning
	}
	if r.Counts[Problem] > 0 {
		r.Result = Problem
	}
	return r
}

// add notes a finding.
func (e *examination) add(check, stack string, status Status, fix, format string, arguments ...any) {
	e.findings = append(e.findings, Finding{Check: check, Stack: stack, Status: status, Text: fmt.Sprintf(format, arguments...), Fix: fix})
}

func (e *examination) ok(check, stack, format string, arguments ...any) {
	e.add(check, stack, OK, "", format, arguments...)
}

// unchecked notes that a check could not be made.
func (e *examination) unchecked(check, stack, because string, arguments ...any) {
	e.add(check, stack, Unchecked, "", "not checked, because "+because, arguments...)
}

// Table writes the report for people. What is ok is left out unless all is asked for; what is
// the same of several stacks is said once.
func (r *Report) Table(out io.Writer, all bool) error {
	var text strings.Builder
	for _, finding := range together(r.Findings) {
		if finding.Status == OK && !all {
			continue
		}
		fmt.Fprintf(&text, "%-9s  %s: %s\n", finding.Status, finding.subject(), indent(finding.Text))
		if finding.Fix != "" {
			fmt.Fprintf(&text, "%11s→ %s\n", "", indent(finding.Fix))
		}
	}
	if text.Len() > 0 {
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, "%s, %s, %d ok", plural(r.Counts[Problem], "problem"), plural(r.Counts[Warning], "warning"), r.Counts[OK])
	if n := r.Counts[Note]; n > 0 {
		fmt.Fprintf(&text, ", %s", plural(n, "note"))
	}
	if n := r.Counts[Unchecked]; n > 0 {
		fmt.Fprintf(&text, ", %d not checked", n)
	}
	text.WriteString("\n")
	_, err := io.WriteString(out, text.String())
	return err
}

// together makes one of findings that follow each other and differ by their stacks only.
func together(findings []Finding) []Finding {
	var merged []Finding
	for _, finding := range findings {
		if last := len(merged) - 1; last >= 0 && finding.Stack != "" {
			alike := finding
			alike.Stack = merged[last].Stack
			if alike == merged[last] {
				merged[last].Stack += ", " + finding.Stack
				continue
			}
		}
		merged = append(merged, finding)
	}
	return merged
}

func (f Finding) subject() string {
	if f.Stack == "" {
		return f.Check
	}
	return f.Stack + " " + f.Check
}

func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", 13))
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
