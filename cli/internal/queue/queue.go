// Package queue runs tasks that depend on each other.
//
//  1. A task is ready when all that it comes after have ended well; it does not wait for
//     others of the same depth.
//  2. Of the ready ones at most [Options.Parallel] run at once; those with the longest way
//     to the end first, and of these the ones that were given first, so that the order is
//     always the same.
//  3. What comes after a task that failed is not run, and its result names the task that
//     failed first. Everything else goes on, unless [Options.FailFast].
//  4. When the context ends, nothing more is started; what runs is waited for.
//
// It knows nothing of stacks: what a task does is a function.
package queue

import (
	"context"
	"slices"
)

// Task is a piece of work.
type Task struct {
	Name string
	// After are the tasks that it comes after. Names that no task has are ignored.
	After []string
}

// Status says how a task ended.
type Status string

// How a task ends.
const (
	// Succeeded is a task that ran and ended well, or had nothing to do.
	Succeeded Status = "succeeded"
	// Failed is a task that ran and ended with an error.
	Failed Status = "failed"
	// Blocked is a task that was not run because one that it comes after failed.
	Blocked Status = "blocked"
	// Cancelled is a task that was not run because no more were to be started.
	Cancelled Status = "cancelled"
)

// Result is how a task ended.
type Result struct {
	Name   string
	Status Status
	// Cause is the failed task that blocks a blocked one.
	Cause string
	Err   error
}

// Options say how to run.
type Options struct {
	// Parallel is how many tasks run at once, 1 at least.
	Parallel int
	// FailFast starts nothing more after a failure.
	FailFast bool
	// Run does a task's work. It may run at once for several tasks.
	Run func(ctx context.Context, name string) error
	// Ended is told of every task's end, in the order in which they end, if it is not nil.
	Ended func(Result)
}

// Run runs the tasks, which must not depend on each other in a circle. The results are in
// the order of the tasks.
func Run(ctx context.Context, tasks []Task, options Options) []Result {
	r := newRun(tasks, options)
	// Tasks that run go on when no more are to be started, so the context of their work
	// does not end with it; who runs them decides what an interrupt means to them.
	working := context.WithoutCancel(ctx)
	stopped := ctx.Done()
	for {
		for r.running < max(options.Parallel, 1) && ctx.Err() == nil && !r.stop {
			next, ready := r.next()
			if !ready {
				break
			}
			r.start(working, next)
		}
		if r.running == 0 {
			break
		}
		select {
		case result := <-r.ended:
			r.end(result)
		case <-stopped:
			stopped = nil // only wakes the loop once
		}
	}
	return r.rest()
}

// run is the state of one [Run].
type run struct {
	options Options
	tasks   []Task
	index   map[string]int
	// waiting is how many tasks a task still waits for, -1 when it has been started;
	// length is its way to the end.
	waiting, length []int
	results         []Result
	ended           chan Result
	running         int
	stop            bool
}

func newRun(tasks []Task, options Options) *run {
	r := &run{options: options, tasks: tasks, index: map[string]int{}, waiting: make([]int, len(tasks)),
		length: make([]int, len(tasks)), results: make([]Result, len(tasks)), ended: make(chan Result)}
	for i, task := range tasks {
		r.index[task.Name] = i
	}
	for i, task := range tasks {
		for _, name := range unique(task.After) {
			if _, known := r.index[name]; known {
				r.waiting[i]++
			}
		}
	}
	for i := range tasks {
		r.measure(i)
	}
	return r
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// measure finds the longest way from a task to the end.
func (r *run) measure(i int) int {
	if r.length[i] == 0 {
		longest := 0
		for j, task := range r.tasks {
			if slices.Contains(task.After, r.tasks[i].Name) {
				longest = max(longest, r.measure(j))
			}
		}
		r.length[i] = longest + 1
	}
	return r.length[i]
}

// next is the ready task to start.
func (r *run) next() (int, bool) {
	best, found := 0, false
	for i, waiting := range r.waiting {
		if waiting == 0 && r.results[i].Status == "" && (!found || r.length[i] > r.length[best]) {
			best, found = i, true
		}
	}
	return best, found
}

func (r *run) start(ctx context.Context, i int) {
	r.waiting[i] = -1
	r.running++
	name := r.tasks[i].Name
	go func() {
		result := Result{Name: name, Status: Succeeded}
		if err := r.options.Run(ctx, name); err != nil {
			result.Status, result.Err = Failed, err
		}
		r.ended <- result
	}()
}

func (r *run) end(result Result) {
	r.running--
	r.settle(result)
	if result.Status == Failed {
		r.stop = r.stop || r.options.FailFast
		r.block(result.Name, result.Name)
		return
	}
	for i, task := range r.tasks {
		if slices.Contains(task.After, result.Name) {
			r.waiting[i]--
		}
	}
}

// block ends everything that comes after a task, directly or not.
func (r *run) block(name, cause string) {
	for i, task := range r.tasks {
		if r.results[i].Status == "" && slices.Contains(task.After, name) {
			r.settle(Result{Name: task.Name, Status: Blocked, Cause: cause})
			r.block(task.Name, cause)
		}
	}
}

func (r *run) settle(result Result) {
	r.results[r.index[result.Name]] = result
	if r.options.Ended != nil {
		r.options.Ended(result)
	}
}

// rest gives all results; what was never started was cancelled.
func (r *run) rest() []Result {
	for i, result := range r.results {
		if result.Status == "" {
			r.settle(Result{Name: r.tasks[i].Name, Status: Cancelled})
		}
	}
	return r.results
}
