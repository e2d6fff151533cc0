package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// testPlugin is a plugin with one component of each sort.
var testPlugin = definition.Definition{
	FormatVersion: definition.FormatVersion, Plugin: "catalog", Version: "1.0.0", CommandQueue: "commands.fifo",
	Aggregates: map[string]definition.Aggregate{
		"Product":  {Table: "product-log", IDArgument: "id", Commands: map[string]string{"addProduct": "AddProduct"}},
		"Category": {Table: "category-log", IDArgument: "categoryId", Commands: map[string]string{"addCategory": "AddCategory"}},
	},
	ReadModels: map[string]definition.ReadModel{
		"Products": {Table: "products", From: []definition.Source{{Aggregate: "Product"}}, Indexes: []string{"categoryId", "rank"}},
		"Prices":   {Table: "prices", From: []definition.Source{{Aggregate: "Product", Events: []string{"Priced"}}, {Aggregate: "Category"}}},
	},
	ExtensionPoints: map[string]definition.ExtensionPoint{
		"Plain":  {Topic: "plain.fifo", From: []definition.Source{{Aggregate: "Product", Events: []string{"Added", "Priced"}}}},
		"Chosen": {Topic: "chosen.fifo", From: []definition.Source{{Aggregate: "Category"}}, Publish: true},
	},
	Extensions: map[string]definition.Extension{
		"Orders": {Queue: "orders.fifo", Plugin: "ordering", ExtensionPoint: "Orders"},
	},
}

// script is a handler that a test writes: one function per kind of turn.
type script map[turn.Kind]func(ctx context.Context, t turn.Turn) (any, error)

// Invoke gives the turn to the function of its kind.
func (s script) Invoke(ctx context.Context, encoded []byte) ([]byte, error) {
	var t turn.Turn
	if err := json.Unmarshal(encoded, &t); err != nil {
		return nil, err
	}
	answer, err := s[t.Kind](ctx, t)
	if err != nil {
		return nil, err
	}
	switch a := answer.(type) {
	case string:
		return []byte(a), nil
	case turn.Answer:
		return turn.MarshalAnswer(t.Kind, a)
	}
	return json.Marshal(answer)
}

// queues records what is sent to SNS and SQS.
type queues struct {
	mu        sync.Mutex
	published []sns.PublishInput
	sent      []sqs.SendMessageInput
	fail      func(n int) error
}

func (q *queues) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail != nil {
		if err := q.fail(len(q.published)); err != nil {
			return nil, err
		}
	}
	q.published = append(q.published, *in)
	return &sns.PublishOutput{}, nil
}

func (q *queues) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail != nil {
		if err := q.fail(len(q.sent)); err != nil {
			return nil, err
		}
	}
	q.sent = append(q.sent, *in)
	return &sqs.SendMessageOutput{}, nil
}

// bench is an engine with its surroundings.
type bench struct {
	t      testing.TB
	engine *Engine
	db     *eventlogtest.DynamoDB
	queues *queues
	log    *bytes.Buffer
}

// newBench builds an engine for one function around a script.
func newBench(t testing.TB, function string, handler turn.Invoker, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, queues: &queues{}, log: &bytes.Buffer{}, db: eventlogtest.New(
		eventlogtest.Table{Name: "product-log", Log: true}, eventlogtest.Table{Name: "category-log", Log: true},
		eventlogtest.Table{Name: "products"}, eventlogtest.Table{Name: "prices"},
	)}
	ids := 0
	config := Config{
		Function: function, Definition: testPlugin, Invoker: handler, DynamoDB: b.db, SNS: b.queues, SQS: b.queues,
		CommandQueueURL: "http://queue/commands.fifo",
		Now:             func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) },
		NewID:           func() string { ids++; return fmt.Sprintf("new-%d", ids) },
		Retry:           eventlog.Retry{Attempts: 20, Base: time.Microsecond, Cap: time.Millisecond},
		Logger:          slog.New(slog.NewJSONHandler(&lockedWriter{w: b.log}, nil)),
	}
	for _, c := range change {
		c(&config)
	}
	var err error
	b.engine, err = New(config)
	require.NoError(t, err)
	return b
}

// lockedWriter serialises writes.
type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// handle gives the engine a payload and decodes its answer.
func (b *bench) handle(ctx context.Context, payload, answer any) error {
	encoded, err := json.Marshal(payload)
	require.NoError(b.t, err)
	result, err := b.engine.Handle(ctx, encoded)
	if err == nil {
		require.NoError(b.t, json.Unmarshal(result, answer))
	}
	return err
}

// append records a commit in an aggregate's log.
func (b *bench) append(component, id string, events ...turn.Event) {
	b.t.Helper()
	log := eventlog.New(b.db, testPlugin.Aggregates[component].Table, component)
	stream, err := log.Read(b.t.Context(), id, 0)
	require.NoError(b.t, err)
	command := fmt.Sprintf("command-%s-%d", id, stream.Version)
	_, err = log.Append(b.t.Context(), id, stream.Version, eventlog.Origin{CommandID: command, CorrelationID: "correlation"}, events)
	require.NoError(b.t, err)
}

// ev is an event with data.
func ev(eventType, data string) turn.Event {
	return turn.Event{Type: eventType, Data: json.RawMessage(data)}
}

// stream gives the engine a batch of stream records and returns what failed.
func (b *bench) stream(ctx context.Context, records ...events.DynamoDBEventRecord) []string {
	b.t.Helper()
	var response events.DynamoDBEventResponse
	require.NoError(b.t, b.handle(ctx, events.DynamoDBEvent{Records: records}, &response))
	require.NotNil(b.t, response.BatchItemFailures)
	failed := []string{}
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

// queue gives the engine a batch of queue messages and returns what failed.
func (b *bench) queue(ctx context.Context, messages ...events.SQSMessage) []string {
	b.t.Helper()
	var response events.SQSEventResponse
	require.NoError(b.t, b.handle(ctx, events.SQSEvent{Records: messages}, &response))
	require.NotNil(b.t, response.BatchItemFailures)
	failed := []string{}
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

// message is a message of a FIFO queue.
func message(t testing.TB, queue, id, group string, body any) events.SQSMessage {
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	return events.SQSMessage{
		MessageId: id, Body: string(encoded), EventSource: sourceSQS,
		EventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:" + queue,
		Attributes:     map[string]string{attributeGroup: group, "ApproximateReceiveCount": "1"},
	}
}

// sequence is the sequence number of a record.
func sequence(r events.DynamoDBEventRecord) string { return r.Change.SequenceNumber }
