package eventlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// total is the sum of all numbers of a history, from its snapshot and its events.
func total(t testing.TB, history eventlog.Stream) int {
	var state struct{ Total int }
	if history.Snapshot != nil {
		require.NoError(t, json.Unmarshal(history.Snapshot, &state))
	}
	for _, e := range history.Events {
		var data struct{ N int }
		require.NoError(t, json.Unmarshal(e.Data, &data))
		state.Total += data.N
	}
	return state.Total
}

// adds decides on events with numbers and gives the snapshot after them.
func adds(t testing.TB, numbers ...int) eventlog.Decide {
	return func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
		sum := total(t, history)
		var decision eventlog.Decision
		for _, n := range numbers {
			decision.Events = append(decision.Events, turn.Event{Type: "Added", Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))})
			sum += n
		}
		decision.Snapshot = json.RawMessage(fmt.Sprintf(`{"total":%d}`, sum))
		return decision, nil
	}
}

// snapshotLog is a log with snapshots whose logger writes into a buffer.
func snapshotLog(db eventlog.Client, every int) (*eventlog.Log, *bytes.Buffer) {
	logged := &bytes.Buffer{}
	return newLog(db, eventlog.WithSnapshots(every, slog.New(slog.NewJSONHandler(logged, nil)))), logged
}

// snapshots are the numbers of the first events of the commits that hold snapshots.
func snapshots(db *eventlogtest.DynamoDB) []string {
	var found []string
	for _, item := range db.Items(table) {
		if item["snapshot"] != nil {
			found = append(found, item["seq"].(*types.AttributeValueMemberN).Value)
		}
	}
	return found
}

// counting counts the items that queries give.
type counting struct {
	*eventlogtest.DynamoDB
	most int
}

func (c *counting) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := c.DynamoDB.Query(ctx, in, options...)
	if err == nil {
		c.most = max(c.most, len(out.Items))
	}
	return out, err
}

// fill appends commits of one event each, all numbers 1, without snapshots.
func fill(t testing.TB, db eventlog.Client, count int) {
	log := newLog(db)
	for i := range count {
		_, err := log.Append(t.Context(), "p1", int64(i), eventlog.Origin{CommandID: fmt.Sprint("old", i+1), CorrelationID: fmt.Sprint("k", i+1)},
			[]turn.Event{{Type: "Added", Data: json.RawMessage(`{"n":1}`)}})
		require.NoError(t, err)
	}
}

func TestALongHistoryIsReadFromItsSnapshot(t *testing.T) {
	t.Parallel()
	db := &counting{DynamoDB: newDB()}
	fill(t, db, 9900)
	log, _ := snapshotLog(db, 100)
	_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "c0"}, adds(t, 1))
	require.NoError(t, err)
	require.Equal(t, []string{"9901"}, snapshots(db.DynamoDB))
	before := db.Requests()
	db.most = 0
	for i := 1; i < 100; i++ {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, adds(t, 1))
		require.NoError(t, err)
	}
	after := db.Requests()
	assert.Equal(t, 99, after["Query"]-before["Query"], "one query for a command")
	assert.Equal(t, 99, after["PutItem"]-before["PutItem"], "one put for a command")
	assert.LessOrEqual(t, db.most, 100)
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "last"}, func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
		assert.Equal(t, 10000, total(t, history))
		assert.Equal(t, int64(10000), history.Version)
		assert.Len(t, history.Events, 99)
		return eventlog.Decision{}, nil
	})
	require.NoError(t, err)
}

