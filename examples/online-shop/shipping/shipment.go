package main

import (
	"encoding/json"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The events of a shipment. Their names are in the log for good.
const (
	requested  = "ShipmentRequested"
	overdue    = "ShipmentOverdue"
	dispatched = "ShipmentDispatched"
	reported   = "ShipmentReported"
	cancelled  = "ShipmentCancelled"
)

// The commands. All but the second are sent by the plugin itself.
const (
	requestCommand  = "RequestShipment"
	dispatchCommand = "DispatchShipment"
	overdueCommand  = "MarkOverdue"
	reportedCommand = "ConfirmReported"
	cancelCommand   = "CancelShipment"
)

// order says which order something is about; most events and commands need no more.
type order struct {
	OrderID string `json:"orderId"`
}

// shipmentRequested is the data of the command that asks for a shipment, and of the
// event that it leads to.
type shipmentRequested struct {
	OrderID        string `json:"orderId"`
	CustomerID     string `json:"customerId"`
	ShippingMethod string `json:"shippingMethod"`
	// DispatchBy is the time after which the shipment is overdue, RFC 3339 in UTC.
	DispatchBy string `json:"dispatchBy"`
}

// markOverdue is the data of the command that is scheduled. DispatchBy is that of the
// request that it was scheduled for.
type markOverdue struct {
	OrderID    string `json:"orderId"`
	DispatchBy string `json:"dispatchBy"`
}

// shipment is what the events of one order's shipment mean so far.
type shipment struct {
	// last is the type of the last event, "" when there is no shipment.
	last string
	// dispatchBy is that of the last request.
	dispatchBy string
}

// decisions has for each command the rule that decides on it.
var decisions = map[string]func(shipment, json.RawMessage) (decision, error){
	requestCommand:  rule(shipment.request),
	dispatchCommand: rule(shipment.dispatch),
	overdueCommand:  rule(shipment.markOverdue),
	reportedCommand: rule(shipment.confirmReported),
	cancelCommand:   rule(shipment.cancel),
}

// rule lets a rule take the JSON of its command.
func rule[C any](decide func(shipment, C) decision) func(shipment, json.RawMessage) (decision, error) {
	return func(s shipment, data json.RawMessage) (decision, error) {
		c, err := decode[C](data)
		if err != nil {
			return decision{}, err
		}
		return decide(s, c), nil
	}
}

// decideShipment answers the slice's decide turns.
func decideShipment(t turn.Turn) (turn.Answer, error) {
	decide, known := decisions[t.Command.Type]
	if !known {
		return turn.Answer{}, fmt.Errorf("the slice %s knows no command %s", shipmentSlice, t.Command.Type)
	}
	state, err := fold(t.History)
	if err != nil {
		return turn.Answer{}, err
	}
	made, err := decide(state, t.Command.Data)
	if err != nil {
		return turn.Answer{}, err
	}
	return made.answer()
}

// fold makes the state from the events.
func fold(history []turn.RecordedEvent) (shipment, error) {
	var s shipment
	for _, event := range history {
		s.last = event.Type
		if event.Type != requested {
			continue
		}
		data, err := decode[shipmentRequested](event.Data)
		if err != nil {
			return s, err
		}
		s.dispatchBy = data.DispatchBy
	}
	return s, nil
}

// waiting says whether the shipment is to be dispatched.
func (s shipment) waiting() bool { return s.last == requested || s.last == overdue }

// request begins a shipment, or begins it again when the order was cancelled and
// reopened.
func (s shipment) request(c shipmentRequested) decision {
	if s.last != "" && s.last != cancelled {
		return accept()
	}
	return accept(fact{requested, c})
}

// dispatch hands the shipment over to the carrier.
func (s shipment) dispatch(c order) decision {
	switch {
	case s.last == "":
		return reject("ShipmentNotFound", "There is no shipment of order %s.", c.OrderID)
	case s.last == cancelled:
		return reject("ShipmentAlreadyCancelled", "The shipment of order %s is cancelled.", c.OrderID)
	case s.waiting():
		return accept(fact{dispatched, c})
	}
	return accept()
}

// markOverdue notes that the shipment was not dispatched in time. What was scheduled may
// fire late, or for a request that was cancelled since, so it counts only for the request
// that still waits.
func (s shipment) markOverdue(c markOverdue) decision {
	if s.last != requested || s.dispatchBy != c.DispatchBy {
		return accept()
	}
	return accept(fact{overdue, order{c.OrderID}})
}

// confirmReported notes that ordering was told.
func (s shipment) confirmReported(c order) decision {
	if s.last != dispatched {
		return accept()
	}
	return accept(fact{reported, c})
}

// cancel ends a shipment that was not dispatched. One that was is on its way: the
// refusal is in the function's log, for somebody to look after.
func (s shipment) cancel(c order) decision {
	switch {
	case s.waiting():
		return accept(fact{cancelled, c})
	case s.last == dispatched || s.last == reported:
		return reject("ShipmentAlreadyDispatched", "The shipment of order %s is on its way.", c.OrderID)
	}
	return accept()
}
