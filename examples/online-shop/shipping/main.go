// Command shipping is the shop's plugin that brings orders to their customers, written
// in Go with the engine as a library.
//
//  1. Ordering's extension point says that an order is ready: the extension Orders asks
//     for a shipment, and schedules the moment at which it is overdue.
//  2. Somebody in the warehouse dispatches it: the mutation dispatchShipment is a command
//     of the slice Shipment.
//  3. The automation ReportShipment tells ordering, by a command to the same extension
//     point, and cancels what was scheduled.
//  4. The view Shipments shows all of it.
//
// Each component is a file; [handle] finds the one that a turn is for.
package main

import "github.com/reventless/pulumi-reventless/runtime"

func main() { runtime.Start(handle) }
