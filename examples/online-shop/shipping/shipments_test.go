package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// row is the row of a component after some events of the order o1.
func row(t *testing.T, component string, events []turn.RecordedEvent) string {
	t.Helper()
	current := json.RawMessage("null")
	for _, event := range events {
		current = ask(t, turn.Turn{Kind: turn.Project, Component: component, ID: "o1", Row: current, Event: &event}).Row
	}
	return string(current)
}

func TestShipmentsFollowTheirEvents(t *testing.T) {
	t.Parallel()
	type events = []turn.RecordedEvent
	with := func(status, more string) string {
		return `{"customerId":"mia","shippingMethod":"STANDARD","requestedAt":"` + now + `","dispatchBy":"2026-01-04T09:30:00Z","status":"` + status + `"` + more + `}`
	}
	gone := `,"dispatchedAt":"` + now + `"`
	for name, test := range map[string]struct {
		events events
		want   string
	}{
		"requested":  {events{wasRequested}, with("REQUESTED", "")},
		"overdue":    {events{wasRequested, wasOverdue}, with("OVERDUE", "")},
		"dispatched": {events{wasRequested, wasOverdue, wasDispatched}, with("DISPATCHED", gone)},
		"reported":   {events{wasRequested, wasDispatched, wasReported}, with("REPORTED", gone)},
		"cancelled":  {events{wasRequested, wasCancelled}, with("CANCELLED", "")},
		"reopened":   {events{wasRequested, wasOverdue, wasCancelled, wasRequested}, with("REQUESTED", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.JSONEq(t, test.want, row(t, "Shipments", test.events))
		})
	}
}

func TestEveryStatusIsInTheSchema(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("schema.graphql")
	require.NoError(t, err)
	for _, status := range statusAfter {
		assert.Contains(t, string(schema), "\n  "+status+"\n")
	}
}
