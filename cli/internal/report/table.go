package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Table writes the report for people: a line for each stack, and what the run took.
func (r *Report) Table(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STACK\tSTATUS\tTIME\tWHAT")
	for _, stack := range r.Stacks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", stack.Name, stack.Status, duration(stack.Seconds), stack.what())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s %s: %s in %s%s\n", r.Operation, r.Environment, r.Result, duration(r.Seconds), r.path())
	return err
}

func (r *Report) path() string {
	if len(r.CriticalPath) < 2 {
		return ""
	}
	return fmt.Sprintf("; the longest way was %s, %s", strings.Join(r.CriticalPath, " → "), duration(r.CriticalSeconds))
}

// what says in a line what happened.
func (s Stack) what() string {
	text := firstLine(s.Reason)
	if s.Status == Succeeded {
		text = Changes(s.Changes)
	}
	if s.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", s.Attempts)
	}
	return text
}

// Changes says numbers of resources by operation: "2 create, 1 update".
func Changes(changes map[string]int) string {
	var parts []string
	for _, operation := range slices.Sorted(maps.Keys(changes)) {
		parts = append(parts, fmt.Sprintf("%d %s", changes[operation], operation))
	}
	if len(parts) == 0 {
		return "no changes"
	}
	return strings.Join(parts, ", ")
}

func duration(seconds float64) string {
	if seconds == 0 {
		return "-"
	}
	if seconds < 100 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
