package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/admin"
	"github.com/reventless/pulumi-reventless/runtime/apilog"
	"github.com/reventless/pulumi-reventless/runtime/apilog/apilogtest"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

const (
	registryARN = "arn:aws:sqs:eu-central-1:123456789012:registry.fifo"
	sweepARN    = "arn:aws:sqs:eu-central-1:123456789012:sweep"
)

var errCrash = errors.New("crash")

// crash makes one request to AWS the last one: at counts requests, mode says how.
type crash struct {
	mu    sync.Mutex
	at    int
	mode  string
	calls int
}

var crashModes = []string{"error before", "error after", "panic before", "panic after"}

func (c *crash) hook(when, operation string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if when == "before" {
		c.calls++
	}
	if c.at == 0 || c.calls != c.at || !strings.HasSuffix(c.mode, when) {
		return nil
	}
	c.at = 0
	// Queries run in goroutines of their own, where a panic would end the test.
	if strings.HasPrefix(c.mode, "panic") && operation != "Query" {
		panic(errCrash)
	}
	return errCrash
}

// message is a message in a queue.
type message struct {
	id, body string
	due      time.Time
	received int
}

// world is the registry with everything around it.
type world struct {
	t     *testing.T
	clock *schemapushtest.Clock
	db    *eventlogtest.DynamoDB
	api   *schemapushtest.AppSync
	sns   *topics
	logs  *apilogtest.Groups
	store *registry.Store
	admin *admin.Admin
	crash *crash

	fifo, sweeps, dead []message
	seen               map[string]bool
	ids                int
	delays             []int32
	handedBack         int
	// receives is how often a message is delivered at most.
	receives int
	// modes are the API's authentication modes as a process of the function knows them.
	modes []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := schemapushtest.NewClock()
	w := &world{t: t, clock: clock, crash: &crash{}, seen: map[string]bool{}, receives: 5, modes: []string{"API_KEY"}}
	w.db = eventlogtest.New(eventlogtest.Table{Name: "log", Log: true}, eventlogtest.Table{Name: "plugins"}, eventlogtest.Table{Name: "liveness"})
	w.api = schemapushtest.New(clock)
	w.api.Creation = time.Second
	w.sns = &topics{crash: w.crash, subscriptions: map[string]subscription{}}
	w.logs = apilogtest.New()
	w.logs.Before = func(op string) error { return w.crash.hook("before", op) }
	w.logs.After = func(op string) error { return w.crash.hook("after", op) }
	w.db.Before = func(op, _ string) error { return w.crash.hook("before", op) }
	w.db.After = func(op, _ string) error { return w.crash.hook("after", op) }
	w.api.Before = func(op string) error { return w.crash.hook("before", op) }
	w.api.After = func(op string) error { return w.crash.hook("after", op) }
	w.store = registry.NewStore(w.db, "log", "plugins", "liveness")
	w.restart()
	return w
}

// restart starts a fresh process of the function.
func (w *world) restart() {
	logger := slog.New(slog.DiscardHandler)
	w.admin = admin.New(admin.Config{
		Store: w.store, API: schemapush.New(w.api, "api", w.clock, logger), Queue: w, Topics: w.sns, Log: apilog.New(apilog.Config{Client: w.logs, API: "api", RetentionDays: 30}), Modes: w.modes,
		RegistryQueueURL: "registry.fifo", SweepQueueURL: "sweep", Clock: w.clock, Logger: logger,
	})
}

// SendMessage is the SQS client's.
func (w *world) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if err := w.crash.hook("before", "SendMessage"); err != nil {
		return nil, err
	}
	w.ids++
	m := message{id: fmt.Sprint("m", w.ids), body: *in.MessageBody, due: w.clock.Now().Add(time.Duration(in.DelaySeconds) * time.Second)}
	if *in.QueueUrl == "sweep" {
		w.delays = append(w.delays, in.DelaySeconds)
		w.sweeps = append(w.sweeps, m)
	} else if id := *in.MessageDeduplicationId; !w.seen[id] {
		require.Equal(w.t, registry.MessageGroup, *in.MessageGroupId)
		w.seen[id] = true
		w.fifo = append(w.fifo, m)
	}
	return &sqs.SendMessageOutput{}, w.crash.hook("after", "SendMessage")
}

// ChangeMessageVisibilityBatch is the SQS client's.
func (w *world) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	w.handedBack += len(in.Entries)
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// send puts requests on the registry queue.
func (w *world) send(requests ...registry.Request) {
	for _, r := range requests {
		require.NoError(w.t, registry.Send(context.Background(), w, "registry.fifo", r))
	}
}

