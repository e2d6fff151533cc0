package eventlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

const table = "product-log"

func newLog(db eventlog.Client, options ...eventlog.Option) *eventlog.Log {
	clock := func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 5e6, time.UTC) }
	return eventlog.New(db, table, "Product", append([]eventlog.Option{eventlog.WithClock(clock)}, options...)...)
}

func newDB() *eventlogtest.DynamoDB {
	return eventlogtest.New(eventlogtest.Table{Name: table, Log: true})
}

func event(n int) turn.Event {
	return turn.Event{Type: fmt.Sprintf("E%d", n), Data: json.RawMessage(fmt.Sprintf(`{"n":%d,"price":1.50}`, n))}
}

// record decides on one more event, whatever the history.
func record(_ context.Context, history eventlog.Stream) (eventlog.Decision, error) {
	return eventlog.Decision{Events: []turn.Event{event(int(history.Version) + 1)}}, nil
}

func TestAppendAndRead(t *testing.T) {
	t.Parallel()
	db := newDB()
	db.PageSize = 2
	log := newLog(db)
	origin := eventlog.Origin{CommandID: "c0", CorrelationID: "k", CausationID: "m", Actor: json.RawMessage(`{"sub":"u"}`)}
	first, err := log.Append(t.Context(), "p1", 0, origin, []turn.Event{event(1), event(2)})
	require.NoError(t, err)
	assert.Equal(t, "2026-03-01T10:00:00.005Z", first.Time)
	for version := int64(2); version < 7; version++ {
		_, err := log.Append(t.Context(), "p1", version, eventlog.Origin{CommandID: fmt.Sprint("c", version)}, []turn.Event{event(int(version) + 1)})
		require.NoError(t, err)
	}
	_, err = log.Append(t.Context(), "p2", 0, eventlog.Origin{CommandID: "other"}, []turn.Event{event(1)})
	require.NoError(t, err)

	stream, err := log.Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	assert.Equal(t, int64(7), stream.Version)
	require.Len(t, stream.Commits, 6)
	assert.Equal(t, first, stream.Commits[0])
	for i, e := range stream.Events {
		assert.Equal(t, int64(i+1), e.Number)
		assert.Equal(t, event(i+1).Data, e.Data, "byte for byte")
		assert.Equal(t, "Product", e.Component)
		assert.Equal(t, "p1", e.ID)
	}
	newer, err := log.Read(t.Context(), "p1", 5)
	require.NoError(t, err)
	assert.Len(t, newer.Events, 2)
	assert.Equal(t, int64(7), newer.Version)
	none, err := log.Read(t.Context(), "p3", 0)
	require.NoError(t, err)
	assert.Equal(t, eventlog.Stream{ID: "p3", Events: []turn.RecordedEvent{}}, none)
	_, found := stream.CommitOf("c4")
	assert.True(t, found)
	_, found = stream.CommitOf("nobody")
	assert.False(t, found)
}

func TestAppendRefusesAnOldVersion(t *testing.T) {
	t.Parallel()
	log := newLog(newDB())
	_, err := log.Append(t.Context(), "p1", 0, eventlog.Origin{CommandID: "a"}, []turn.Event{event(1)})
	require.NoError(t, err)
	_, err = log.Append(t.Context(), "p1", 0, eventlog.Origin{CommandID: "b"}, []turn.Event{event(1)})
	assert.ErrorIs(t, err, eventlog.ErrConflict)
}

func TestAppendRefusesBeforeWriting(t *testing.T) {
	t.Parallel()
	big := turn.Event{Type: "Big", Data: json.RawMessage(`{"x":"` + strings.Repeat("a", 400*1024) + `"}`)}
	for name, c := range map[string]struct {
		id     string
		origin eventlog.Origin
		events []turn.Event
		want   string
	}{
		"too large":  {"p1", eventlog.Origin{CommandID: "a"}, []turn.Event{big}, "one DynamoDB item holds 409600"},
		"no command": {"p1", eventlog.Origin{}, []turn.Event{event(1)}, "command id"},
		"no events":  {"p1", eventlog.Origin{CommandID: "a"}, nil, "at least one event"},
		"no id":      {"", eventlog.Origin{CommandID: "a"}, []turn.Event{event(1)}, "the id is empty"},
		"long id":    {strings.Repeat("x", 2049), eventlog.Origin{CommandID: "a"}, []turn.Event{event(1)}, "2049 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB()
			_, err := newLog(db).Append(t.Context(), c.id, 0, c.origin, c.events)
			assert.ErrorContains(t, err, c.want)
			assert.Empty(t, db.Requests())
		})
	}
}

