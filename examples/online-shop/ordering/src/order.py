"""The slices Order and Refund: what becomes of an order once it is placed.

It is Placed, then Shipped or Cancelled. A cancelled order can be reopened, and its
money is paid back once. Refund reads the same events; it is a slice of its own because
its mutation is answered before the command is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import callers
from answers import accept, event, reject

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, DecideTurn, RecordedEvent

LIFECYCLE_AFTER = {
    "OrderPlaced": "PLACED",
    "OrderShipped": "SHIPPED",
    "OrderCancelled": "CANCELLED",
    "OrderReopened": "PLACED",
}


def decide(turn: DecideTurn) -> DecideAnswer:
    """Decide on one command for one order."""
    command, order = turn["command"], fold(turn["history"])
    if order is None:
        return reject("OrderNotFound", f"There is no order {command['data']['orderId']}.")
    refusal = callers.refused(turn, order["customerId"]) if command["type"] in OWNERS else None
    return refusal or COMMANDS[command["type"]](order, command["data"])


def fold(history: list[RecordedEvent]) -> dict | None:
    """The order as it was placed, its lifecycle, and whether it is refunded; None when there is no order."""
    order: Any = None
    for past in history:
        if past["type"] == "OrderPlaced":
            order = {**past["data"], "refunded": False}
        if past["type"] == "RefundIssued":
            order["refunded"] = True
        else:
            order["lifecycle"] = LIFECYCLE_AFTER[past["type"]]
    return order


def ship(order, data):
    """Ship an order that is not cancelled."""
    if order["lifecycle"] == "CANCELLED":
        return reject("OrderAlreadyCancelled", f"Order {data['orderId']} is cancelled.")
    if order["lifecycle"] == "SHIPPED":
        return accept()
    return accept(event("OrderShipped", orderId=data["orderId"], customerId=order["customerId"]))


def cancel(order, data):
    """Cancel an order that is not shipped."""
    if order["lifecycle"] == "SHIPPED":
        return shipped(data)
    if order["lifecycle"] == "CANCELLED":
        return accept()
    return accept(event("OrderCancelled", orderId=data["orderId"], productIds=order["productIds"]))


def reopen(order, data):
    """Take a cancellation back. The event says all that others need to begin anew."""
    if order["lifecycle"] == "PLACED":
        return accept()
    if order["lifecycle"] == "SHIPPED":
        return shipped(data)
    placed = {name: order[name] for name in ("customerId", "productIds", "shippingMethod")}
    return accept(event("OrderReopened", orderId=data["orderId"], **placed))


def refund(order, data):
    """Pay the money for a cancelled order back."""
    if order["lifecycle"] != "CANCELLED":
        return reject("OrderNotCancelled", f"Order {data['orderId']} is not cancelled.")
    if order["refunded"]:
        return reject("RefundAlreadyIssued", f"The money for order {data['orderId']} is paid back already.")
    return accept(event("RefundIssued", orderId=data["orderId"], reason=data["reason"]))


def shipped(data):
    """It is too late."""
    return reject("OrderAlreadyShipped", f"Order {data['orderId']} is shipped.")


# The commands that an order's customer sends. The others come from groups and plugins that may.
OWNERS = {"CancelOrder"}
COMMANDS = {
    "ShipOrder": ship,
    "CancelOrder": cancel,
    "ReopenOrder": reopen,
    "IssueRefund": refund,
    "RequestRefund": refund,
}
