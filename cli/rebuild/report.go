package rebuild

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// How a rebuild ended.
const (
	// StatusRebuilt: the read model has the rows that the events lead to.
	StatusRebuilt = "REBUILT"
	// StatusCompared: a dry run; the read model was not changed.
	StatusCompared = "COMPARED"
	// StatusFailed: the fresh table is there to go on with.
	StatusFailed = "FAILED"
)

// shown is how many keys of rows a report has.
const shown = 10

// Failure is a row that cannot be made.
type Failure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Report says what a run did.
type Report struct {
	ReadModel string `json:"readModel"`
	// Status is one of the Status… constants, "" when nothing was begun.
	Status string `json:"status"`
	// Rows is how many rows were folded, Events how many events were read for that; what an
	// earlier run did is not counted. Rows of several logs are counted once for each.
	Rows   int `json:"rows"`
	Events int `json:"events"`
	// Compared is how many rows were compared with those of the read model, Differ how many
	// of them are others, Gone how many of these have no events.
	Compared int `json:"compared"`
	Differ   int `json:"differ"`
	Gone     int `json:"gone"`
	// Examples are keys of rows that differ, at most 10.
	Examples []string `json:"examples,omitempty"`
	// Touched says that rows of the read model may have been written.
	Touched  bool      `json:"touched"`
	Failures []Failure `json:"failures,omitempty"`
	// Table is the fresh table when it is still there.
	Table   string  `json:"table,omitempty"`
	Seconds float64 `json:"seconds"`
}

// counts is what a run counts, from several goroutines.
type counts struct {
	mu       sync.Mutex
	began    time.Time
	step     string
	counted  Report
	failures []Failure
}

// begin begins a step.
func (c *counts) begin(step string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = step
}

// errTooManyFailures ends a rebuild early.
var errTooManyFailures = fmt.Errorf("%w: %d, so the others were not tried", errRowsFailed, maxFailures)

// add counts rows and returns those that have to be sent again; whether one failed; and
// whether the function got any further with any of them.
func (c *counts) add(rows []protocol.RebuiltRow) (left []string, failed, further bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, row := range rows {
		c.counted.Events += row.Events
		further = further || row.Events > 0 || row.Outcome != protocol.RebuildLeft
		switch row.Outcome {
		case protocol.RebuildLeft:
			left = append(left, row.ID)
		case protocol.RebuildFailed:
			failed = true
			c.failures = append(c.failures, Failure{row.ID, row.Error})
		default:
			c.done(row)
		}
	}
	if len(c.failures) >= maxFailures {
		err = errTooManyFailures
	}
	return left, failed, further, err
}

// done counts a row.
func (c *counts) done(row protocol.RebuiltRow) {
	if c.step == "folding" {
		c.counted.Rows++
		return
	}
	c.counted.Compared++
	if !row.Differs {
		return
	}
	c.counted.Differ++
	if row.Gone {
		c.counted.Gone++
	}
	if len(c.counted.Examples) < shown {
		c.counted.Examples = append(c.counted.Examples, row.ID)
	}
}

// failed is how many rows failed.
func (c *counts) failed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.failures)
}

// report is the report of a run that ended in a status.
func (r *run) report(status string) Report {
	c := &r.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	report := c.counted
	report.ReadModel, report.Status, report.Seconds = r.ReadModel, status, r.Now().Sub(c.began).Seconds()
	report.Failures, report.Examples = slices.Clone(c.failures), slices.Sorted(slices.Values(c.counted.Examples))
	slices.SortFunc(report.Failures, func(a, b Failure) int { return strings.Compare(a.ID, b.ID) })
	report.Touched = status != StatusCompared && r.state.phase != "" && r.state.phase != phaseFold
	if status != "" && !r.removed {
		report.Table = r.described.Fresh
	}
	return report
}

// progressEvery is the time between two lines about the progress.
const progressEvery = 5 * time.Second

// tell tells the progress until the returned function is called.
func (r *run) tell() (stop func()) {
	ended, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for before := 0; ; {
			select {
			case <-ended:
				return
			case <-ticker.C:
				before = r.tellOnce(before)
			}
		}
	}()
	return func() {
		close(ended)
		<-told
	}
}

// tellOnce tells the progress once; before is how many rows there were the last time.
func (r *run) tellOnce(before int) int {
	c := &r.counts
	c.mu.Lock()
	rows := c.counted.Rows + c.counted.Compared
	line := fmt.Sprintf("%s %s: %d rows, %.0f rows/s, %d events read, %d failed",
		c.step, r.ReadModel, rows, float64(rows-before)/progressEvery.Seconds(), c.counted.Events, len(c.failures))
	c.mu.Unlock()
	r.Progress(line)
	return rows
}

// Print writes the report for people. next is the command to go on with.
func (r Report) Print(out io.Writer, next string) error {
	var lines []string
	add := func(format string, values ...any) { lines = append(lines, fmt.Sprintf(format, values...)) }
	switch r.Status {
	case StatusRebuilt:
		add("%s is rebuilt: %d rows folded from %d events in %.0f s, %d compared, %d written, of these %d deleted.",
			r.ReadModel, r.Rows, r.Events, r.Seconds, r.Compared, r.Differ, r.Gone)
	case StatusCompared:
		add("%d of %d rows of %s differ from what the events lead to; of these %d would be deleted. Nothing was changed.", r.Differ, r.Compared, r.ReadModel, r.Gone)
	case StatusFailed:
		add("%s is not rebuilt, %d rows failed. %s", r.ReadModel, len(r.Failures), r.touched())
	default:
		return nil
	}
	if len(r.Examples) > 0 && r.Status == StatusCompared {
		add("For instance: %s", strings.Join(r.Examples, ", "))
	}
	if r.Table != "" {
		add("The table %s is kept.", r.Table)
	}
	if r.Table != "" && r.Status != StatusRebuilt {
		add("Go on with: %s", next)
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return errors.Join(err, r.printFailures(out))
}

// touched says what became of the read model in a rebuild that failed.
func (r Report) touched() string {
	if r.Touched {
		return "The rows that were switched before are the new ones, the others are as they were."
	}
	return "The read model is as it was."
}

// printFailures writes a line for each row that failed.
func (r Report) printFailures(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	if len(r.Failures) > 0 {
		fmt.Fprintln(table, "ID\tREASON")
	}
	for _, failure := range r.Failures {
		fmt.Fprintf(table, "%s\t%s\n", failure.ID, strings.ReplaceAll(failure.Error, "\n", "; "))
	}
	return table.Flush()
}
