"""The automation AutoShipOrder: express orders are shipped as soon as they are placed.

A row is an order to ship. It goes as soon as the order is shipped or cancelled, by
whomever, and comes back when the order is reopened.
"""


def project(_row: dict | None, event: dict) -> dict | None:
    """The row after the event, None when there is nothing to ship."""
    to_ship = event["type"] in ("OrderPlaced", "OrderReopened") and event["data"]["shippingMethod"] == "EXPRESS"
    return {"customerId": event["data"]["customerId"]} if to_ship else None


def react(turn: dict) -> list[dict]:
    """The commands for a row."""
    return [{"to": "Order", "type": "ShipOrder", "data": {"orderId": turn["id"]}}]