// invoke runs the function on messages; it returns those that are not done.
func (w *world) invoke(arn string, messages []message) (rest []message) {
	w.t.Helper()
	var batch events.SQSEvent
	for i := range messages {
		messages[i].received++
		batch.Records = append(batch.Records, events.SQSMessage{
			MessageId: messages[i].id, Body: messages[i].body, EventSourceARN: arn, EventSource: "aws:sqs", ReceiptHandle: "receipt",
			Attributes: map[string]string{"ApproximateReceiveCount": fmt.Sprint(messages[i].received)},
		})
	}
	payload, err := json.Marshal(batch)
	require.NoError(w.t, err)
	rest = messages
	defer func() {
		if r := recover(); r != nil {
			require.Equal(w.t, errCrash, r)
			w.restart()
		}
	}()
	answer, err := w.admin.Handle(context.Background(), payload)
	require.NoError(w.t, err)
	var response events.SQSEventResponse
	require.NoError(w.t, json.Unmarshal(answer, &response))
	failed := map[string]bool{}
	for _, f := range response.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	rest = slices.DeleteFunc(slices.Clone(messages), func(m message) bool { return !failed[m.id] })
	return rest
}

// deliver hands the function the next messages of the registry queue. A message that
// was received too often goes to the dead-letter queue.
func (w *world) deliver(size int) {
	w.t.Helper()
	size = min(size, len(w.fifo))
	if size == 0 {
		return
	}
	rest := w.invoke(registryARN, slices.Clone(w.fifo[:size]))
	kept := slices.DeleteFunc(slices.Clone(rest), func(m message) bool { return m.received >= w.receives })
	w.dead = append(w.dead, rest[:len(rest)-len(kept)]...)
	w.fifo = append(kept, w.fifo[size:]...)
}

// deliverAll delivers until the registry queue is empty.
func (w *world) deliverAll() {
	w.t.Helper()
	for len(w.fifo) > 0 {
		w.deliver(10)
	}
}

// deliverSweeps lets the time of the waiting sweeps come.
func (w *world) deliverSweeps() {
	w.t.Helper()
	due := w.sweeps
	w.sweeps = nil
	for _, m := range due {
		if wait := m.due.Sub(w.clock.Now()); wait > 0 {
			w.clock.Advance(wait)
		}
		w.sweeps = append(w.sweeps, w.invoke(sweepARN, []message{m})...)
	}
	w.deliverAll()
}

// connect makes a connect request. The id says which revision of the plugin it is.
func (w *world) connect(plugin, id, sdl string) registry.Request {
	w.t.Helper()
	packed, err := registry.Pack(sdl)
	require.NoError(w.t, err)
	return registry.Request{ID: id, Type: registry.TypeConnect, Connect: &registry.Connect{
		Plugin: plugin, Version: "1.0.0", Stack: "o/" + plugin + "/alpha", Hash: "hash-" + id, Nonce: id, Fragment: packed,
	}}
}

// disconnect makes a disconnect request for the revision that the request id connected.
func disconnect(plugin, id, connected string) registry.Request {
	return registry.Request{ID: id, Type: registry.TypeDisconnect, Disconnect: &registry.Disconnect{
		Plugin: plugin, Stack: "o/" + plugin + "/alpha", Hash: "hash-" + connected,
	}}
}

// outcome is the outcome of a request.
func (w *world) outcome(plugin, id string) registry.Outcome {
	w.t.Helper()
	row, err := w.store.Row(context.Background(), plugin)
	require.NoError(w.t, err)
	outcome, ok := row.Outcome(id)
	require.True(w.t, ok, "request %s of plugin %s has an outcome", id, plugin)
	return outcome
}

// pushes is the number of schema creations so far.
func (w *world) pushes() int { return w.api.Counts()["StartSchemaCreation"] }

// live are the root fields that the API has now.
func (w *world) live() []string {
	w.t.Helper()
	live, err := schema.ParseLive(w.api.SDL())
	require.NoError(w.t, err)
	return slices.Sorted(maps.Keys(live.RootFields()))
}

// states are the plugins as the log alone tells, whatever the rows say.
func (w *world) states() map[string]registry.State {
	w.t.Helper()
	states := map[string]registry.State{}
	for _, item := range w.db.Items("log") {
		commit, err := eventlog.DecodeItem(item)
		require.NoError(w.t, err)
		for _, e := range commit.Recorded(registry.Aggregate) {
			states[e.ID], err = states[e.ID].Apply(e)
			require.NoError(w.t, err)
		}
	}
	return states
}
