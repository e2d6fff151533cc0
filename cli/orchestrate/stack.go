package orchestrate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// The first wait before another try is up to firstRetry, each later one up to twice as long.
const firstRetry = 8 * time.Second

// stack does the operation on one stack.
func (r *run) stack(name string) error {
	if !r.needed(name) {
		r.change(name, func(entry *report.Stack) {
			entry.Status, entry.Reason = report.Unchanged, "nothing that it is made of changed, and no outputs that it reads"
		})
		return nil
	}
	target, _ := r.plan.Target(name)
	began := r.clock.now()
	r.change(name, func(entry *report.Stack) { entry.Started = began.UTC() })
	r.display.Started(name)
	err := r.logged(target)
	r.change(name, func(entry *report.Stack) { entry.Seconds = seconds(r.clock.now().Sub(began)) })
	return err
}

// needed says whether a stack changed, or reads outputs of one that did in this run. Without
// --changed every stack is needed.
func (r *run) needed(name string) bool {
	if _, changed := r.options.Changed[name]; changed || r.options.Changed == nil {
		return true
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.ContainsFunc(r.entry(name).After, func(before string) bool { return r.entry(before).OutputsChanged })
}

// change changes what the report says of a stack.
func (r *run) change(name string, change func(*report.Stack)) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	change(r.entry(name))
}

// logged runs a stack with a log of its own.
func (r *run) logged(target project.Target) error {
	folder := filepath.Join("logs", url.PathEscape(r.plan.Environment))
	if err := report.MakeFolder(r.folder, folder); err != nil {
		return err
	}
	relative := filepath.Join(report.Folder, folder, target.Name+"-"+string(r.options.Operation)+".log")
	log, err := os.OpenFile(filepath.Join(r.folder, relative), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	r.change(target.Name, func(entry *report.Stack) { entry.Log = filepath.ToSlash(relative) })
	lines := &lines{name: target.Name, display: r.display}
	defer lines.flush()
	return r.attempts(target, io.MultiWriter(log, lines))
}

// attempts makes a stack that is not there and tries the operation as often as it may.
func (r *run) attempts(target project.Target, output io.Writer) error {
	if _, exists := r.info(target); !exists {
		if err := r.pulumi.Create(r.force, target.Folder, r.plan.Environment); err != nil {
			return r.failed(target, err)
		}
	}
	for attempt := 1; ; attempt++ {
		r.change(target.Name, func(entry *report.Stack) { entry.Attempts = attempt })
		outcome, err := r.pulumi.Run(r.force, r.request(target, output))
		r.change(target.Name, func(entry *report.Stack) {
			entry.Changes, entry.Resources = outcome.Changes, outcome.Resources
			// An attempt that failed may have changed them; then the next finds them the same.
			entry.Outputs, entry.OutputsChanged = outcome.Outputs, entry.OutputsChanged || outcome.OutputsChanged
		})
		var failure *pulumi.Failure
		if err == nil || !errors.As(err, &failure) || failure.Kind != pulumi.Transient || attempt > r.options.Retries {
			return r.failed(target, err)
		}
		wait := time.Duration(rand.Int64N(int64(firstRetry << (attempt - 1))))
		r.display.Retry(target.Name, firstLine(failure.Errors[0]), wait)
		if r.clock.sleep(r.force, wait) != nil {
			return r.failed(target, err)
		}
	}
}

func (r *run) request(target project.Target, output io.Writer) pulumi.Request {
	return pulumi.Request{
		Operation: r.options.Operation, Folder: target.Folder, Stack: r.plan.Environment, Arguments: r.options.Arguments, Output: output,
		Environment: []string{localconfig.ExpectedStacks + "=" + strings.Join(r.expected(target), ",")},
		Step:        func(step pulumi.Step) { r.display.Step(target.Name, step) },
		Abort:       r.abort,
	}
}

// expected are the stacks of this run that a program reads and that are not deployed yet:
// in a preview they are not there, but will be.
func (r *run) expected(target project.Target) []string {
	return slices.DeleteFunc(slices.Clone(target.References), func(reference string) bool {
		other, known := r.plan.Target(r.plan.Own(reference))
		return !known || other.Skip != "" || !slices.Contains(r.chosen, other.Name)
	})
}

// failed keeps an error for the report, with what to do about it.
func (r *run) failed(target project.Target, err error) error {
	if err == nil {
		return nil
	}
	texts := []string{err.Error()}
	var failure *pulumi.Failure
	if errors.As(err, &failure) {
		texts = slices.Clone(failure.Errors)
		if failure.Kind == pulumi.Locked {
			texts = append(texts, fmt.Sprintf("Something else is deploying the stack: wait for it to end. If it is gone, run `pulumi cancel --stack %s` in %s and then this again",
				r.plan.Environment, target.Path))
		}
		if failure.Kind == pulumi.Interrupted {
			texts = append(texts, "It was interrupted; run the same again, which goes on where it ended")
		}
	}
	r.change(target.Name, func(entry *report.Stack) { entry.Errors = texts })
	return err
}

// lines passes what is printed on to the display, line by line.
type lines struct {
	name    string
	display display.Display
	partial []byte
}

func (l *lines) Write(text []byte) (int, error) {
	l.partial = append(l.partial, text...)
	for {
		line, rest, found := bytes.Cut(l.partial, []byte("\n"))
		if !found {
			return len(text), nil
		}
		l.display.Printed(l.name, string(line))
		l.partial = rest
	}
}

func (l *lines) flush() {
	if len(l.partial) > 0 {
		l.display.Printed(l.name, string(l.partial))
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
