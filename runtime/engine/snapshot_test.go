package engine

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// withSnapshots makes products keep a snapshot after so many events.
func withSnapshots(every int) func(*Config) {
	return func(c *Config) {
		product := c.Definition.Aggregates["Product"]
		product.SnapshotEvery = every
		c.Definition.Aggregates = map[string]definition.Aggregate{"Product": product, "Category": c.Definition.Aggregates["Category"]}
	}
}

// counts decides on one event and counts all events in a snapshot.
var counts = decideWith(func(t turn.Turn) (any, error) {
	state := struct {
		Count int `json:"count"`
	}{}
	if t.Snapshot != nil {
		if err := json.Unmarshal(t.Snapshot, &state); err != nil {
			return nil, err
		}
	}
	state.Count += len(t.History) + 1
	return fmt.Sprintf(`{"events":[{"type":"Added","data":{"count":%d}}],"snapshot":{"count":%d}}`, state.Count, state.Count), nil
})

func TestADecisionGoesOnFromItsSnapshot(t *testing.T) {
	t.Parallel()
	var asked []turn.Turn
	b := newBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
		asked = append(asked, t)
		return counts[turn.Decide](nil, t)
	}), withSnapshots(3))
	for i := range 8 {
		var result protocol.CommandResult
		require.NoError(t, b.handle(t.Context(), field("addProduct", fmt.Sprintf(`{"id":"p1","commandId":"c%d"}`, i), ``), &result))
		assert.Equal(t, int64(i+1), result.Version)
	}
	assert.Equal(t, map[string]int{"Query": 8, "PutItem": 8}, b.db.Requests())
	for i, want := range []struct {
		snapshot string
		events   int
	}{{"", 0}, {"", 1}, {"", 2}, {`{"count":3}`, 0}, {`{"count":3}`, 1}, {`{"count":3}`, 2}, {`{"count":6}`, 0}, {`{"count":6}`, 1}} {
		assert.Equal(t, want.snapshot, string(asked[i].Snapshot), i)
		assert.Len(t, asked[i].History, want.events, i)
	}
	stream, err := b.engine.logs["Product"].Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	for i, e := range stream.Events {
		assert.JSONEq(t, fmt.Sprintf(`{"count":%d}`, i+1), string(e.Data))
	}
	var again protocol.CommandResult
	require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1","commandId":"c1"}`, ``), &again))
	assert.Equal(t, protocol.CommandResult{Status: protocol.Accepted, ID: "p1", Version: 2, CommandID: "c1", CorrelationID: "c1"}, again)
	assert.Len(t, asked, 8)
}

func TestAnAggregateWithoutSnapshotsIgnoresThem(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionCommands, counts)
	for range 3 {
		require.NoError(t, b.handle(t.Context(), field("addProduct", `{"id":"p1"}`, ``), &protocol.CommandResult{}))
	}
	for _, item := range b.db.Items("product-log") {
		assert.NotContains(t, item, "snapshot")
	}
}
