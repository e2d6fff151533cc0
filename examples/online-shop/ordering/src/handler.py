"""Ordering's handler: one pure function from a turn to an answer.

A turn says what is asked (kind) and of which component; each component is a module
beside this file. Nothing here knows where events are stored or sent.
"""

import catalog_product
import catalog_products
import customer
import customers
import order
import orders

DECIDE = {
    "CatalogProduct": catalog_product.decide,
    "Customer": customer.decide,
    "Order": order.decide,
}
PROJECT = {
    "CatalogProducts": catalog_products.project,
    "Customers": customers.project,
    "Orders": orders.project,
}
REACT = {"CatalogProducts": catalog_product.react}


def handler(turn, _context=None):
    """Answer one turn."""
    kind, component = turn["kind"], turn["component"]
    if kind == "decide":
        return DECIDE[component](turn["command"], turn["history"])
    if kind == "project":
        return {"row": PROJECT[component](turn["row"], turn["event"])}
    if kind == "react":
        return {"commands": REACT[component](turn["message"])}
    raise ValueError(f"Ordering takes no turns of kind {kind}.")
