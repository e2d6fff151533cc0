package main

import "github.com/reventless/pulumi-reventless/runtime/turn"

// shipmentRow is a row of the view, the type Shipment of the API; its key is the order's
// id.
type shipmentRow struct {
	CustomerID     string `json:"customerId"`
	ShippingMethod string `json:"shippingMethod"`
	Status         string `json:"status"`
	RequestedAt    string `json:"requestedAt"`
	DispatchBy     string `json:"dispatchBy"`
	DispatchedAt   string `json:"dispatchedAt,omitempty"`
}

// statusAfter has the status that each event leads to, a value of the enum
// ShipmentStatus.
var statusAfter = map[string]string{
	requested:  "REQUESTED",
	overdue:    "OVERDUE",
	dispatched: "DISPATCHED",
	reported:   "REPORTED",
	cancelled:  "CANCELLED",
}

// projectShipment makes the row after an event. A request that follows a cancellation
// begins a new row.
func projectShipment(t turn.Turn) (turn.Answer, error) {
	row, err := decode[shipmentRow](t.Row)
	if err != nil {
		return turn.Answer{}, err
	}
	switch t.Event.Type {
	case requested:
		data, err := decode[shipmentRequested](t.Event.Data)
		if err != nil {
			return turn.Answer{}, err
		}
		row = shipmentRow{CustomerID: data.CustomerID, ShippingMethod: data.ShippingMethod, DispatchBy: data.DispatchBy, RequestedAt: t.Event.Time}
	case dispatched:
		row.DispatchedAt = t.Event.Time
	}
	row.Status = statusAfter[t.Event.Type]
	return keep(row)
}
