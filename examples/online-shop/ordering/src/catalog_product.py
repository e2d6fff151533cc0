"""The slice CatalogProduct: ordering's copy of a product of the catalog.

It is fed by the extension CatalogProducts alone and never refuses a command; a
repeated message changes nothing. The copy survives a withdrawal, so a product that
returns keeps its name and price.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from answers import accept, event

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, DecideTurn, RecordedEvent

UNKNOWN = {"name": None, "price": None, "image": None, "withdrawn": False}


def decide(turn: DecideTurn) -> DecideAnswer:
    """Decide on one command for one product."""
    command = turn["command"]
    return COMMANDS[command["type"]](reduce(evolve, turn["history"], UNKNOWN), command["data"])


def available(history: list[RecordedEvent]) -> dict[str, dict]:
    """The products that can be ordered, by id, from the events of several products."""
    copies: dict[str, dict] = {}
    for past in history:
        product = past["data"]["productId"]
        copies[product] = evolve(copies.get(product, UNKNOWN), past)
    return {product: copy for product, copy in copies.items() if copy["name"] and not copy["withdrawn"]}


def evolve(copy: dict, past: RecordedEvent) -> dict:
    """The copy after an event."""
    data = past["data"]
    match past["type"]:
        case "CatalogProductSynced" | "CatalogProductRelisted":
            return {**copy, "name": data["name"], "price": data["price"], "withdrawn": False}
        case "CatalogProductPriceChanged":
            return {**copy, "price": data["price"]}
        case "CatalogProductWithdrawn":
            return {**copy, "withdrawn": True}
        case "CatalogProductImageChanged":
            return {**copy, "image": data.get("productImage")}
        case kind:
            raise ValueError(f"{kind} is no event of a product")


def sync(copy, data):
    """Take over a product that became available."""
    product = {"name": data["name"], "price": data["price"]}
    if {**copy, **product, "withdrawn": False} == copy:
        return accept()
    return accept(event("CatalogProductSynced", productId=data["productId"], **product))


def change_price(copy, data):
    """Take over a price; that of a product never synced is nothing to us."""
    if copy["name"] is None or copy["price"] == data["price"]:
        return accept()
    return accept(event("CatalogProductPriceChanged", productId=data["productId"], price=data["price"]))


def withdraw(copy, data):
    """Take the product off the shelf."""
    if copy["withdrawn"]:
        return accept()
    return accept(event("CatalogProductWithdrawn", productId=data["productId"]))


def relist(copy, data):
    """Put the product back with what the copy knows of it."""
    if not copy["withdrawn"] or copy["price"] is None:
        return accept()
    return accept(event("CatalogProductRelisted", productId=data["productId"], name=copy["name"], price=copy["price"]))


def change_image(copy, data):
    """Take over the picture, or that there is none any more."""
    image = data.get("productImage")
    if copy["image"] == image:
        return accept()
    return accept(event("CatalogProductImageChanged", productId=data["productId"], productImage=image))


COMMANDS = {
    "SyncNewProduct": sync,
    "ChangeSyncedPrice": change_price,
    "WithdrawSyncedProduct": withdraw,
    "RelistSyncedProduct": relist,
    "ChangeSyncedProductImage": change_image,
}
