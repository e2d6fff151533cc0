package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/runtime/turntest"
)

func TestShipmentAccepts(t *testing.T) {
	t.Parallel()
	later := `{"orderId":"o1","customerId":"mia","shippingMethod":"STANDARD","dispatchBy":"2026-01-09T09:30:00Z"}`
	inTime, tooLate := `{"orderId":"o1","dispatchBy":"2026-01-04T09:30:00Z"}`, `{"orderId":"o1","dispatchBy":"2026-01-09T09:30:00Z"}`
	type events = []turn.RecordedEvent
	for name, test := range map[string]struct {
		command, data string
		history       events
		// want is the type of the event, "" for none.
		want string
	}{
		"request":                       {"RequestShipment", request, nil, "ShipmentRequested"},
		"request again":                 {"RequestShipment", request, events{wasRequested}, ""},
		"request what is overdue":       {"RequestShipment", later, events{wasRequested, wasOverdue}, ""},
		"request what is cancelled":     {"RequestShipment", later, events{wasRequested, wasCancelled}, "ShipmentRequested"},
		"request what is dispatched":    {"RequestShipment", later, events{wasRequested, wasDispatched}, ""},
		"dispatch":                      {"DispatchShipment", aboutOrder, events{wasRequested}, "ShipmentDispatched"},
		"dispatch what is overdue":      {"DispatchShipment", aboutOrder, events{wasRequested, wasOverdue}, "ShipmentDispatched"},
		"dispatch again":                {"DispatchShipment", aboutOrder, events{wasRequested, wasDispatched}, ""},
		"dispatch what is reported":     {"DispatchShipment", aboutOrder, events{wasRequested, wasDispatched, wasReported}, ""},
		"dispatch what was reopened":    {"DispatchShipment", aboutOrder, events{wasRequested, wasCancelled, wasRequested}, "ShipmentDispatched"},
		"overdue":                       {"MarkOverdue", inTime, events{wasRequested}, "ShipmentOverdue"},
		"overdue twice":                 {"MarkOverdue", inTime, events{wasRequested, wasOverdue}, ""},
		"overdue but dispatched":        {"MarkOverdue", inTime, events{wasRequested, wasDispatched}, ""},
		"overdue but cancelled":         {"MarkOverdue", inTime, events{wasRequested, wasCancelled}, ""},
		"overdue without shipment":      {"MarkOverdue", inTime, nil, ""},
		"overdue by a former request":   {"MarkOverdue", inTime, events{wasRequested, wasCancelled, event("ShipmentRequested", later)}, ""},
		"overdue by the request of now": {"MarkOverdue", tooLate, events{wasRequested, wasCancelled, event("ShipmentRequested", later)}, "ShipmentOverdue"},
		"report":                        {"ConfirmReported", aboutOrder, events{wasRequested, wasDispatched}, "ShipmentReported"},
		"report again":                  {"ConfirmReported", aboutOrder, events{wasRequested, wasDispatched, wasReported}, ""},
		"cancel":                        {"CancelShipment", aboutOrder, events{wasRequested}, "ShipmentCancelled"},
		"cancel what is overdue":        {"CancelShipment", aboutOrder, events{wasRequested, wasOverdue}, "ShipmentCancelled"},
		"cancel again":                  {"CancelShipment", aboutOrder, events{wasRequested, wasCancelled}, ""},
		"cancel what was never asked":   {"CancelShipment", aboutOrder, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var then []turn.Event
			switch test.want {
			case "":
			case "ShipmentRequested":
				then = []turn.Event{{Type: test.want, Data: json.RawMessage(test.data)}}
			default:
				then = []turn.Event{{Type: test.want, Data: json.RawMessage(aboutOrder)}}
			}
			when := turn.Command{Type: test.command, Data: json.RawMessage(test.data)}
			shipping.Decide(t, shipmentSlice, turntest.Decision{ID: "o1", Given: test.history, When: when, Then: then})
		})
	}
}

func TestShipmentRefuses(t *testing.T) {
	t.Parallel()
	type events = []turn.RecordedEvent
	for name, test := range map[string]struct {
		command string
		history events
		want    turn.Reject
	}{
		"dispatch what was never asked": {"DispatchShipment", nil, turn.Reject{Code: "ShipmentNotFound", Message: "There is no shipment of order o1."}},
		"dispatch what is cancelled": {
			"DispatchShipment", events{wasRequested, wasCancelled},
			turn.Reject{Code: "ShipmentAlreadyCancelled", Message: "The shipment of order o1 is cancelled."},
		},
		"cancel what is dispatched": {
			"CancelShipment", events{wasRequested, wasDispatched},
			turn.Reject{Code: "ShipmentAlreadyDispatched", Message: "The shipment of order o1 is on its way."},
		},
		"cancel what is reported": {
			"CancelShipment", events{wasRequested, wasDispatched, wasReported},
			turn.Reject{Code: "ShipmentAlreadyDispatched", Message: "The shipment of order o1 is on its way."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			when := turn.Command{Type: test.command, Data: json.RawMessage(aboutOrder)}
			answer := shipping.Decide(t, shipmentSlice, turntest.Decision{ID: "o1", Given: test.history, When: when, Rejected: test.want.Code})
			assert.Equal(t, turn.Answer{Reject: &test.want}, answer)
		})
	}
}
