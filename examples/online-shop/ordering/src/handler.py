"""Ordering's handler: from a turn to an answer.

A turn says what is asked (kind) and of which component; each component is a module
beside this file. Nothing here knows where events are stored or sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import auto_ship_order
import available_products
import catalog_product
import catalog_products
import customer
import customers
import order
import orders
import orders_published
import place_order
import products_received
import send_order_confirmation

# The types of the handler kit, for a check of types only: nothing of it is deployed.
if TYPE_CHECKING:
    from collections.abc import Callable

    from reventless_handler import (
        Answer,
        CallTurn,
        CommandTo,
        Data,
        DecideAnswer,
        DecideTurn,
        Message,
        RecordedEvent,
        Turn,
    )

DECIDE: dict[str, Callable[[DecideTurn], DecideAnswer]] = {
    "CatalogProduct": catalog_product.decide,
    "Customer": customer.decide,
    "Order": order.decide,
    "PlaceOrder": place_order.decide,
    "Refund": order.decide,
}
PROJECT: dict[str, Callable[[Data | None, RecordedEvent], Data | None]] = {
    "AutoShipOrder": auto_ship_order.project,
    "AvailableProducts": available_products.project,
    "CatalogProducts": catalog_products.project,
    "Customers": customers.project,
    "Orders": orders.project,
    "SendOrderConfirmation": send_order_confirmation.project,
}
PUBLISH: dict[str, Callable[[RecordedEvent], list[Message]]] = {"Orders": orders_published.publish}
# An extension is asked about a message, an automation about a row.
REACT: dict[str, Callable[[Any], list[CommandTo]]] = {
    "AutoShipOrder": auto_ship_order.react,
    "CatalogProducts": products_received.react,
}
CALL: dict[str, Callable[[CallTurn], Data]] = {"SendOrderConfirmation": send_order_confirmation.call}


def handler(turn: Turn, _context: Any = None) -> Answer:
    """Answer one turn."""
    component = turn["component"]
    match turn["kind"]:
        case "decide":
            return DECIDE[component](turn)
        case "project":
            return {"row": PROJECT[component](turn["row"], turn["event"])}
        case "publish":
            return {"messages": PUBLISH[component](turn["event"])}
        case "react":
            return {"commands": REACT[component](turn)}
        case "call":
            return {"result": CALL[component](turn)}
        case kind:
            raise ValueError(f"Ordering takes no turns of kind {kind}.")
