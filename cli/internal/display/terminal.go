package display

import (
	"fmt"
	"io"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// refreshInterval is how often the times are drawn anew.
const refreshInterval = 200 * time.Millisecond

// Terminal keeps a line for each stack up to date. What failed is written above the lines,
// and stays there.
type Terminal struct {
	program *tea.Program
	ended   chan struct{}
}

// NewTerminal makes a display on a terminal. It reads no keys: an interrupt is for the
// caller.
func NewTerminal(out io.Writer, operation pulumi.Operation) *Terminal {
	t := &Terminal{ended: make(chan struct{})}
	t.program = tea.NewProgram(&view{operation: operation, now: time.Now}, tea.WithOutput(out), tea.WithInput(nil), tea.WithoutSignalHandler())
	go func() {
		defer close(t.ended)
		_, _ = t.program.Run() // without a terminal there is nothing to show
	}()
	return t
}

// change is a message that changes the view.
type change func(*view)

// tick is the message that draws the times anew.
type tick struct{}

// Begin shows the stacks.
func (t *Terminal) Begin(stacks []Stack) {
	t.program.Send(change(func(v *view) {
		for _, stack := range stacks {
			v.rows = append(v.rows, &row{name: stack.Name, total: stack.Resources})
		}
	}))
}

// Started shows that a stack begins.
func (t *Terminal) Started(name string) {
	t.program.Send(change(func(v *view) { v.row(name).began = v.now() }))
}

// Step shows the last resource, and how many are done.
func (t *Terminal) Step(name string, step pulumi.Step) {
	t.program.Send(change(func(v *view) {
		row := v.row(name)
		row.done++
		if step.Changed() || step.Failed {
			row.text = fmt.Sprintf("%s %s", step.Operation, step.Name)
		}
	}))
}

// Retry shows that a stack waits.
func (t *Terminal) Retry(name, reason string, after time.Duration) {
	t.program.Send(change(func(v *view) {
		row := v.row(name)
		row.done, row.text = 0, fmt.Sprintf("another try in %s: %s", after.Round(time.Second), reason)
	}))
}

// Printed shows nothing: it is in the stack's log.
func (t *Terminal) Printed(string, string) {}

// Ended shows how it went, and writes failures above.
func (t *Terminal) Ended(stack report.Stack) {
	if stack.Status == report.Failed {
		t.Note(stack.Name + " failed: " + stack.Reason + "\n  all of it: " + stack.Log)
	}
	t.program.Send(change(func(v *view) { v.row(stack.Name).ended = &stack }))
}

// Note writes a text above.
func (t *Terminal) Note(text string) { t.program.Println(text) }

// Close takes the lines away; the table of the report says it all.
func (t *Terminal) Close() {
	t.program.Send(change(func(v *view) { v.rows = nil }))
	t.program.Quit()
	<-t.ended
}

// view is what is drawn.
type view struct {
	operation pulumi.Operation
	now       func() time.Time
	rows      []*row
	width     int
}

// row is a stack's line.
type row struct {
	name        string
	total, done int
	began       time.Time
	text        string
	ended       *report.Stack
}

func (v *view) row(name string) *row {
	for _, row := range v.rows {
		if row.name == name {
			return row
		}
	}
	return &row{}
}

// Init begins to draw.
func (v *view) Init() tea.Cmd { return ticking() }

func ticking() tea.Cmd {
	return tea.Tick(refreshInterval, func(time.Time) tea.Msg { return tick{} })
}

// Update takes a message.
func (v *view) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case change:
		message(v)
	case tea.WindowSizeMsg:
		v.width = message.Width
	case tick:
		return v, ticking()
	}
	return v, nil
}

// View draws a line for each stack.
func (v *view) View() string {
	names := 0
	for _, row := range v.rows {
		names = max(names, len(row.name))
	}
	var text strings.Builder
	for _, row := range v.rows {
		text.WriteString(v.shorten(fmt.Sprintf("%s %-*s  %s", row.mark(), names, row.name, row.state(v.now()))) + "\n")
	}
	return text.String()
}

// shorten keeps a line from wrapping, which would shift those below it.
func (v *view) shorten(line string) string {
	if runes := []rune(line); v.width > 1 && len(runes) > v.width {
		return string(runes[:v.width-1]) + "…"
	}
	return line
}

func (r *row) mark() string {
	switch {
	case r.ended == nil && r.began.IsZero():
		return "·"
	case r.ended == nil:
		return "▸"
	case r.ended.Status == report.Failed:
		return "✗"
	case r.ended.Status == report.Succeeded || r.ended.Status == report.Unchanged:
		return "✓"
	}
	return "-"
}

func (r *row) state(now time.Time) string {
	switch {
	case r.ended != nil && r.ended.Status == report.Succeeded:
		return fmt.Sprintf("%.1f s  %s", r.ended.Seconds, report.Changes(r.ended.Changes))
	case r.ended != nil:
		reason, _, _ := strings.Cut(r.ended.Reason, "\n")
		return string(r.ended.Status) + "  " + reason
	case r.began.IsZero():
		return "waits"
	}
	resources := fmt.Sprintf("%d resources", r.done)
	if r.total >= r.done {
		resources = fmt.Sprintf("%d of %d resources", r.done, r.total)
	}
	return fmt.Sprintf("%4.0f s  %s  %s", now.Sub(r.began).Seconds(), resources, r.text)
}
