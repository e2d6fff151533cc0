package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// errCrashed is what every request gets after the process died.
var errCrashed = errors.New("the process died")

// visibility is how long the world hides a message whose delivery failed.
const visibility = 360 * time.Second

// toDoWorld is a plugin with an automation (Ship) and an outbound translation (Mail), its
// tables and queues, and a clock. Time passes only when there is nothing to deliver.
type toDoWorld struct {
	*bench
	projections *bench
	now         time.Time
	// messages are on the queue of rows to look at again.
	messages []delayed
	number   int
	last     events.SQSMessage
	// effects are the commands by their ids, as the command queue and the event log know
	// them; onEffect is called for each new one.
	effects  map[string]protocol.Command
	order    []string
	onEffect func(protocol.Command)
	sending  sync.Mutex
	// calls counts requests of the automations function. The request number crashAt and
	// all later ones of the same invocation fail, after its effect if crashAfter.
	fate        sync.Mutex
	calls       int
	crashAt     int
	crashAfter  bool
	crashed     bool
	dead        bool
	read, again int
	// random delivers in any order and some messages twice, and lets so many requests
	// be crashes.
	random *rand.Rand
	// refuse lets the writing of some items fail.
	refuse  func(item eventlogtest.Item) bool
	crashes int
}

// delayed is a message that can be received from a time on.
type delayed struct {
	due     time.Time
	message events.SQSMessage
}

// newToDoWorld makes a world in which each row has so many attempts.
func newToDoWorld(t testing.TB, attempts int, handler script) *toDoWorld {
	t.Helper()
	w := &toDoWorld{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), effects: map[string]protocol.Command{}}
	plugin := testPlugin
	plugin.ToDos = map[string]definition.ToDo{
		"Ship": {Table: "ship", From: []definition.Source{{Aggregate: "Product"}}, Attempts: attempts, RetrySeconds: 30},
		"Mail": {Table: "mail", From: []definition.Source{{Aggregate: "Category"}}, Attempts: attempts, RetrySeconds: 30, Call: true},
	}
	plugin.ReadModels = nil
	db := eventlogtest.New(
		eventlogtest.Table{Name: "product-log", Log: true}, eventlogtest.Table{Name: "category-log", Log: true},
		eventlogtest.Table{Name: "ship"}, eventlogtest.Table{Name: "mail"})
	projected := maps.Clone(handler)
	projected[turn.Project] = func(_ context.Context, t turn.Turn) (any, error) {
		if t.Event.Type == "Removed" {
			return `{"row":null}`, nil
		}
		return map[string]any{"row": t.Event.Data}, nil
	}
	configure := func(c *Config) {
		c.Definition, c.DynamoDB, c.SQS, c.ToDoQueueURL = plugin, db, w, "http://queue/to-do"
		c.Now = func() time.Time { return w.now }
	}
	w.bench = newBench(t, definition.FunctionAutomations, handler, configure, func(c *Config) { c.DynamoDB = mortal{db, w} })
	w.projections = newBench(t, definition.FunctionProjections, projected, configure)
	w.db, w.projections.db = db, db
	return w
}

// mortal is the database as the automations function sees it.
type mortal struct {
	*eventlogtest.DynamoDB
	w *toDoWorld
}

func (m mortal) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return during(m.w, func() (*dynamodb.GetItemOutput, error) { return m.DynamoDB.GetItem(ctx, in, opts...) })
}

func (m mortal) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return during(m.w, func() (*dynamodb.PutItemOutput, error) {
		if m.w.refuse != nil && m.w.refuse(in.Item) {
			return nil, errCrashed
		}
		return m.DynamoDB.PutItem(ctx, in, opts...)
	})
}

// during is a request that fails when the process dies.
func during[T any](w *toDoWorld, request func() (T, error)) (T, error) {
	var none T
	number, err := w.before()
	if err != nil {
		return none, err
	}
	out, err := request()
	if died := w.after(number); died != nil {
		return none, died
	}
	return out, err
}

// before and after let a request fail.
func (w *toDoWorld) before() (number int, err error) {
	w.fate.Lock()
	defer w.fate.Unlock()
	w.calls++
	if w.crashes > 0 && w.random.IntN(6) == 0 {
		w.crashes--
		w.crashAt, w.crashAfter = w.calls, w.random.IntN(2) == 0
	}
	if w.dead || (w.calls == w.crashAt && !w.crashAfter) {
		w.dead, w.crashed = true, true
		return w.calls, errCrashed
	}
	return w.calls, nil
}

func (w *toDoWorld) after(number int) error {
	w.fate.Lock()
	defer w.fate.Unlock()
	if w.dead || (number == w.crashAt && w.crashAfter) {
		w.dead, w.crashed = true, true
		return errCrashed
	}
	return nil
}

// SendMessage takes a command, or a message to deliver later.
func (w *toDoWorld) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return during(w, func() (*sqs.SendMessageOutput, error) {
		w.sending.Lock()
		defer w.sending.Unlock()
		if *in.QueueUrl == "http://queue/to-do" {
			w.delay(in)
		} else {
			w.take(in)
		}
		return &sqs.SendMessageOutput{}, nil
	})
}

