package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// testTasks are tasks of each sort.
var testTasks = map[string]definition.Task{
	"Text":  {Bucket: "texts", Read: true, Write: true, Prefix: "in/", Content: definition.ContentText},
	"Lines": {Bucket: "lines", Read: true, Content: definition.ContentLines, Lines: 2},
	"Names": {Bucket: "names", Read: true, Content: definition.ContentNone},
	"Daily": {Bucket: "reports", Write: true},
}

// buckets are objects of S3 by bucket, key and version.
type buckets struct {
	mu       sync.Mutex
	versions map[objectVersion]string
	written  []string
	reads    int
	// fail lets the n-th reading fail, cut shortens what it gives.
	fail func(n int) error
	cut  func(n int) bool
	put  func() error
}

func (b *buckets) content(bucket, key, version *string) (string, error) {
	content, ok := b.versions[objectVersion{Bucket: *bucket, Key: *key, VersionID: *version}]
	if !ok {
		return "", &types.NotFound{Message: aws.String("no such version")}
	}
	return content, nil
}

func (b *buckets) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	content, err := b.content(in.Bucket, in.Key, in.VersionId)
	modified := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return &s3.HeadObjectOutput{ContentLength: aws.Int64(int64(len(content))), ContentType: aws.String("text/csv"), LastModified: &modified}, err
}

func (b *buckets) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	if b.fail != nil {
		if err := b.fail(b.reads); err != nil {
			return nil, err
		}
	}
	content, err := b.content(in.Bucket, in.Key, in.VersionId)
	if err != nil {
		return nil, err
	}
	var first, last int
	if _, err := fmt.Sscanf(*in.Range, "bytes=%d-%d", &first, &last); err != nil || last >= len(content) {
		return nil, fmt.Errorf("the range %s is invalid", *in.Range)
	}
	part := content[first : last+1]
	if b.cut != nil && b.cut(b.reads) {
		part = ""
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(part))}, nil
}

func (b *buckets) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.put != nil {
		if err := b.put(); err != nil {
			return nil, err
		}
	}
	content, err := io.ReadAll(in.Body)
	b.written = append(b.written, strings.Join([]string{*in.Bucket, *in.Key, *in.ContentType, string(content)}, "|"))
	return &s3.PutObjectOutput{}, err
}

// taskBench is an engine for tasks.
type taskBench struct {
	*bench
	buckets *buckets
	turns   []turn.Turn
	// answers answers turns.
	answers func(ctx context.Context, t turn.Turn) (any, error)
}

// newTaskBench builds an engine for tasks whose handler sends a command for each line.
func newTaskBench(t *testing.T, change ...func(*Config)) *taskBench {
	tb := &taskBench{buckets: &buckets{versions: map[objectVersion]string{}}, answers: countsLines}
	change = append([]func(*Config){func(c *Config) {
		c.Definition.Tasks, c.Definition.Schedules = testTasks, testSchedules
		c.S3, c.Scheduler, c.Schedules = tb.buckets, &schedules{}, testScheduleTarget
		c.CommandQueueURL = "http://queue/123456789012/commands.fifo"
	}}, change...)
	tb.bench = newBench(t, definition.FunctionTasks, script{turn.RunTask: func(ctx context.Context, t turn.Turn) (any, error) {
		tb.turns = append(tb.turns, t)
		return tb.answers(ctx, t)
	}}, change...)
	return tb
}

// countsLines sends a command for each line, to the aggregate id that the line is.
func countsLines(_ context.Context, t turn.Turn) (any, error) {
	commands := []turn.CommandTo{}
	if t.Object != nil {
		for _, line := range t.Object.Lines {
			if line == "poison" {
				return nil, &turn.HandlerError{Kind: turn.Threw, Message: "poisoned"}
			}
			commands = append(commands, turn.CommandTo{To: "Product", ID: line, Type: "Count", Data: json.RawMessage(`{}`)})
		}
	}
	return turn.Answer{Commands: commands}, nil
}

// put makes a version of an object, and returns S3's notification of it.
func (b *taskBench) put(bucket, key, version, content string) events.SQSMessage {
	b.buckets.versions[objectVersion{Bucket: bucket, Key: key, VersionID: version}] = content
	return b.notify("ObjectCreated:Put", bucket, key, version)
}

