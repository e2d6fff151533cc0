package main

import "github.com/reventless/pulumi-reventless/runtime/turn"

// shipOrder is the command that ordering's extension point Orders takes.
const shipOrder = "ShipOrder"

// projectReport makes the automation's rows: a shipment that was dispatched is to be
// reported to ordering, until it is.
func projectReport(t turn.Turn) (turn.Answer, error) {
	if t.Event.Type != dispatched {
		return drop()
	}
	about, err := decode[order](t.Event.Data)
	if err != nil {
		return turn.Answer{}, err
	}
	return keep(about)
}

// report tells ordering that an order was shipped. Ordering's command comes first: the
// row, and with it the next attempt, goes only when that is on its way. Ordering takes a
// repetition as nothing new.
func report(t turn.Turn) (turn.Answer, error) {
	about, err := decode[order](t.Row)
	if err != nil {
		return turn.Answer{}, err
	}
	answer, err := send(
		command{ordersExtension, about.OrderID, shipOrder, about},
		command{shipmentSlice, about.OrderID, reportedCommand, about},
	)
	answer.Unschedule = []turn.ScheduleKey{notOverdue(about.OrderID)}
	return answer, err
}
