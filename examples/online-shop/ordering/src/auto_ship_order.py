"""The automation AutoShipOrder: express orders are shipped as soon as they are placed.

A row is an order to ship. It goes as soon as the order is shipped or cancelled, by
whomever, and comes back when the order is reopened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import CommandTo, Data, ReactTurnWithId, RecordedEvent


def project(_row: Data | None, event: RecordedEvent) -> Data | None:
    """The row after the event, None when there is nothing to ship."""
    to_ship = event["type"] in ("OrderPlaced", "OrderReopened") and event["data"]["shippingMethod"] == "EXPRESS"
    return {"customerId": event["data"]["customerId"]} if to_ship else None


def react(turn: ReactTurnWithId) -> list[CommandTo]:
    """The commands for a row."""
    return [{"to": "Order", "type": "ShipOrder", "data": {"orderId": turn["id"]}}]