// notify is a notification of S3.
func (b *taskBench) notify(event, bucket, key, version string) events.SQSMessage {
	object := map[string]any{"key": strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), "size": 1, "versionId": version}
	return b.message(map[string]any{"Records": []any{map[string]any{
		"eventSource": "aws:s3", "eventName": event, "eventTime": "2026-03-01T08:00:01.000Z",
		"s3": map[string]any{"bucket": map[string]any{"name": bucket}, "object": object},
	}}})
}

// message is a message of the task queue.
func (b *taskBench) message(body any) events.SQSMessage {
	m := message(b.t, "tasks", "m1", "", body)
	delete(m.Attributes, attributeGroup)
	return m
}

// commands are the commands that were sent.
func (b *taskBench) commands() (commands []protocol.Command) {
	for _, in := range b.queues.sent {
		var command protocol.Command
		if *in.QueueUrl == b.engine.CommandQueueURL {
			require.NoError(b.t, json.Unmarshal([]byte(*in.MessageBody), &command))
			commands = append(commands, command)
		}
	}
	return commands
}

// rests are the rests of objects that were left, as messages of the task queue.
func (b *taskBench) rests() (rests []events.SQSMessage) {
	for _, in := range b.queues.sent {
		if *in.QueueUrl == "http://queue/123456789012/tasks" {
			rests = append(rests, b.message(json.RawMessage(*in.MessageBody)))
		}
	}
	return rests
}

// ids are the aggregate ids of commands, in order.
func ids(commands []protocol.Command) (ids []string) {
	for _, command := range commands {
		ids = append(ids, command.ID)
	}
	return ids
}

func TestAnObjectAsText(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	b.answers = func(context.Context, turn.Turn) (any, error) {
		return `{"commands":[{"to":"Product","id":"p1","type":"Count","data":{}}],"objects":[{"key":"out/Größe 1.txt","text":"täxt"},{"key":"a","contentType":"text/csv","text":""}]}`, nil
	}
	m := b.put("texts", "in/Größe 1+2 %.txt", "v1", "\uFEFFäöü\r\n€")
	for range 2 {
		assert.Empty(t, b.queue(t.Context(), m))
	}
	version := objectVersion{Task: "Text", Bucket: "texts", Key: "in/Größe 1+2 %.txt", VersionID: "v1"}
	text := "äöü\r\n€"
	require.Len(t, b.turns, 2)
	assert.Equal(t, turn.Turn{
		Kind: turn.RunTask, Version: turn.Version, Plugin: "catalog", Component: "Text",
		Object: &turn.Object{Key: "in/Größe 1+2 %.txt", VersionID: "v1", Size: 14, ContentType: "text/csv", Text: &text},
		Meta:   turn.Meta{CorrelationID: version.cause(0), CausationID: version.cause(0), Time: "2026-03-01T08:00:00.000Z"},
	}, b.turns[0])
	assert.Equal(t, b.turns[0], b.turns[1])
	commands := b.commands()
	require.Len(t, commands, 2)
	assert.Equal(t, commands[0], commands[1], "the same id when the message comes again")
	assert.Equal(t, version.cause(0), commands[0].CorrelationID)
	assert.Equal(t, []string{"texts|out/Größe 1.txt|text/plain; charset=utf-8|täxt", "texts|a|text/csv|"}, b.buckets.written[:2])

	assert.Empty(t, b.queue(t.Context(), b.put("texts", "in/Größe 1+2 %.txt", "v2", "x")))
	assert.NotEqual(t, commands[0].CommandID, b.commands()[2].CommandID, "a new version is new work")
}

func TestAnObjectByNameOnly(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	assert.Empty(t, b.queue(t.Context(), b.put("names", "a.bin", "v1", "\xff\xfe")))
	require.Len(t, b.turns, 1)
	assert.Equal(t, &turn.Object{Key: "a.bin", VersionID: "v1", Size: 2, ContentType: "text/csv"}, b.turns[0].Object)
	assert.Zero(t, b.buckets.reads)
}

func TestMessagesOfS3ThatNeedNoWork(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	assert.Empty(t, b.queue(t.Context(),
		b.message(map[string]string{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "texts"}),
		b.notify("ObjectRemoved:Delete", "texts", "in/a", "v1"), b.put("texts", "out/a", "v1", "x")))
	assert.Empty(t, b.turns)
	assert.Empty(t, b.queues.sent)
}

func TestTaskMessagesThatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		message func(*taskBench) events.SQSMessage
		want    string
	}{
		"no notification": {func(b *taskBench) events.SQSMessage { return b.message(map[string]string{}) }, "neither a notification"},
		"no object":       {func(b *taskBench) events.SQSMessage { return b.message([]int{}) }, "cannot be read"},
		"unknown bucket":  {func(b *taskBench) events.SQSMessage { return b.put("other", "a", "v1", "x") }, `no task of the plugin reads the bucket \"other\"`},
		"bucket not read": {func(b *taskBench) events.SQSMessage { return b.put("reports", "a", "v1", "x") }, "no task of the plugin reads"},
		"no version":      {func(b *taskBench) events.SQSMessage { return b.put("texts", "in/a", "", "x") }, "turn on the bucket's versioning"},
		"version is gone": {func(b *taskBench) events.SQSMessage { return b.notify("ObjectCreated:Put", "texts", "in/a", "v1") }, "no such version"},
		"odd key": {func(b *taskBench) events.SQSMessage {
			return b.message(json.RawMessage(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"%"}}}]}`))
		}, "cannot be read"},
		"too large": {func(b *taskBench) events.SQSMessage {
			return b.put("texts", "in/a", "v1", strings.Repeat("x", maxText+1))
		}, "declare content: lines"},
		"no UTF-8":      {func(b *taskBench) events.SQSMessage { return b.put("texts", "in/a", "v1", "a\xff") }, "no text in UTF-8"},
		"line no UTF-8": {func(b *taskBench) events.SQSMessage { return b.put("lines", "a", "v1", "a\nb\n\xff\n") }, "line 3 is no text in UTF-8"},
		"line too long": {func(b *taskBench) events.SQSMessage {
			return b.put("lines", "a", "v1", "a\n"+strings.Repeat("x", maxLines+1))
		}, "line 2 has more than 1048576 bytes"},
		"line far too long": {func(b *taskBench) events.SQSMessage { return b.put("lines", "a", "v1", strings.Repeat("x", 3<<20)) }, "line 1 has more than 1048576 bytes"},
		"poison":            {func(b *taskBench) events.SQSMessage { return b.put("lines", "a", "v1", "h\npoison") }, "poisoned"},
		"unknown task": {func(b *taskBench) events.SQSMessage {
			return b.message(protocol.Trigger{Reventless: protocol.TriggerTask, Task: "X", Time: "2026-03-01T04:00:00Z"})
		}, "does not declare"},
		"no scheduled time": {func(b *taskBench) events.SQSMessage {
			return b.message(protocol.Trigger{Reventless: protocol.TriggerTask, Task: "Daily"})
		}, protocol.ScheduledTime},
		"rest of no task": {func(b *taskBench) events.SQSMessage {
			return b.message(map[string]any{"reventless": triggerRest, "rest": objectRest{objectVersion: objectVersion{Task: "Lines", Bucket: "former"}}})
		}, "no task"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t)
			good := b.put("names", "a", "v1", "x")
			good.MessageId = "m2"
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), c.message(b), good), "only the one that fails")
			assert.Empty(t, b.queues.sent)
			assert.Contains(t, b.log.String(), c.want)
		})
	}
}

func TestNothingHappensUnlessAllOfATasksAnswerIsRight(t *testing.T) {
	t.Parallel()
	const right = `{"to":"Product","id":"p1","type":"Count","data":{}}`
	for name, c := range map[string]struct{ bucket, answer, want string }{
		"unknown addressee":  {"texts", `{"commands":[` + right + `,{"to":"X","type":"Count","data":{}}],"objects":[{"key":"a","text":""}]}`, `$.commands[1].to`},
		"trigger prefix":     {"texts", `{"commands":[` + right + `],"objects":[{"key":"a","text":""},{"key":"in/b","text":""}]}`, `$.objects[1].key`},
		"the same key twice": {"texts", `{"commands":[` + right + `],"objects":[{"key":"a","text":""},{"key":"a","text":""}]}`, `is there twice`},
		"key too long":       {"texts", `{"commands":[` + right + `],"objects":[{"key":"` + strings.Repeat("ä", 600) + `","text":""}]}`, `at most 1024 bytes, got 1200`},
		"does not write":     {"names", `{"commands":[` + right + `],"objects":[{"key":"a","text":""}]}`, `not declared to write`},
		"command too large": {"texts", `{"commands":[` + right + `,{"to":"Product","id":"p1","type":"Count","data":{"text":"` + strings.Repeat("x", maxMessage) + `"}}],"objects":[{"key":"a","text":""}]}`,
			`$.commands[1].data: the command has 262`},
		"undeclared schedule": {"texts", `{"commands":[` + right + `],"objects":[{"key":"a","text":""}],"unschedule":[{"schedule":"X","key":"k"}]}`, `$.unschedule[0].schedule`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t)
			b.answers = func(context.Context, turn.Turn) (any, error) { return c.answer, nil }
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), b.put(c.bucket, "in/a", "v1", "x")))
			assert.Empty(t, b.queues.sent)
			assert.Empty(t, b.buckets.written)
			assert.Contains(t, b.log.String(), c.want)
			assert.Contains(t, b.log.String(), string(turn.InvalidAnswer))
		})
	}
}

func TestAScheduleTriggersATask(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	b.answers = func(context.Context, turn.Turn) (any, error) {
		return `{"commands":[{"to":"Product","id":"p1","type":"Count","data":{}}],"objects":[{"key":"daily.txt","text":"x"}]}`, nil
	}
	for _, at := range []string{"2026-03-01T04:00:00Z", "2026-03-01T04:00:00Z", "2026-03-02T04:00:00Z"} {
		assert.Empty(t, b.queue(t.Context(), b.message(protocol.Trigger{Reventless: protocol.TriggerTask, Task: "Daily", Time: at})))
	}
	cause := hash("task", "Daily", "2026-03-01T04:00:00.000Z")
	assert.Equal(t, turn.Turn{
		Kind: turn.RunTask, Version: turn.Version, Plugin: "catalog", Component: "Daily", Scheduled: "2026-03-01T04:00:00.000Z",
		Meta: turn.Meta{CorrelationID: cause, CausationID: cause, Time: "2026-03-01T04:00:00.000Z"},
	}, b.turns[0])
	commands := b.commands()
	require.Len(t, commands, 3)
	assert.Equal(t, commands[0], commands[1])
	assert.NotEqual(t, commands[1].CommandID, commands[2].CommandID)
	assert.Equal(t, "reports|daily.txt|text/plain; charset=utf-8|x", b.buckets.written[0])
}

func TestATaskThatIsInterruptedAtAnyStepHasEachEffectOnce(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*taskBench){
		"reading":    func(b *taskBench) { b.buckets.fail = once(errors.New("gone")) },
		"writing":    func(b *taskBench) { b.buckets.put = func() error { b.buckets.put = nil; return errors.New("gone") } },
		"sending 1":  func(b *taskBench) { b.queues.fail = failsOnceAt(0) },
		"sending 2":  func(b *taskBench) { b.queues.fail = failsOnceAt(1) },
		"scheduling": func(b *taskBench) { b.engine.Scheduler.(*schedules).fail = once(errors.New("gone")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t)
			b.answers = func(context.Context, turn.Turn) (any, error) {
				return `{"commands":[{"to":"Product","id":"p1","type":"Count","data":{}},{"to":"Product","id":"p1","type":"Count","data":{}}],` +
					`"objects":[{"key":"a","text":"x"}],"schedule":[{"schedule":"Sweep","key":"k","every":"1 day","id":"p1","data":{}}]}`, nil
			}
			fail(b)
			m := b.put("texts", "in/a", "v1", "x")
			failed := b.queue(t.Context(), m)
			if name != "reading" { // which is tried again at once
				assert.Equal(t, []string{"m1"}, failed)
				assert.Empty(t, b.queue(t.Context(), m))
			}
			distinct := map[string]bool{}
			for _, command := range b.commands() {
				distinct[command.CommandID] = true
			}
			assert.Len(t, distinct, 2)
			assert.NotEmpty(t, b.buckets.written)
			assert.Len(t, b.engine.Scheduler.(*schedules).made, 1)
		})
	}
}

// once fails the first time.
func once(err error) func(int) error {
	return func(int) error {
		failed := err
		err = nil
		return failed
	}
}

// failsOnceAt fails when so many were sent, once.
func failsOnceAt(count int) func(int) error {
	failed := false
	return func(n int) error {
		if n == count && !failed {
			failed = true
			return errors.New("throttled")
		}
		return nil
	}
}
