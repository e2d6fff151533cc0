package orchestrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/queue"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/selection"
)

// run is one run of an operation.
type run struct {
	pulumi  Pulumi
	plan    *project.Plan
	options Options
	display display.Display
	clock   clock
	// folder is where runs and logs are kept.
	folder string
	// force ends when what runs is to be interrupted too, abort when that is to end at once.
	force, abort context.Context

	existing []pulumi.Info
	chosen   []string
	// owed says that an earlier run has left the mark, see settle.go.
	owed bool
	// mutex guards the report while stacks run.
	mutex   sync.Mutex
	report  *report.Report
	earlier map[string]report.Stack
}

// do runs the operation. The context ends when nothing more is to be started. The error is
// of a run that was not begun.
func (r *run) do(ctx context.Context) (*report.Report, error) {
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	r.display.Begin(r.shown())
	for _, stack := range r.report.Stacks {
		if stack.Status != "" {
			r.display.Ended(stack)
		}
	}
	began := r.clock.now()
	if err := r.install(ctx); err != nil {
		return nil, err
	}
	if err := r.unsettle(); err != nil {
		return nil, err
	}
	if err := r.keep(); err != nil {
		return nil, err
	}
	queue.Run(ctx, r.tasks(), queue.Options{Parallel: r.options.Parallel, FailFast: r.options.FailFast, Ended: r.ended,
		Run: func(_ context.Context, name string) error { return r.stack(name) }})
	r.report.Seconds = r.clock.now().Sub(began).Seconds()
	r.report.Finish(ctx.Err() != nil)
	return r.report, errors.Join(r.report.Save(r.folder), r.settle())
}

// keep saves what was done so far, so that --resume goes on from there, and not from an earlier
// run, when this one ends without a word.
func (r *run) keep() error {
	r.mutex.Lock()
	sofar := *r.report
	sofar.Stacks = slices.Clone(r.report.Stacks)
	r.mutex.Unlock()
	for i := range sofar.Stacks {
		if stack := &sofar.Stacks[i]; stack.Status == "" {
			stack.Status, stack.Reason = report.Cancelled, "the run was ended before it ended"
		}
	}
	sofar.Seconds = r.clock.now().Sub(sofar.Started).Seconds()
	sofar.Finish(true)
	return sofar.Save(r.folder)
}

// prepare finds out what is to be done.
func (r *run) prepare(ctx context.Context) error {
	var err error
	if r.chosen, err = selection.Select(r.nodes(), r.options.Only); err != nil {
		return err
	}
	if r.existing, err = r.pulumi.Stacks(ctx, r.plan.Targets[0].Folder); err != nil {
		return err
	}
	if err := r.loadEarlier(); err != nil {
		return err
	}
	if _, owed := r.mark(); owed && r.options.Changed != nil {
		r.options.Changed = nil
		r.display.Note("an earlier run did not deploy all that it should have, so everything is deployed, not only what changed")
	}
	r.report = &report.Report{Operation: string(r.options.Operation), Environment: r.plan.Environment, Started: r.clock.now().UTC()}
	for _, target := range r.plan.Targets {
		if slices.Contains(r.chosen, target.Name) {
			r.report.Stacks = append(r.report.Stacks, r.begun(target))
		}
	}
	if r.options.Operation == pulumi.Destroy {
		return r.checkDependents()
	}
	return nil
}

// begun is what is said of a stack before the run: it has a status if it is not to be run.
func (r *run) begun(target project.Target) report.Stack {
	stack := report.Stack{Name: target.Name, Project: target.Project, Path: target.Path, After: r.after(target.Name)}
	done, resumed := r.earlier[target.Name]
	// What was deployed again since is to be destroyed again.
	resumed = resumed && (r.options.Operation != pulumi.Destroy || !r.deployed(target))
	switch {
	case target.Skip != "":
		stack.Status, stack.Reason = report.Skipped, target.Skip
	case resumed:
		stack.Status, stack.Reason = report.Unchanged, "the run that is resumed did it"
		stack.OutputsChanged, stack.Outputs = done.OutputsChanged, done.Outputs
	case r.options.Operation != pulumi.Up && r.options.Operation != pulumi.Preview && !r.deployed(target):
		stack.Status, stack.Reason = report.Skipped, "it is not deployed"
	case r.options.Changed != nil && !r.mayChange(target.Name):
		stack.Status, stack.Reason = report.Unchanged, "nothing that it is made of changed"
	}
	return stack
}

// loadEarlier reads what the run that is resumed has done.
func (r *run) loadEarlier() error {
	r.earlier = map[string]report.Stack{}
	if !r.options.Resume {
		return nil
	}
	last, err := report.Load(r.folder, string(r.options.Operation), r.plan.Environment)
	switch {
	case err != nil:
		return err
	case last == nil:
		return fmt.Errorf("there is no run of %s %s to resume: run it without --resume", r.options.Operation, r.plan.Environment)
	case last.Result == report.ResultSucceeded:
		return fmt.Errorf("the last run of %s %s did everything, so there is nothing to resume: run it without --resume", r.options.Operation, r.plan.Environment)
	}
	for _, stack := range last.Stacks {
		if stack.Status == report.Succeeded || stack.Status == report.Unchanged {
			r.earlier[stack.Name] = stack
		}
	}
	return nil
}

// nodes are all targets with their order.
func (r *run) nodes() []selection.Node {
	nodes := make([]selection.Node, len(r.plan.Targets))
	for i, target := range r.plan.Targets {
		nodes[i] = selection.Node{Name: target.Name, After: target.After}
	}
	return nodes
}

