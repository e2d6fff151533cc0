package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestOrdersBecomeShipments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		message, data string
		want          turn.Answer
	}{
		"ready": {
			"OrderReadyToShip", `{"orderId":"o1","customerId":"mia","shippingMethod":"STANDARD","later":true}`,
			turn.Answer{
				Commands: []turn.CommandTo{{To: "Shipment", ID: "o1", Type: "RequestShipment", Data: json.RawMessage(request)}},
				Schedule: []turn.ScheduleTo{{
					Schedule: "Overdue", Key: "o1", At: "2026-01-04T09:30:00Z", ID: "o1",
					Data: json.RawMessage(`{"orderId":"o1","dispatchBy":"2026-01-04T09:30:00Z"}`),
				}},
			},
		},
		"no longer ready": {
			"OrderNoLongerToShip", aboutOrder,
			turn.Answer{
				Commands:   []turn.CommandTo{{To: "Shipment", ID: "o1", Type: "CancelShipment", Data: json.RawMessage(aboutOrder)}},
				Unschedule: []turn.ScheduleKey{{Schedule: "Overdue", Key: "o1"}},
			},
		},
		"something new": {"OrderPraised", `{}`, turn.Answer{Commands: []turn.CommandTo{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, ask(t, turn.Turn{
				Kind: turn.React, Component: "Orders",
				Message: &turn.Message{Type: test.message, Data: json.RawMessage(test.data), Key: "o1", Plugin: "ordering", ExtensionPoint: "Orders"},
			}))
		})
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ since, want string }{
		"two days":       {"2026-02-27T09:30:00.999Z", "2026-03-01T09:30:00Z"},
		"of a time zone": {"2026-01-02T00:30:00+01:00", "2026-01-03T23:30:00Z"},
	} {
		got, err := deadline(test.since)
		assert.NoError(t, err, name)
		assert.Equal(t, test.want, got, name)
	}
}