func TestASnapshotIsStoredWhenItIsTime(t *testing.T) {
	t.Parallel()
	db := newDB()
	log, _ := snapshotLog(db, 4)
	for i, numbers := range [][]int{{1}, {1, 1}, {1}, {1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1}, {1}} {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, adds(t, numbers...))
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"4", "6", "15"}, snapshots(db), "events 4, 6 to 11 and 15 bring 4, 7 and 4 events since the last")
	whole, err := log.Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	assert.Len(t, whole.Events, 15)
	assert.Nil(t, whole.Snapshot)
	page, more, err := log.ReadPage(t.Context(), "p1", 0)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Equal(t, whole.Commits, page.Commits)
	for i, record := range db.Records(table) {
		commit, err := eventlog.DecodeImage(record.Change.NewImage)
		require.NoError(t, err)
		assert.Equal(t, whole.Commits[i], commit, "stream consumers see no snapshot")
	}
	_, err = newLog(db).Execute(t.Context(), "p1", eventlog.Origin{CommandID: "off"}, func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
		assert.Len(t, history.Events, 15, "without snapshots everything is read")
		assert.Nil(t, history.Snapshot)
		return eventlog.Decision{}, nil
	})
	require.NoError(t, err)
}

func TestAHandlerWithoutSnapshotsGetsTheWholeHistory(t *testing.T) {
	t.Parallel()
	db := newDB()
	db.PageSize = 3
	log, _ := snapshotLog(db, 2)
	for i := range 8 {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, func(ctx context.Context, history eventlog.Stream) (eventlog.Decision, error) {
			assert.Len(t, history.Events, i)
			for n, e := range history.Events {
				assert.Equal(t, int64(n+1), e.Number)
			}
			return record(ctx, history)
		})
		require.NoError(t, err)
	}
	assert.Empty(t, snapshots(db))
}

func TestCommandsBeforeASnapshotAreKnown(t *testing.T) {
	t.Parallel()
	db := newDB()
	fill(t, db, 1200)
	log, _ := snapshotLog(db, 10)
	for _, id := range []string{"with snapshot", "after"} {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: id}, adds(t, 1))
		require.NoError(t, err)
	}
	require.Equal(t, []string{"1201"}, snapshots(db))
	for id, c := range map[string]struct {
		version int64
		queries int
	}{
		"old201": {201, 2}, "old1200": {1200, 2}, "with snapshot": {1201, 2}, "after": {1202, 1},
	} {
		before := db.Requests()
		result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: id, CorrelationID: "again"}, adds(t, 1))
		require.NoError(t, err)
		assert.True(t, result.Repeated, id)
		assert.Equal(t, c.version, result.Version, id)
		assert.Len(t, result.Events, 1)
		assert.NotEqual(t, "again", result.Origin.CorrelationID, "the first answer")
		assert.Equal(t, c.queries, db.Requests()["Query"]-before["Query"], id)
	}
	result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "old200"}, adds(t, 1))
	require.NoError(t, err)
	assert.False(t, result.Repeated, "only the last 1000 commands are remembered")
	assert.Len(t, db.Items(table), 1203)
}

func TestCommandsAreRememberedFromSnapshotToSnapshot(t *testing.T) {
	t.Parallel()
	log, _ := snapshotLog(newDB(), 3)
	for i := range 20 {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, adds(t, 1))
		require.NoError(t, err)
	}
	for i := range 20 {
		result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, adds(t, 1))
		require.NoError(t, err)
		assert.Equal(t, int64(i+1), result.Version)
		assert.True(t, result.Repeated)
	}
}

func TestASnapshotThatIsTooLargeIsLeftOut(t *testing.T) {
	t.Parallel()
	db := newDB()
	log, logged := snapshotLog(db, 1)
	for i := range 3 {
		_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint("c", i)}, func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
			assert.Len(t, history.Events, i)
			return eventlog.Decision{Events: []turn.Event{event(1)}, Snapshot: json.RawMessage(`"` + strings.Repeat("x", eventlog.MaxItemSize) + `"`)}, nil
		})
		require.NoError(t, err)
	}
	assert.Empty(t, snapshots(db))
	assert.Equal(t, 1, strings.Count(logged.String(), "a snapshot is left out"), logged)
	assert.Contains(t, logged.String(), `"level":"WARN"`)
}

