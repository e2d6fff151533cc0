package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// now is the time of all turns.
const now = "2026-01-02T09:30:00.000Z"

// ask hands a turn to the handler as the engine does, which validates the answer.
func ask(t *testing.T, asked turn.Turn) turn.Answer {
	t.Helper()
	asked.Version, asked.Plugin, asked.Meta.Time = turn.Version, "shipping", now
	encoded, err := json.Marshal(asked)
	require.NoError(t, err)
	raw, err := runtime.NewInvoker(handle).Invoke(t.Context(), encoded)
	require.NoError(t, err)
	answer, err := turn.ParseAnswer(asked.Kind, raw)
	require.NoError(t, err)
	return answer
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
