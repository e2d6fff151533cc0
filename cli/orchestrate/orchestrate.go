// Package orchestrate is the commands that work on all stacks of a deploy-manifest.yaml:
// up, preview, refresh, destroy, status and outputs.
//
//  1. The manifest and the configuration of one environment give the stacks and their order
//     (packages manifest and project). The environment is the stack's name: --stack, or the
//     branch.
//  2. --only, --changed and --resume choose some of them. What does not take part in the
//     environment is skipped, and said so.
//  3. Plugins are installed once, one project after the other, before anything runs at once.
//  4. A stack begins as soon as those that it depends on are done (package queue); destroy
//     goes the other way, and is refused when something that is deployed depends on it.
//  5. A failure that passes is tried again, bounded and with jitter. What depends on a failed
//     stack is blocked; the rest goes on.
//  6. With --changed, a stack that did not change itself is deployed only if the outputs of
//     one that it depends on did.
//  7. A first interrupt starts nothing more and waits for what runs; a second one interrupts
//     that too, and a third one lets pulumi end at once.
//  8. The run is reported as a table, as JSON or JUnit (package report), and kept beside the
//     manifest for --resume.
package orchestrate

import (
	"context"
	"io"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// Pulumi is what the commands need of the pulumi command, see [pulumi.Command].
type Pulumi interface {
	Stacks(ctx context.Context, folder string) ([]pulumi.Info, error)
	Create(ctx context.Context, folder, stack string) error
	Install(ctx context.Context, folder string, output io.Writer) error
	Run(ctx context.Context, request pulumi.Request) (pulumi.Outcome, error)
	Outputs(ctx context.Context, folder, stack string, showSecrets bool) (map[string]any, error)
}

// The codes that a command exits with, beside 0 when everything went well and 1 when
// nothing was begun.
const (
	// CodeFailed is a run in which a stack failed.
	CodeFailed = 2
	// CodeInterrupted is a run that was interrupted.
	CodeInterrupted = 130
)

// Options say what to run and how.
type Options struct {
	Operation pulumi.Operation
	// Only are patterns of names, see package selection; none means all.
	Only []string
	// Changed are the stacks that changed, with the reason; nil means that all are to be run.
	Changed map[string]string
	// Parallel is how many stacks run at once.
	Parallel int
	// FailFast starts nothing more after a failure.
	FailFast bool
	// Resume leaves out what the last run of the same operation did.
	Resume bool
	// Retries is how often a failure that passes is tried again.
	Retries int
	// Arguments are passed on to pulumi.
	Arguments []string
	// SkipInstall leaves plugins and packages as they are.
	SkipInstall bool
}

// Runner runs operations on the stacks of a plan.
type Runner struct {
	Pulumi  Pulumi
	Plan    *project.Plan
	Display display.Display
	// Folder is where runs and logs are kept, in a folder of their own.
	Folder string
	// Abort ends when what was interrupted and hangs is to end at once; it may be nil.
	Abort context.Context

	clock clock
}

// Run runs an operation. When starting ends nothing more is started, when force ends too,
// what runs is interrupted. There is no report, but an error, when nothing was begun.
func (r Runner) Run(starting, force context.Context, options Options) (*report.Report, error) {
	if r.clock.now == nil {
		r.clock = realClock()
	}
	return (&run{pulumi: r.Pulumi, plan: r.Plan, options: options, display: r.Display, folder: r.Folder, clock: r.clock, force: force, abort: r.Abort}).do(starting)
}

// clock is the time, for tests.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

func realClock() clock {
	return clock{now: time.Now, sleep: func(ctx context.Context, wait time.Duration) error {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}}
}
