// Package deadletter looks at the dead-letter queues of plugins and platforms and empties
// them.
//
//  1. [Queues] lists those of a stack, [Find] takes one by its part.
//  2. [Count] says how many messages are in one, [Peek] reads some without taking them
//     away, [Describe] says in the domain's words what a message was.
//  3. [Move] has SQS bring the messages back to the queue that they came from, and waits.
//     The work goes on in SQS when the wait is interrupted; the next call joins it.
//  4. [Take] holds messages for work on them, which [Held.Done] deletes and [Held.Release]
//     gives back. Whoever dies meanwhile loses nothing: held messages come back by
//     themselves.
package deadletter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// StreamFailures is the part whose queue has the failures of functions that read streams:
// where the records were, not the records.
const StreamFailures = "stream-failures"

// SQS is the part of the SQS client that is needed.
type SQS interface {
	GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ListDeadLetterSourceQueues(ctx context.Context, in *sqs.ListDeadLetterSourceQueuesInput, opts ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error)
	StartMessageMoveTask(ctx context.Context, in *sqs.StartMessageMoveTaskInput, opts ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error)
	ListMessageMoveTasks(ctx context.Context, in *sqs.ListMessageMoveTasksInput, opts ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error)
	PurgeQueue(ctx context.Context, in *sqs.PurgeQueueInput, opts ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error)
}

// Queue is a dead-letter queue.
type Queue struct {
	// Owner is the name of the plugin or platform.
	Owner string
	// Part is what of the owner the messages were sent to.
	Part string
	URL  string
	// Plugin is the plugin that owns it, nil for a platform's.
	Plugin   *stack.Plugin
	Provider stack.Provider
}

// Queues are the dead-letter queues of a stack: those of one plugin, or of all when plugin
// is "", and those of its platforms. They are in the order of owners and parts.
func Queues(s *stack.Stack, plugin string) ([]Queue, error) {
	plugins := s.Plugins
	if plugin != "" {
		chosen, err := s.Plugin(plugin)
		if err != nil {
			return nil, err
		}
		plugins = []stack.Plugin{*chosen}
	}
	var found []Queue
	for i := range plugins {
		p := &plugins[i]
		for part, url := range p.DeadLetterQueues {
			found = append(found, Queue{Owner: p.Name, Part: part, URL: url, Plugin: p, Provider: p.Provider})
		}
	}
	for _, p := range s.Platforms {
		for part, url := range p.DeadLetterQueues {
			found = append(found, Queue{Owner: p.Name, Part: part, URL: url, Provider: p.Provider})
		}
	}
	slices.SortFunc(found, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Part, b.Part))
	})
	return found, nil
}

// Find is the queue of a part. The error says which parts there are.
func Find(queues []Queue, part string) (Queue, error) {
	var matching []Queue
	var parts, owners []string
	for _, q := range queues {
		parts = append(parts, q.Part)
		if q.Part == part {
			matching, owners = append(matching, q), append(owners, q.Owner)
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(matching) > 1:
		return Queue{}, fmt.Errorf("%s all have a dead-letter queue %q: name the plugin with --plugin", strings.Join(owners, ", "), part)
	case len(parts) == 0:
		return Queue{}, fmt.Errorf("nothing in the stack has a dead-letter queue, so there is no %q", part)
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	return Queue{}, fmt.Errorf("there is no dead-letter queue %q, but %s.%s", part, strings.Join(parts, ", "), schema.Suggest(part, parts))
}

// String names the queue to people.
func (q Queue) String() string { return q.Owner + " " + q.Part }

// Function is the physical name of the function whose messages these were, "" for stream
// failures, each of which names its function, and for platforms.
func (q Queue) Function() string {
	if q.Plugin == nil || q.Part == StreamFailures {
		return ""
	}
	if extension, ok := strings.CutSuffix(q.Part, "-extension"); ok {
		return cmp.Or(q.Plugin.Functions[definition.FunctionReactions+"-"+extension], q.Plugin.Functions[definition.FunctionReactions])
	}
	if rest, ok := strings.CutPrefix(q.Part, "to-dos"); ok {
		return q.Plugin.Functions[definition.FunctionAutomations+rest]
	}
	return q.Plugin.Functions[q.Part]
}
