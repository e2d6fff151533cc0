package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The messages of ordering's extension point Orders that shipping receives.
const (
	orderReady    = "OrderReadyToShip"
	orderNotReady = "OrderNoLongerToShip"
)

// dispatchWithin is how long after an order became ready it has to be dispatched.
const dispatchWithin = 48 * time.Hour

// orderReadyToShip is the data of ordering's message.
type orderReadyToShip struct {
	OrderID        string `json:"orderId"`
	CustomerID     string `json:"customerId"`
	ShippingMethod string `json:"shippingMethod"`
}

// reactToOrder makes commands of ordering's messages. Those about one order come one
// after the other, and each command has effect once, so a message that comes again
// changes nothing. A type of message that ordering may add later is none of our business.
func reactToOrder(t turn.Turn) (turn.Answer, error) {
	switch t.Message.Type {
	case orderReady:
		return requestShipment(t.Message.Data, t.Meta.Time)
	case orderNotReady:
		return cancelShipment(t.Message.Data)
	}
	return turn.Answer{}, nil
}

// requestShipment asks for the shipment of an order that is ready since a time, and
// schedules the moment at which it is overdue.
func requestShipment(message json.RawMessage, since string) (turn.Answer, error) {
	ready, err := decode[orderReadyToShip](message)
	if err != nil {
		return turn.Answer{}, err
	}
	dispatchBy, err := deadline(since)
	if err != nil {
		return turn.Answer{}, err
	}
	answer, err := send(command{shipmentSlice, ready.OrderID, requestCommand, shipmentRequested{
		OrderID: ready.OrderID, CustomerID: ready.CustomerID, ShippingMethod: ready.ShippingMethod, DispatchBy: dispatchBy,
	}})
	if err != nil {
		return turn.Answer{}, err
	}
	data, err := json.Marshal(markOverdue{OrderID: ready.OrderID, DispatchBy: dispatchBy})
	answer.Schedule = []turn.ScheduleTo{{Schedule: overdueSchedule, Key: ready.OrderID, At: dispatchBy, ID: ready.OrderID, Data: data}}
	return answer, err
}

// deadline is the time by which an order has to be dispatched, to the second.
func deadline(since string) (string, error) {
	ready, err := time.Parse(time.RFC3339, since)
	if err != nil {
		return "", fmt.Errorf("read the message's time: %w", err)
	}
	return ready.UTC().Add(dispatchWithin).Format(time.RFC3339), nil
}

// cancelShipment stops the shipment of an order that was cancelled.
func cancelShipment(message json.RawMessage) (turn.Answer, error) {
	about, err := decode[order](message)
	if err != nil {
		return turn.Answer{}, err
	}
	answer, err := send(command{shipmentSlice, about.OrderID, cancelCommand, about})
	answer.Unschedule = []turn.ScheduleKey{notOverdue(about.OrderID)}
	return answer, err
}

// notOverdue is the schedule of an order that waits no longer.
func notOverdue(orderID string) turn.ScheduleKey {
	return turn.ScheduleKey{Schedule: overdueSchedule, Key: orderID}
}
