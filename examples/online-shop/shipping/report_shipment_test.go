package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestDispatchedShipmentsAreToBeReported(t *testing.T) {
	t.Parallel()
	type events = []turn.RecordedEvent
	for name, test := range map[string]struct {
		events events
		want   string
	}{
		"dispatched": {events{wasDispatched}, aboutOrder},
		"reported":   {events{wasDispatched, wasReported}, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.JSONEq(t, test.want, row(t, "ReportShipment", test.events))
		})
	}
}

func TestReportGoesToOrderingFirst(t *testing.T) {
	t.Parallel()
	answer := ask(t, turn.Turn{
		Kind: turn.React, Component: "ReportShipment", ID: "o1",
		Row: json.RawMessage(`{"id":"o1","orderId":"o1"}`), Attempt: &turn.Attempt{Number: 1, Of: 5},
	})
	assert.Equal(t, turn.Answer{
		Commands: []turn.CommandTo{
			{To: "Orders", ID: "o1", Type: "ShipOrder", Data: json.RawMessage(aboutOrder)},
			{To: "Shipment", ID: "o1", Type: "ConfirmReported", Data: json.RawMessage(aboutOrder)},
		},
		Unschedule: []turn.ScheduleKey{{Schedule: "Overdue", Key: "o1"}},
	}, answer)
}