// delay keeps a message until it is due.
func (w *toDoWorld) delay(in *sqs.SendMessageInput) {
	assert.Nil(w.t, in.MessageGroupId)
	assert.LessOrEqual(w.t, in.DelaySeconds, int32(900))
	w.number++
	w.messages = append(w.messages, delayed{w.now.Add(time.Duration(in.DelaySeconds) * time.Second), events.SQSMessage{
		MessageId: fmt.Sprintf("message-%d", w.number), Body: *in.MessageBody, EventSource: sourceSQS,
	}})
}

// take gives a command its effect unless it had it before.
func (w *toDoWorld) take(in *sqs.SendMessageInput) {
	var command protocol.Command
	require.NoError(w.t, json.Unmarshal([]byte(*in.MessageBody), &command))
	if _, known := w.effects[command.CommandID]; known {
		return
	}
	w.effects[command.CommandID] = command
	w.order = append(w.order, command.CommandID)
	if w.onEffect != nil {
		w.onEffect(command)
	}
}

// event records an event and brings the to-do tables up to date.
func (w *toDoWorld) event(component, id string, event turn.Event) {
	w.t.Helper()
	w.projections.append(component, id, event)
	table := testPlugin.Aggregates[component].Table
	records := w.db.Records(table)
	assert.Empty(w.t, w.projections.stream(w.t.Context(), records[len(records)-1]))
}

// invoke runs the automations function; the invocation is lost when the process died.
func (w *toDoWorld) invoke(run func() []string, all []string) []string {
	w.dead = false
	failed := run()
	if w.dead {
		return all
	}
	return failed
}

// run delivers everything that there is to deliver, until nothing is left.
func (w *toDoWorld) run() {
	w.t.Helper()
	for range 2000 {
		if !w.deliverStream() && !w.deliverMessages() && !w.pass() {
			return
		}
	}
	require.Fail(w.t, "there is no end to it", "%d messages", len(w.messages))
}

// deliverStream hands over the new records of the to-do tables.
func (w *toDoWorld) deliverStream() bool {
	records := slices.Concat(w.db.Records("ship"), w.db.Records("mail"))
	slices.SortStableFunc(records, func(a, b events.DynamoDBEventRecord) int { return cmpText(sequence(a), sequence(b)) })
	if w.read == len(records) {
		return false
	}
	batch := records[w.read:]
	if w.random != nil && w.again < 20 && w.random.IntN(2) == 0 {
		batch, w.again = records[w.random.IntN(w.read+1):], w.again+1
	}
	failed := w.invoke(func() []string { return w.stream(w.t.Context(), batch...) }, []string{sequence(batch[0])})
	w.read = len(records)
	if len(failed) > 0 {
		w.read = slices.IndexFunc(records, func(r events.DynamoDBEventRecord) bool { return sequence(r) == failed[0] })
	}
	return true
}

// cmpText compares sequence numbers.
func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// deliverMessages hands over one message that is due.
func (w *toDoWorld) deliverMessages() bool {
	due := []int{}
	for i, m := range w.messages {
		if !m.due.After(w.now) {
			due = append(due, i)
		}
	}
	if len(due) == 0 {
		return false
	}
	next := due[0]
	if w.random != nil {
		next = due[w.random.IntN(len(due))]
	}
	m := w.messages[next]
	if w.random == nil || w.again >= 20 || w.random.IntN(3) > 0 {
		w.messages = slices.Delete(w.messages, next, next+1)
	} else {
		w.again++ // and once more
	}
	w.last = m.message
	failed := w.invoke(func() []string { return w.queue(w.t.Context(), m.message) }, []string{m.message.MessageId})
	if len(failed) > 0 {
		w.messages = append(w.messages, delayed{w.now.Add(visibility), m.message})
	}
	return true
}

// pass lets the time pass until the next message is due.
func (w *toDoWorld) pass() bool {
	if len(w.messages) == 0 {
		return false
	}
	next := slices.MinFunc(w.messages, func(a, b delayed) int { return a.due.Compare(b.due) })
	w.now = next.due
	return true
}

// row is a row as GraphQL may show it, nil without one.
func (w *toDoWorld) row(table, id string) map[string]any {
	for _, item := range w.db.Items(table) {
		if textOf(item[rowID]) == id && item[rowDeleted] == nil {
			object, err := fromItem("$", item)
			require.NoError(w.t, err)
			return object
		}
	}
	return nil
}

// ships answers react turns with one command.
func ships(asked *[]turn.Turn) script {
	return script{turn.React: func(_ context.Context, t turn.Turn) (any, error) {
		if asked != nil {
			*asked = append(*asked, t)
		}
		return fmt.Sprintf(`{"commands":[{"to":"Product","id":%q,"type":"ShipOrder","data":{}}]}`, t.ID), nil
	}}
}