func TestSnapshotsUnderContention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writers, commands = 8, 12
		db := newDB()
		db.Latency, db.PageSize = 5*time.Millisecond, 3
		log := eventlog.New(db, table, "Product", eventlog.WithSnapshots(5, slog.Default()))
		var all sync.WaitGroup
		var mu sync.Mutex
		sum := 0
		for w := range writers {
			all.Go(func() {
				for c := range commands {
					numbers := make([]int, 1+rand.N(3))
					for i := range numbers {
						numbers[i] = rand.N(100)
					}
					decide := adds(t, numbers...)
					if rand.N(4) == 0 {
						inner := decide
						decide = func(ctx context.Context, history eventlog.Stream) (eventlog.Decision, error) {
							decision, err := inner(ctx, history)
							decision.Snapshot = nil
							return decision, err
						}
					}
					for { // a command that lost all its attempts is sent again
						_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: fmt.Sprint(w, "-", c)}, decide)
						if !errors.Is(err, eventlog.ErrConflict) {
							assert.NoError(t, err)
							break
						}
					}
					mu.Lock()
					for _, n := range numbers {
						sum += n
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		whole, err := log.Read(t.Context(), "p1", 0)
		require.NoError(t, err)
		assert.Len(t, whole.Commits, writers*commands)
		assert.Equal(t, sum, total(t, whole))
		assert.NotEmpty(t, snapshots(db))
		_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "last"}, func(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
			assert.Equal(t, sum, total(t, history), "snapshot and rest say the same as all events")
			assert.NotNil(t, history.Snapshot)
			return eventlog.Decision{}, nil
		})
		require.NoError(t, err)
	})
}

func TestASnapshotOfAnotherWriterCounts(t *testing.T) {
	t.Parallel()
	db := newDB()
	log, _ := snapshotLog(db, 2)
	_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, adds(t, 1))
	require.NoError(t, err)
	first := true
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "b"}, func(ctx context.Context, history eventlog.Stream) (eventlog.Decision, error) {
		if first {
			first = false
			_, err := log.Execute(ctx, "p1", eventlog.Origin{CommandID: "c"}, adds(t, 5))
			require.NoError(t, err)
		}
		return adds(t, 1)(ctx, history)
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"2"}, snapshots(db), "one event after it is too few for the next")
}

func TestSnapshotsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attribute string
		value     types.AttributeValue
	}{
		"no text":     {"snapshot", &types.AttributeValueMemberN{Value: "1"}},
		"no JSON":     {"snapshot", &types.AttributeValueMemberS{Value: "{"}},
		"no list":     {"remembered", &types.AttributeValueMemberS{Value: "x"}},
		"no pairs":    {"remembered", &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "x"}}}},
		"other pairs": {"remembered", &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "x"}, &types.AttributeValueMemberS{Value: "1"}}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB()
			log, _ := snapshotLog(db, 1)
			_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, adds(t, 1))
			require.NoError(t, err)
			item := db.Items(table)[0]
			item[c.attribute] = c.value
			name := table
			_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item})
			require.NoError(t, err)
			_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "b"}, adds(t, 1))
			assert.ErrorContains(t, err, `"remembered"`)
		})
	}
}

func TestErrorsOfReadingBack(t *testing.T) {
	t.Parallel()
	db := newDB()
	fill(t, db, 3)
	log, _ := snapshotLog(db, 1)
	_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, adds(t, 1))
	require.NoError(t, err)
	name := table
	_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &name, Key: eventlogtest.Item{
		"id": &types.AttributeValueMemberS{Value: "p1"}, "seq": &types.AttributeValueMemberN{Value: "3"},
	}})
	require.NoError(t, err)
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "old3"}, adds(t, 1))
	assert.ErrorContains(t, err, "the commit of command old3 is missing, which a snapshot remembers at event 3")
	_, err = newLog(db, eventlog.WithSnapshots(0, nil)).Execute(t.Context(), "p1", eventlog.Origin{CommandID: "b"}, adds(t, 1))
	assert.ErrorContains(t, err, "event 3 is missing")
	db.Before = func(string, string) error { return errors.New("throttled") }
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "c"}, adds(t, 1))
	assert.ErrorContains(t, err, "throttled")
}
