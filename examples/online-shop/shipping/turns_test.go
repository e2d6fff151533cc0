package main

import (
	"encoding/json"
	"testing"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/runtime/turntest"
)

// now is the time of all turns.
const now = "2026-01-02T09:30:00.000Z"

// shipping is the plugin under test.
var shipping = turntest.Plugin{Name: "shipping", Handler: handle}

// ask hands a turn to the handler as the engine does, which validates the answer.
func ask(t *testing.T, asked turn.Turn) turn.Answer {
	t.Helper()
	asked.Meta.Time = now
	return shipping.Ask(t, asked)
}

// event is a recorded event of the order o1.
func event(eventType, data string) turn.RecordedEvent {
	return turn.RecordedEvent{Type: eventType, Data: json.RawMessage(data), Component: "orderId", ID: "o1", Number: 1, Time: now}
}

const (
	aboutOrder = `{"orderId":"o1"}`
	request    = `{"orderId":"o1","customerId":"mia","shippingMethod":"STANDARD","dispatchBy":"2026-01-04T09:30:00Z"}`
)

// The events of the order o1.
var (
	wasRequested  = event("ShipmentRequested", request)
	wasOverdue    = event("ShipmentOverdue", aboutOrder)
	wasDispatched = event("ShipmentDispatched", aboutOrder)
	wasReported   = event("ShipmentReported", aboutOrder)
	wasCancelled  = event("ShipmentCancelled", aboutOrder)
)
