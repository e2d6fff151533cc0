"""Ordering's handler: from a turn to an answer.

A turn says what is asked (kind) and of which component; each component is a module
beside this file. Nothing here knows where events are stored or sent.
"""

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

DECIDE = {
    "CatalogProduct": catalog_product.decide,
    "Customer": customer.decide,
    "Order": order.decide,
    "PlaceOrder": place_order.decide,
    "Refund": order.decide,
}
PROJECT = {
    "AutoShipOrder": auto_ship_order.project,
    "AvailableProducts": available_products.project,
    "CatalogProducts": catalog_products.project,
    "Customers": customers.project,
    "Orders": orders.project,
    "SendOrderConfirmation": send_order_confirmation.project,
}
PUBLISH = {"Orders": orders_published.publish}
REACT = {"AutoShipOrder": auto_ship_order.react, "CatalogProducts": products_received.react}
CALL = {"SendOrderConfirmation": send_order_confirmation.call}


def handler(turn, _context=None):
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