// after are the chosen stacks that a stack comes after in this operation.
func (r *run) after(name string) []string {
	var names []string
	for _, target := range r.plan.Targets {
		before := slices.Contains(target.After, name)
		if r.options.Operation != pulumi.Destroy {
			own, _ := r.plan.Target(name)
			before = slices.Contains(own.After, target.Name)
		}
		if before && slices.Contains(r.chosen, target.Name) {
			names = append(names, target.Name)
		}
	}
	return names
}

// mayChange says whether a stack changed, or comes after one that did.
func (r *run) mayChange(name string) bool {
	if _, changed := r.options.Changed[name]; changed {
		return true
	}
	for changed := range r.options.Changed {
		if slices.Contains(r.chosen, changed) && slices.Contains(selection.Dependents(r.nodes(), changed), name) {
			return true
		}
	}
	return false
}

// checkDependents refuses to destroy what something depends on that stays.
func (r *run) checkDependents() error {
	var problems []error
	for _, stack := range r.report.Stacks {
		if stack.Status != "" {
			continue
		}
		left, skipped := r.staying(stack.Name)
		if len(left) > 0 {
			problems = append(problems, fmt.Errorf("%s cannot be destroyed: %s %s it and would stay; destroy with --only '%[1]s...', which takes them too",
				stack.Name, strings.Join(left, ", "), depend(len(left))))
		}
		for _, other := range skipped {
			problems = append(problems, fmt.Errorf("%s cannot be destroyed: %s depends on it, is deployed and would stay, since it does not take part (%s); undo that, or destroy it by 'pulumi destroy --stack %s' in %s",
				stack.Name, other.Name, other.Skip, r.plan.Environment, other.Path))
		}
	}
	return errors.Join(problems...)
}

// staying are the stacks that are deployed, depend on one and are not destroyed in this run: those
// that were left out, and those that are skipped.
func (r *run) staying(name string) (left []string, skipped []project.Target) {
	for _, other := range selection.Dependents(r.nodes(), name) {
		target, _ := r.plan.Target(other)
		switch chosen := slices.Contains(r.chosen, other); {
		case !r.deployed(target) || chosen && r.entry(other).Status == "":
		case target.Skip != "":
			skipped = append(skipped, target)
		default:
			left = append(left, other)
		}
	}
	return left, skipped
}

func depend(count int) string {
	if count == 1 {
		return "depends on"
	}
	return "depend on"
}

// info is what the backend knows of a target's stack.
func (r *run) info(target project.Target) (pulumi.Info, bool) {
	return find(r.existing, target, r.plan.Environment)
}

func find(existing []pulumi.Info, target project.Target, environment string) (pulumi.Info, bool) {
	for _, info := range existing {
		if info.Is(target.Project, environment) {
			return info, true
		}
	}
	return pulumi.Info{}, false
}

// deployed says whether a target's stack has resources.
func (r *run) deployed(target project.Target) bool {
	info, exists := r.info(target)
	return exists && info.Resources > 0
}

// shown are the stacks for the display.
func (r *run) shown() []display.Stack {
	var stacks []display.Stack
	for _, stack := range r.report.Stacks {
		target, _ := r.plan.Target(stack.Name)
		info, _ := r.info(target)
		stacks = append(stacks, display.Stack{Name: stack.Name, Resources: info.Resources})
	}
	return stacks
}

// tasks are the stacks that are to be run. Those that are not hold nobody up.
func (r *run) tasks() []queue.Task {
	var tasks []queue.Task
	for _, stack := range r.report.Stacks {
		if stack.Status == "" {
			tasks = append(tasks, queue.Task{Name: stack.Name, After: r.through(stack.Name)})
		}
	}
	return tasks
}

// through are the stacks to wait for: those that a stack comes after and, for such that are
// not run, those that they come after.
func (r *run) through(name string) []string {
	seen, names := map[string]bool{}, []string(nil)
	for waiting := r.entry(name).After; len(waiting) > 0; waiting = waiting[1:] {
		if seen[waiting[0]] {
			continue
		}
		seen[waiting[0]] = true
		if entry := r.entry(waiting[0]); entry.Status != "" {
			waiting = append(slices.Clone(waiting), entry.After...)
			continue
		}
		names = append(names, waiting[0])
	}
	return names
}

// entry is what the report says of a stack.
func (r *run) entry(name string) *report.Stack {
	for i := range r.report.Stacks {
		if r.report.Stacks[i].Name == name {
			return &r.report.Stacks[i]
		}
	}
	return &report.Stack{}
}

// ended takes the end of a task, of those too that were never begun.
func (r *run) ended(result queue.Result) {
	r.mutex.Lock()
	entry := r.entry(result.Name)
	switch result.Status {
	case queue.Blocked:
		entry.Status, entry.Reason = report.Blocked, result.Cause+" failed"
	case queue.Cancelled:
		entry.Status, entry.Reason = report.Cancelled, "the run was ended before it began"
	case queue.Failed:
		entry.Status, entry.Reason = report.Failed, cmp.Or(strings.Join(entry.Errors, "\n"), result.Err.Error())
	case queue.Succeeded:
		entry.Status = cmp.Or(entry.Status, report.Succeeded)
	}
	ended := *entry
	r.mutex.Unlock()
	_ = r.keep() // the whole report is saved in the end, and that is an error
	r.display.Ended(ended)
}

// seconds is a span of time for the report, to the millisecond.
func seconds(span time.Duration) float64 { return span.Round(time.Millisecond).Seconds() }