func TestExecuteAnswersARepeatedCommandWithItsFirstResult(t *testing.T) {
	t.Parallel()
	log := newLog(newDB())
	first, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a", CorrelationID: "first"}, record)
	require.NoError(t, err)
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "b"}, record)
	require.NoError(t, err)
	again, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a", CorrelationID: "second"}, func(context.Context, eventlog.Stream) (eventlog.Decision, error) {
		t.Error("decided twice")
		return eventlog.Decision{}, nil
	})
	require.NoError(t, err)
	assert.True(t, again.Repeated)
	again.Repeated = false
	assert.Equal(t, first, again)
}

func TestExecuteOutcomes(t *testing.T) {
	t.Parallel()
	failed := errors.New("handler failed")
	for name, c := range map[string]struct {
		decide eventlog.Decide
		want   func(t *testing.T, result eventlog.Result, err error)
		events int
	}{
		"reject": {func(context.Context, eventlog.Stream) (eventlog.Decision, error) {
			return eventlog.Decision{Reject: &turn.Reject{Code: "No"}}, nil
		}, func(t *testing.T, result eventlog.Result, err error) {
			require.NoError(t, err)
			assert.Equal(t, "No", result.Reject.Code)
			assert.Equal(t, int64(1), result.Version)
		}, 1},
		"nothing": {func(context.Context, eventlog.Stream) (eventlog.Decision, error) { return eventlog.Decision{}, nil },
			func(t *testing.T, result eventlog.Result, err error) {
				require.NoError(t, err)
				assert.Nil(t, result.Reject)
				assert.Equal(t, int64(1), result.Version)
			}, 1},
		"error": {func(context.Context, eventlog.Stream) (eventlog.Decision, error) { return eventlog.Decision{}, failed },
			func(t *testing.T, _ eventlog.Result, err error) { assert.ErrorIs(t, err, failed) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB()
			log := newLog(db)
			_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
			require.NoError(t, err)
			result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "b"}, c.decide)
			c.want(t, result, err)
			assert.Len(t, db.Items(table), c.events)
		})
	}
	_, err := newLog(newDB()).Execute(t.Context(), "", eventlog.Origin{CommandID: "a"}, record)
	assert.ErrorContains(t, err, "the id is empty")
	_, err = newLog(newDB()).Execute(t.Context(), "p", eventlog.Origin{}, record)
	assert.ErrorContains(t, err, "has no id")
}

func TestReadErrorsAreNotEmptyHistories(t *testing.T) {
	t.Parallel()
	broken := errors.New("throttled")
	db := newDB()
	db.Before = func(operation, _ string) error {
		if operation == "Query" {
			return broken
		}
		return nil
	}
	_, err := newLog(db).Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
	assert.ErrorIs(t, err, broken)
	assert.Empty(t, db.Items(table))
}

func TestALostAnswerIsNoSecondCommit(t *testing.T) {
	t.Parallel()
	db := newDB()
	lost := errors.New("connection reset")
	var once sync.Once
	db.After = func(operation, _ string) (err error) {
		if operation == "PutItem" {
			once.Do(func() { err = lost })
		}
		return err
	}
	log := newLog(db)
	_, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
	require.ErrorIs(t, err, lost)
	result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
	require.NoError(t, err)
	assert.True(t, result.Repeated)
	assert.Len(t, db.Items(table), 1)
}

func TestAGapInTheLogIsAnError(t *testing.T) {
	t.Parallel()
	db := newDB()
	log := newLog(db)
	_, err := log.Append(t.Context(), "p1", 1, eventlog.Origin{CommandID: "a"}, []turn.Event{event(2)})
	require.NoError(t, err)
	_, err = log.Read(t.Context(), "p1", 0)
	assert.ErrorContains(t, err, "event 1 is missing, the next commit starts with 2")
}

func TestManyWritersOfOneID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writers = 200
		db := newDB()
		db.Latency, db.PageSize = 5*time.Millisecond, 50
		log := eventlog.New(db, table, "Product")
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var mu sync.Mutex
		accepted := map[string]int64{}
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				id := fmt.Sprintf("c%d", i)
				result, err := log.Execute(ctx, "p1", eventlog.Origin{CommandID: id}, record)
				if errors.Is(err, eventlog.ErrConflict) {
					return
				}
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				accepted[id] = result.Version
			})
		}
		all.Wait()
		stream, err := log.Read(t.Context(), "p1", 0)
		require.NoError(t, err)
		require.Len(t, stream.Commits, len(accepted), "exactly the accepted ones are in the log")
		for _, commit := range stream.Commits {
			assert.Equal(t, accepted[commit.CommandID], commit.Version())
		}
		t.Logf("%d of %d were accepted, %v", len(accepted), writers, db.Requests())
		assert.Greater(t, len(accepted), writers*9/10)
	})
}

func TestExecuteGivesUpAfterItsAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := newDB()
		log := newLog(db, eventlog.WithRetry(eventlog.Retry{Attempts: 3, Base: time.Millisecond, Cap: time.Second}))
		decided := 0
		result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, func(ctx context.Context, history eventlog.Stream) (eventlog.Decision, error) {
			decided++
			_, err := log.Append(ctx, "p1", history.Version, eventlog.Origin{CommandID: fmt.Sprint("other", decided)}, []turn.Event{event(1)})
			require.NoError(t, err)
			return record(ctx, history)
		})
		assert.ErrorIs(t, err, eventlog.ErrConflict)
		assert.Equal(t, 3, decided)
		assert.Equal(t, int64(3), result.Version, "the version that was read last")
		assert.Equal(t, "a", result.Origin.CommandID)
	})
}

func TestExecuteKnowsItsOwnCommitAfterTheLastAttempt(t *testing.T) {
	t.Parallel()
	db := newDB()
	log := newLog(&repeating{DynamoDB: db}, eventlog.WithRetry(eventlog.Retry{Attempts: 1}))
	result, err := log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
	require.NoError(t, err)
	assert.Equal(t, int64(1), result.Version)
	assert.Len(t, db.Items(table), 1)

	db = newDB()
	log = newLog(&repeating{DynamoDB: db}, eventlog.WithRetry(eventlog.Retry{Attempts: 1}))
	reads, broken := 0, errors.New("throttled")
	db.Before = func(operation, _ string) error {
		if operation == "Query" {
			if reads++; reads == 2 {
				return broken
			}
		}
		return nil
	}
	_, err = log.Execute(t.Context(), "p1", eventlog.Origin{CommandID: "a"}, record)
	require.ErrorIs(t, err, broken)
	assert.NotErrorIs(t, err, eventlog.ErrConflict, "nobody knows")
}

// repeating is a client that loses the answer to its first write and writes again.
type repeating struct {
	*eventlogtest.DynamoDB
	written bool
}

func (r *repeating) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if !r.written {
		r.written = true
		_, _ = r.DynamoDB.PutItem(ctx, in, opts...)
	}
	return r.DynamoDB.PutItem(ctx, in, opts...)
}

func TestReadPage(t *testing.T) {
	t.Parallel()
	db := newDB()
	db.PageSize = 2
	log := newLog(db)
	for version := range int64(5) {
		_, err := log.Append(t.Context(), "p1", version, eventlog.Origin{CommandID: fmt.Sprint("c", version)}, []turn.Event{event(int(version) + 1)})
		require.NoError(t, err)
	}
	var versions []int64
	for after, more := int64(1), true; more; {
		var page eventlog.Stream
		var err error
		page, more, err = log.ReadPage(t.Context(), "p1", after)
		require.NoError(t, err)
		require.NotEmpty(t, page.Commits)
		after = page.Version
		versions = append(versions, after)
	}
	assert.Equal(t, []int64{3, 5}, versions)
	none, more, err := log.ReadPage(t.Context(), "p1", 5)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Equal(t, eventlog.Stream{ID: "p1", Version: 5, Events: []turn.RecordedEvent{}}, none)
	db.Before = func(string, string) error { return errors.New("throttled") }
	_, _, err = log.ReadPage(t.Context(), "p1", 0)
	assert.ErrorContains(t, err, "throttled")
}

func TestRetryWaitsNoLongerThanTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		long := eventlog.Retry{Attempts: 9, Base: time.Hour, Cap: time.Hour}
		assert.Error(t, long.Wait(ctx, 1))
		assert.LessOrEqual(t, time.Since(start), time.Second)
		cancel()
		assert.Error(t, eventlog.Retry{Base: time.Millisecond, Cap: time.Hour}.Wait(ctx, 60))
		assert.NoError(t, eventlog.Retry{}.Wait(t.Context(), 1), "no wait at all")
	})
}

// BenchmarkExecute counts the DynamoDB requests of an accepted command.
func BenchmarkExecute(b *testing.B) {
	db := newDB()
	log := newLog(db)
	n := 0
	for b.Loop() {
		n++
		_, err := log.Execute(b.Context(), fmt.Sprint("p", n), eventlog.Origin{CommandID: "a"}, record)
		require.NoError(b, err)
	}
	requests := db.Requests()
	b.ReportMetric(float64(requests["Query"])/float64(n), "queries/command")
	b.ReportMetric(float64(requests["PutItem"])/float64(n), "puts/command")
	require.Equal(b, map[string]int{"Query": n, "PutItem": n}, requests)
}
