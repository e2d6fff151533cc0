"""The CatalogProducts read model: what orders show of a product, by product id."""


def project(row, event):
    """The row after the event; no row for a product withdrawn before it was ever synced."""
    kind, data = event["type"], event["data"]
    if kind in ("CatalogProductSynced", "CatalogProductRelisted"):
        return {"id": event["id"], "name": data["name"], "price": data["price"], "available": True}
    if row is None:
        return None
    if kind == "CatalogProductPriceChanged":
        return {**row, "price": data["price"]}
    if kind == "CatalogProductWithdrawn":
        return {**row, "available": False}
    return row
