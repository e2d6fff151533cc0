package doctor

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
)

// deadLetters counts what the stack's dead-letter queues hold.
func (e *examination) deadLetters(ctx context.Context, p *patient) {
	if p.state == nil || len(p.state.Plugins)+len(p.state.Platforms) == 0 {
		e.unchecked(checkDeadLetters, p.Name, "nothing of it is deployed, or its state cannot be read")
		return
	}
	queues, err := deadletter.Queues(p.state, "")
	if err != nil || len(queues) == 0 {
		e.add(checkDeadLetters, p.Name, Note, "", "its state tells no dead-letter queues")
		return
	}
	counted, failed := e.count(ctx, queues)
	empty := 0
	for i, queue := range queues {
		switch {
		case failed[i] != nil:
			e.unchecked(checkDeadLetters, p.Name, "the queue %s cannot be read: %s", queue, oneLine(failed[i].Error()))
		case counted[i].Messages > 0:
			e.add(checkDeadLetters, p.Name, Problem, e.redrive(p, queue), "%s could not be processed: the dead-letter queue of %s", plural(counted[i].Messages, "message"), queue)
		default:
			empty++
		}
	}
	if empty == len(queues) {
		e.ok(checkDeadLetters, p.Name, "%s, all empty", plural(empty, "dead-letter queue"))
	}
}

func (e *examination) redrive(p *patient, queue deadletter.Queue) string {
	where := fmt.Sprintf("--cwd %s --stack %s", p.Path, e.plan.Environment)
	if queue.Plugin != nil && len(p.state.Plugins) > 1 {
		where += " --plugin " + queue.Owner
	}
	return fmt.Sprintf("`reventless dlq show %s %s` says what they were; remove the cause, then `reventless dlq redrive %[1]s %[2]s`", queue.Part, where)
}

// count counts the messages of queues, some at a time.
func (e *examination) count(ctx context.Context, queues []deadletter.Queue) ([]deadletter.Counted, []error) {
	counted, failed := make([]deadletter.Counted, len(queues)), make([]error, len(queues))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, queue := range queues {
		group.Go(func() error {
			counted[i], failed[i] = e.AWS.Count(ctx, queue)
			return nil
		})
	}
	_ = group.Wait() // each has its own error
	return counted, failed
}
