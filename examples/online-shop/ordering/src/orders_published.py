"""The extension point Orders: what other plugins learn of orders.

The catalog hears of each product that is ordered, shipping of each order as a whole.
Messages of one key arrive in order, so the key is what a message is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import Message, RecordedEvent


def publish(event: RecordedEvent) -> list[Message]:
    """The messages that an event leads to."""
    order = event["data"]
    if event["type"] == "OrderCancelled":
        return [*items("ItemOrderCancelled", order), about_order("OrderNoLongerToShip", order)]
    return [*items("ItemOrdered", order, "customerId"), *to_ship(order)]


def items(kind: str, order: dict, *fields: str) -> list[Message]:
    """One message for each product of an order, with these fields of the order."""
    data = {name: order[name] for name in ("orderId", *fields)}
    return [{"type": kind, "key": product, "data": {"productId": product, **data}} for product in order["productIds"]]


def to_ship(order: dict) -> list[Message]:
    """The order is shipping's to ship, unless it ships itself (see auto_ship_order)."""
    express = order["shippingMethod"] == "EXPRESS"
    return [] if express else [about_order("OrderReadyToShip", order, "customerId", "shippingMethod")]


def about_order(kind: str, order: dict, *fields: str) -> Message:
    """A message about the order as a whole, with these fields of it."""
    return {"type": kind, "key": order["orderId"], "data": {name: order[name] for name in ("orderId", *fields)}}
