package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/cli/internal/queue"
)

var errBroken = errors.New("broken")

// log is what happened, in order.
type log struct {
	mutex  sync.Mutex
	events []string
}

func (l *log) add(format string, arguments ...any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.events = append(l.events, fmt.Sprintf(format, arguments...))
}

func TestOrder(t *testing.T) {
	t.Parallel()
	diamond := []queue.Task{{Name: "a"}, {Name: "b", After: []string{"a"}}, {Name: "c", After: []string{"a", "a"}}, {Name: "d", After: []string{"b", "c", "elsewhere"}}}
	tests := map[string]struct {
		tasks    []queue.Task
		parallel int
		failing  []string
		failFast bool
		started  []string
		statuses []queue.Status
	}{
		"diamond":          {diamond, 4, nil, false, []string{"a", "b", "c", "d"}, []queue.Status{"succeeded", "succeeded", "succeeded", "succeeded"}},
		"given in reverse": {[]queue.Task{diamond[3], diamond[2], diamond[1], diamond[0]}, 1, nil, false, []string{"a", "c", "b", "d"}, []queue.Status{"succeeded", "succeeded", "succeeded", "succeeded"}},
		"failure": {diamond, 1, []string{"b"}, false, []string{"a", "b", "c"},
			[]queue.Status{"succeeded", "failed", "succeeded", "blocked"}},
		"fail fast": {diamond, 1, []string{"b"}, true, []string{"a", "b"},
			[]queue.Status{"succeeded", "failed", "cancelled", "blocked"}},
		"failure at the top": {diamond, 4, []string{"a"}, false, []string{"a"}, []queue.Status{"failed", "blocked", "blocked", "blocked"}},
		"longest way first": {[]queue.Task{{Name: "short"}, {Name: "long"}, {Name: "longer", After: []string{"long"}}}, 1, nil, false,
			[]string{"long", "short", "longer"}, []queue.Status{"succeeded", "succeeded", "succeeded"}},
		"nothing": {nil, 1, nil, false, nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := &log{}
				results := queue.Run(t.Context(), test.tasks, queue.Options{Parallel: test.parallel, FailFast: test.failFast, Run: func(_ context.Context, name string) error {
					time.Sleep(time.Millisecond * time.Duration(1+slices.IndexFunc(test.tasks, func(task queue.Task) bool { return task.Name == name })))
					started.add("%s", name)
					if slices.Contains(test.failing, name) {
						return errBroken
					}
					return nil
				}})
				var statuses []queue.Status
				for i, result := range results {
					assert.Equal(t, test.tasks[i].Name, result.Name)
					statuses = append(statuses, result.Status)
					if result.Status == queue.Blocked {
						assert.Equal(t, test.failing[0], result.Cause)
					}
				}
				assert.Equal(t, test.started, started.events)
				assert.Equal(t, test.statuses, statuses)
			})
		})
	}
}

func TestCancelWaitsForWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var ended []queue.Result
		began := time.Now()
		results := queue.Run(ctx, []queue.Task{{Name: "a"}, {Name: "b", After: []string{"a"}}}, queue.Options{
			Parallel: 1,
			Ended:    func(result queue.Result) { ended = append(ended, result) },
			Run: func(ctx context.Context, _ string) error {
				cancel()
				time.Sleep(time.Second)
				return ctx.Err()
			},
		})
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, []queue.Result{{Name: "a", Status: queue.Succeeded}, {Name: "b", Status: queue.Cancelled}}, results)
		assert.Equal(t, results, ended)
	})
}

// TestRandomGraphs compares with what every run must hold: order, the limit, and that
// nothing waits while it could run.
func TestRandomGraphs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			tasks, failing := graph(random)
			parallel := 1 + random.IntN(4)
			synctest.Test(t, func(t *testing.T) { check(t, tasks, failing, parallel) })
		})
	}
}

func graph(random *rand.Rand) (tasks []queue.Task, failing map[string]bool) {
	failing = map[string]bool{}
	for i := range 1 + random.IntN(20) {
		task := queue.Task{Name: fmt.Sprint(i)}
		for j := range i {
			if random.IntN(4) == 0 {
				task.After = append(task.After, fmt.Sprint(j))
			}
		}
		failing[task.Name] = random.IntN(10) == 0
		tasks = append(tasks, task)
	}
	random.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] })
	return tasks, failing
}

func check(t *testing.T, tasks []queue.Task, failing map[string]bool, parallel int) {
	t.Helper()
	var mutex sync.Mutex
	running, done := 0, map[string]bool{}
	results := queue.Run(t.Context(), tasks, queue.Options{Parallel: parallel, Run: func(_ context.Context, name string) error {
		mutex.Lock()
		running++
		assert.LessOrEqual(t, running, parallel)
		for _, task := range tasks {
			for _, before := range task.After {
				assert.True(t, task.Name != name || done[before], "%s ran before %s", name, before)
			}
		}
		mutex.Unlock()
		time.Sleep(time.Second)
		mutex.Lock()
		defer mutex.Unlock()
		running--
		if failing[name] {
			return errBroken
		}
		done[name] = true
		return nil
	}})
	for i, result := range results {
		blocked := slices.ContainsFunc(tasks[i].After, func(before string) bool { return !done[before] })
		switch {
		case blocked:
			assert.Equal(t, queue.Blocked, result.Status)
			assert.True(t, failing[result.Cause])
		case failing[result.Name]:
			assert.Equal(t, queue.Failed, result.Status)
		default:
			assert.Equal(t, queue.Succeeded, result.Status)
		}
	}
}
