package deadletter_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/deadletter/deadlettertest"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

var shop = &stack.Stack{
	Name: "dev",
	Plugins: []stack.Plugin{
		{
			Name:             "catalog",
			Functions:        map[string]string{"commands": "f-commands", "commands-Order": "f-order", "automations": "f-auto", "reactions": "f-react", "reactions-own": "f-own", "tasks": "f-tasks"},
			DeadLetterQueues: map[string]string{"commands": "u1", "commands-Order": "u2", "to-dos": "u3", "products-extension": "u4", "own-extension": "u5", "tasks": "u6", "stream-failures": "u7"},
		},
		{Name: "ordering", DeadLetterQueues: map[string]string{"commands": "u8"}},
	},
	Platforms: []stack.Platform{{Name: "shop", DeadLetterQueues: map[string]string{"registry": "u9"}}},
}

func TestFind(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ plugin, part, url, problem string }{
		"a part":                 {"", "tasks", "u6", ""},
		"of the platform":        {"catalog", "registry", "u9", ""},
		"of one of the plugins":  {"ordering", "commands", "u8", ""},
		"of several plugins":     {"", "commands", "", "name the plugin with --plugin"},
		"misspelt":               {"catalog", "stream-failure", "", `Did you mean "stream-failures"?`},
		"of an unknown plugin":   {"catalogue", "commands", "", `Did you mean "catalog"?`},
		"not of the plugin":      {"ordering", "tasks", "", `there is no dead-letter queue "tasks", but commands, registry`},
		"with an own commands":   {"", "commands-Order", "u2", ""},
		"nothing that is called": {"", "", "", "there is no dead-letter queue"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queues, err := deadletter.Queues(shop, c.plugin)
			var queue deadletter.Queue
			if err == nil {
				queue, err = deadletter.Find(queues, c.part)
			}
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.url, queue.URL)
		})
	}
}

func TestFunction(t *testing.T) {
	t.Parallel()
	queues, err := deadletter.Queues(shop, "")
	require.NoError(t, err)
	functions := map[string]string{}
	for _, queue := range queues {
		functions[queue.URL] = queue.Function()
	}
	assert.Equal(t, map[string]string{
		"u1": "f-commands", "u2": "f-order", "u3": "f-auto", "u4": "f-react", "u5": "f-own", "u6": "f-tasks", "u7": "", "u8": "", "u9": "",
	}, functions)
}

func TestPeekLeavesTheMessages(t *testing.T) {
	t.Parallel()
	client := &deadlettertest.SQS{}
	for i := range 25 {
		client.Send("u", fmt.Sprint(i), map[string]string{"SentTimestamp": fmt.Sprint(1_700_000_000_000 + i)})
	}
	queue := deadletter.Queue{URL: "u"}
	seen, err := deadletter.Peek(t.Context(), client, queue, 23)
	require.NoError(t, err)
	assert.Len(t, seen, 23)
	assert.Len(t, client.Visible("u"), 25)

	counted, err := deadletter.Count(t.Context(), client, queue)
	require.NoError(t, err)
	assert.Equal(t, deadletter.Counted{Messages: 25, Oldest: time.UnixMilli(1_700_000_000_000).UTC(), Sampled: true}, counted)
}

func TestTakeHoldsAllUntilDoneOrReleased(t *testing.T) {
	t.Parallel()
	client := &deadlettertest.SQS{}
	for i := range 12 {
		client.Send("u", fmt.Sprint(i), nil)
	}
	held, err := deadletter.Take(t.Context(), client, deadletter.Queue{URL: "u"})
	require.NoError(t, err)
	require.Len(t, held, 12)
	assert.Empty(t, client.Visible("u"))
	require.NoError(t, deadletter.Renew(t.Context(), held))
	for _, message := range held[:10] {
		require.NoError(t, message.Done(t.Context()))
	}
	require.NoError(t, deadletter.Release(t.Context(), held[10:]))
	assert.Equal(t, []string{"10", "11"}, client.Visible("u"))
}

func TestMove(t *testing.T) {
	t.Parallel()
	state := func(status string, started, moved int64) types.ListMessageMoveTasksResultEntry {
		return types.ListMessageMoveTasksResultEntry{
			Status: &status, StartedTimestamp: started, ApproximateNumberOfMessagesMoved: moved,
			ApproximateNumberOfMessagesToMove: aws.Int64(7), FailureReason: aws.String("AccessDenied"),
		}
	}
	type states = []types.ListMessageMoveTasksResultEntry
	cases := map[string]struct {
		moves    states
		sources  []string
		started  int
		progress []int64
		moved    int64
		problem  string
	}{
		"starts and waits":      {states{state("COMPLETED", 1, 0), state("COMPLETED", 1, 0), state("RUNNING", 2, 3), state("COMPLETED", 2, 7)}, []string{"s"}, 1, []int64{3}, 7, ""},
		"joins one that runs":   {states{state("RUNNING", 1, 2), state("RUNNING", 1, 4), state("COMPLETED", 1, 7)}, []string{"s"}, 0, []int64{4}, 7, ""},
		"fails":                 {states{state("COMPLETED", 1, 0), state("FAILED", 2, 3)}, []string{"s"}, 1, nil, 3, "SQS says FAILED after 3 of 7: AccessDenied"},
		"has nowhere to go":     {states{state("COMPLETED", 1, 0)}, nil, 0, nil, 0, "nowhere to move them to"},
		"leaves several to SQS": {states{state("COMPLETED", 1, 0), state("COMPLETED", 2, 7)}, []string{"s", "t"}, 1, nil, 7, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &deadlettertest.SQS{Moves: c.moves, Sources: map[string][]string{"u": c.sources}}
			var progress []int64
			mover := deadletter.Mover{SQS: client, Rate: 5, Progress: func(m deadletter.Moved) { progress = append(progress, m.Messages) }}
			moved, err := mover.Move(t.Context(), deadletter.Queue{Owner: "catalog", Part: "commands", URL: "u"})
			if c.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.problem)
				require.ErrorContains(t, err, "catalog commands (u)")
			}
			assert.Equal(t, c.moved, moved.Messages)
			assert.Equal(t, c.progress, progress)
			require.Len(t, client.Started, c.started)
			if c.started == 0 {
				return
			}
			assert.Equal(t, "arn:u", *client.Started[0].SourceArn)
			assert.EqualValues(t, 5, *client.Started[0].MaxNumberOfMessagesPerSecond)
			if len(c.sources) == 1 {
				assert.Equal(t, "arn:s", *client.Started[0].DestinationArn)
			} else {
				assert.Nil(t, client.Started[0].DestinationArn)
			}
		})
	}
}

func TestInterruptedMoveGoesOn(t *testing.T) {
	t.Parallel()
	running := types.ListMessageMoveTasksResultEntry{Status: aws.String("RUNNING"), StartedTimestamp: 1}
	client := &deadlettertest.SQS{Moves: []types.ListMessageMoveTasksResultEntry{running}}
	ctx, cancel := context.WithCancel(t.Context())
	mover := deadletter.Mover{SQS: client, Rate: 1, Pause: time.Minute, Progress: func(deadletter.Moved) { cancel() }}
	_, err := mover.Move(ctx, deadletter.Queue{URL: "u"})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "the same command joins it")
}
