package deadletters

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter/deadlettertest"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

const placeOrder = `{"component":"Order","id":"o1","type":"PlaceOrder","data":{"name":"Ada"},"commandId":"c1"}`

// shard plays a stream of one record.
type shard struct{}

func (shard) GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String("i")}, nil
}

func (shard) GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	return &dynamodbstreams.GetRecordsOutput{Records: []streamtypes.Record{{EventName: streamtypes.OperationTypeInsert, Dynamodb: &streamtypes.StreamRecord{SequenceNumber: aws.String("1")}}}}, nil
}

// relay plays a function; it fails when an error is set.
type relay struct{ failure *string }

func (r relay) Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	return &lambda.InvokeOutput{FunctionError: r.failure, Payload: []byte(`{"batchItemFailures":[]}`)}, nil
}

// run runs the command and returns what it wrote to stdout and stderr.
func run(t *testing.T, client *deadlettertest.SQS, function relay, input string, arguments ...string) (out, talk string, err error) {
	t.Helper()
	return runOn(t, map[string]string{"commands": "u1", "stream-failures": "u2"}, client, function, input, arguments...)
}

// runOn is run on a plugin with these dead-letter queues.
func runOn(t *testing.T, queues map[string]string, client *deadlettertest.SQS, function relay, input string, arguments ...string) (out, talk string, err error) {
	t.Helper()
	read := func(context.Context, stack.Selection) (*stack.Stack, error) {
		return &stack.Stack{
			Name:      "dev",
			Plugins:   []stack.Plugin{{Name: "ordering", Functions: map[string]string{"relay": "relay"}, DeadLetterQueues: queues}},
			Platforms: []stack.Platform{{Name: "shop"}},
		}, nil
	}
	connect := func(context.Context, stack.Provider) (Clients, error) {
		return Clients{SQS: client, Streams: shard{}, Lambda: function}, nil
	}
	e := &environment{read: read, selected: &stack.Selection{}, connect: connect, now: func() time.Time { return time.UnixMilli(1_700_000_000_000).Add(3 * time.Hour) }}
	command := e.command()
	command.SilenceErrors, command.SilenceUsage = true, true
	var stdout, stderr bytes.Buffer
	command.SetOut(&stdout)
	command.SetErr(&stderr)
	command.SetIn(strings.NewReader(input))
	command.SetArgs(arguments)
	err = command.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

func filled() *deadlettertest.SQS {
	client := &deadlettertest.SQS{Sources: map[string][]string{"u1": {"s"}}}
	client.Send("u1", placeOrder, map[string]string{"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "6"})
	return client
}

func TestList(t *testing.T) {
	t.Parallel()
	client := filled()
	out, talk, err := run(t, client, relay{}, "", "list")
	require.NoError(t, err)
	assert.Equal(t, "OWNER      PART              MESSAGES   OLDEST\nordering   commands          1          3h\nordering   stream-failures   0          \n", out)
	assert.Contains(t, talk, "The platform shop does not tell its dead-letter queues")

	out, _, err = run(t, client, relay{}, "", "list", "-o", "json")
	require.NoError(t, err)
	assert.JSONEq(t, `[{"owner":"ordering","part":"commands","messages":1,"hidden":0,"oldest":"2023-11-14T22:13:20Z","url":"u1"},
		{"owner":"ordering","part":"stream-failures","messages":0,"hidden":0,"url":"u2"}]`, out)

	_, _, err = run(t, client, relay{}, "", "list", "-o", "yaml")
	require.ErrorContains(t, err, `"yaml" is not known: use text or json`)
}

// TestDocumentedList has what the documents show.
func TestDocumentedList(t *testing.T) {
	t.Parallel()
	client := filled()
	sent := map[string]string{"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "6"}
	client.Send("u1", placeOrder, sent)
	client.Send("u2", "{}", sent)
	out, _, err := runOn(t, map[string]string{"commands": "u1", "stream-failures": "u2", "tasks": "u3"}, client, relay{}, "", "list")
	require.NoError(t, err)
	trailing := regexp.MustCompile(`(?m) +$`)
	assert.Equal(t, snippet.Output(t, "docs/operating.md", "dlq-list"), trailing.ReplaceAllString(out, ""))
}

func TestShowKeepsPayloadsToItself(t *testing.T) {
	t.Parallel()
	client := filled()
	out, _, err := run(t, client, relay{}, "", "show", "commands")
	require.NoError(t, err)
	assert.Equal(t, "what         command\nto           Order\nid           o1\ntype         PlaceOrder\ncommand      c1\nmessage      m1\nsent         2023-11-14T22:13:20Z\nreceived     6\n", out)
	for _, format := range []string{"text", "json"} {
		out, _, err = run(t, client, relay{}, "", "show", "commands", "-o", format)
		require.NoError(t, err)
		assert.NotContains(t, out, "Ada")
		out, _, err = run(t, client, relay{}, "", "show", "commands", "--body", "-o", format)
		require.NoError(t, err)
		assert.Contains(t, out, "Ada")
	}
	assert.Equal(t, []string{placeOrder}, client.Visible("u1"))

	_, talk, err := run(t, client, relay{}, "", "show", "stream-failures")
	require.NoError(t, err)
	assert.Contains(t, talk, "ordering stream-failures is empty")
	_, _, err = run(t, client, relay{}, "", "show", "command")
	require.ErrorContains(t, err, `Did you mean "commands"?`)
	_, _, err = run(t, client, relay{}, "", "show", "commands", "--max", "0")
	require.ErrorContains(t, err, "at least 1")
}

func TestPurgeAsks(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		input     string
		arguments []string
		failure   error
		purged    bool
		problem   string
	}{
		"yes":            {"y\n", nil, nil, true, ""},
		"no":             {"n\n", nil, nil, false, "nothing was deleted"},
		"nobody there":   {"", nil, nil, false, "nothing was deleted"},
		"without asking": {"", []string{"--yes"}, nil, true, ""},
		"twice":          {"", []string{"--yes"}, &types.PurgeQueueInProgress{}, false, "less than a minute ago"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := filled()
			client.PurgeError = c.failure
			_, talk, err := run(t, client, relay{}, c.input, append([]string{"purge", "commands"}, c.arguments...)...)
			if c.problem == "" {
				require.NoError(t, err)
				assert.Contains(t, talk, "about 1 messages of ordering commands")
			} else {
				require.ErrorContains(t, err, c.problem)
			}
			assert.Equal(t, c.purged, len(client.Purged) == 1)
		})
	}
}

func TestRedriveMovesMessages(t *testing.T) {
	t.Parallel()
	client := filled()
	client.Moves = []types.ListMessageMoveTasksResultEntry{
		{Status: aws.String("RUNNING"), StartedTimestamp: 1, ApproximateNumberOfMessagesToMove: aws.Int64(1)},
		{Status: aws.String("RUNNING"), StartedTimestamp: 1, ApproximateNumberOfMessagesToMove: aws.Int64(1)},
		{Status: aws.String("COMPLETED"), StartedTimestamp: 1, ApproximateNumberOfMessagesMoved: 1},
	}
	out, talk, err := run(t, client, relay{}, "", "redrive", "--all")
	require.NoError(t, err)
	assert.Equal(t, "ordering commands: 1 messages redriven\nordering stream-failures: 0 messages redriven\n", out)
	assert.Contains(t, talk, "ordering commands: 0 of 1 messages")

	for problem, arguments := range map[string][]string{
		"name one part, or give --all": {"redrive"},
		"name one part":                {"redrive", "commands", "--all"},
		"must be from 1 to 500":        {"redrive", "commands", "--rate", "501"},
	} {
		_, _, err := run(t, client, relay{}, "", arguments...)
		require.ErrorContains(t, err, problem)
	}
}

func TestRedriveRepeatsStreamFailures(t *testing.T) {
	t.Parallel()
	report := `{"requestContext":{"functionArn":"arn:aws:lambda:r:1:function:relay"},"DDBStreamBatchInfo":{"shardId":"s","startSequenceNumber":"1","endSequenceNumber":"1",` +
		`"approximateArrivalOfFirstRecord":"2023-11-14T22:13:20Z","approximateArrivalOfLastRecord":"2023-11-14T22:13:20Z","streamArn":"arn:aws:dynamodb:r:1:table/orders/stream/x"}}`
	cases := map[string]struct {
		failure *string
		result  string
		left    []string
		problem string
	}{
		"that succeed":    {nil, `{"owner":"ordering","part":"stream-failures","messages":1,"records":1,"failed":1,"error":%s}`, []string{"no failure"}, "the message m2: the message is no failure"},
		"that fail again": {aws.String("Unhandled"), `{"owner":"ordering","part":"stream-failures","messages":0,"failed":2,"error":%s}`, []string{report, "no failure"}, "the function relay fails still"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &deadlettertest.SQS{}
			client.Send("u2", report, nil)
			client.Send("u2", "no failure", nil)
			out, _, err := run(t, client, relay{c.failure}, "", "redrive", "stream-failures", "-o", "json")
			require.ErrorContains(t, err, c.problem)
			text, encodeErr := json.Marshal(err.Error())
			require.NoError(t, encodeErr)
			assert.JSONEq(t, "["+fmt.Sprintf(c.result, text)+"]", out)
			assert.Equal(t, c.left, client.Visible("u2"), "what is not done can be had again")
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 59 * time.Second: "59s", 61 * time.Second: "1m", 47 * time.Hour: "47h", 49 * time.Hour: "2d",
	} {
		assert.Equal(t, want, age(d))
	}
}
