package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestTurnsThatAreNotUnderstoodFail(t *testing.T) {
	t.Parallel()
	broken := json.RawMessage(`{"orderId":1}`)
	brokenEvent := turn.RecordedEvent{Type: requested, Data: broken}
	for name, test := range map[string]struct {
		asked turn.Turn
		want  string
	}{
		"component": {turn.Turn{Kind: turn.Decide, Component: "Parcel"}, "shipping takes no decide turns of Parcel"},
		"kind":      {turn.Turn{Kind: turn.Publish, Component: "Orders"}, "shipping takes no publish turns of Orders"},
		"command": {
			turn.Turn{Kind: turn.Decide, Component: "Shipment", Command: &turn.Command{Type: "LoseShipment"}},
			"the slice Shipment knows no command LoseShipment",
		},
		"command's data": {
			turn.Turn{Kind: turn.Decide, Component: "Shipment", Command: &turn.Command{Type: dispatchCommand, Data: broken}},
			"read main.order",
		},
		"history": {
			turn.Turn{Kind: turn.Decide, Component: "Shipment", Command: &turn.Command{Type: dispatchCommand}, History: []turn.RecordedEvent{brokenEvent}},
			"read main.shipmentRequested",
		},
		"event": {turn.Turn{Kind: turn.Project, Component: "Shipments", Row: json.RawMessage("null"), Event: &brokenEvent}, "read main.shipmentRequested"},
		"message": {
			turn.Turn{Kind: turn.React, Component: "Orders", Message: &turn.Message{Type: orderReady, Data: broken}},
			"read main.orderReadyToShip",
		},
		"message's time": {
			turn.Turn{Kind: turn.React, Component: "Orders", Message: &turn.Message{Type: orderReady, Data: json.RawMessage(aboutOrder)}},
			"read the message's time",
		},
		"row": {turn.Turn{Kind: turn.React, Component: "ReportShipment", Row: broken}, "read main.order"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := handle(t.Context(), test.asked)
			assert.ErrorContains(t, err, test.want)
		})
	}
}
