package main

import (
	"context"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The components, by the names under which the plugin is declared.
const (
	shipmentSlice    = "Shipment"
	shipmentsView    = "Shipments"
	ordersExtension  = "Orders"
	reportAutomation = "ReportShipment"
	overdueSchedule  = "Overdue"
)

// question is what a turn asks, and of which component.
type question struct {
	kind      turn.Kind
	component string
}

// answers has for each question the function that answers it. All of them are pure:
// nothing here knows where events are stored or sent.
var answers = map[question]func(turn.Turn) (turn.Answer, error){
	{turn.Decide, shipmentSlice}:     decideShipment,
	{turn.Project, shipmentsView}:    projectShipment,
	{turn.React, ordersExtension}:    reactToOrder,
	{turn.Project, reportAutomation}: projectReport,
	{turn.React, reportAutomation}:   report,
}

// handle answers one turn.
func handle(_ context.Context, t turn.Turn) (turn.Answer, error) {
	answer, known := answers[question{t.Kind, t.Component}]
	if !known {
		return turn.Answer{}, fmt.Errorf("shipping takes no %s turns of %s", t.Kind, t.Component)
	}
	return answer(t)
}
