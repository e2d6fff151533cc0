"""The CatalogProduct aggregate: ordering's copy of a product of the catalog.

It is fed by the extension CatalogProducts alone and never refuses a command; a
repeated message changes nothing. The copy survives a withdrawal, so a product that
returns keeps its name and price.
"""

from answers import accept, event


def react(message):
    """The commands that a message of the catalog's extension point Products leads to."""
    command = {
        "ProductBecameAvailable": "SyncNewProduct",
        "ProductPriceChanged": "ChangeSyncedPrice",
        "ProductWithdrawn": "WithdrawSyncedProduct",
        "ProductRelisted": "RelistSyncedProduct",
    }.get(message["type"])
    if command is None:
        return []
    data = message["data"]
    return [{"to": "CatalogProduct", "id": data["productId"], "type": command, "data": data}]


def decide(command, history):
    """Decide on one command for one product."""
    return COMMANDS[command["type"]](fold(history), command["data"])


def fold(history):
    """What the copy holds: name and price (None until known) and whether it is withdrawn."""
    state = {"name": None, "price": None, "withdrawn": False}
    for past in history:
        kind, data = past["type"], past["data"]
        if kind == "CatalogProductSynced":
            state = {"name": data["name"], "price": data["price"], "withdrawn": False}
        elif kind == "CatalogProductPriceChanged":
            state["price"] = data["price"]
        else:
            state["withdrawn"] = kind == "CatalogProductWithdrawn"
    return state


def sync(state, data):
    """Take over a product that became available."""
    product = {"name": data["name"], "price": data["price"]}
    if state == {**product, "withdrawn": False}:
        return accept()
    return accept(event("CatalogProductSynced", productId=data["productId"], **product))


def change_price(state, data):
    """Take over a price; that of a product never synced is nothing to us."""
    if state["name"] is None or state["price"] == data["price"]:
        return accept()
    return accept(event("CatalogProductPriceChanged", productId=data["productId"], price=data["price"]))


def withdraw(state, data):
    """Take the product off the shelf."""
    if state["withdrawn"]:
        return accept()
    return accept(event("CatalogProductWithdrawn", productId=data["productId"]))


def relist(state, data):
    """Put the product back with what the copy knows of it."""
    if not state["withdrawn"] or state["price"] is None:
        return accept()
    return accept(
        event("CatalogProductRelisted", productId=data["productId"], name=state["name"], price=state["price"])
    )


COMMANDS = {
    "SyncNewProduct": sync,
    "ChangeSyncedPrice": change_price,
    "WithdrawSyncedProduct": withdraw,
    "RelistSyncedProduct": relist,
}
