"""The view AvailableProducts: what can be ordered now; a product that is withdrawn has no row."""


def project(row: dict | None, event: dict) -> dict | None:
    """The row after the event."""
    data = event["data"]
    match event["type"]:
        case "CatalogProductSynced" | "CatalogProductRelisted":
            return {"name": data["name"], "price": data["price"]}
        case "CatalogProductPriceChanged":
            return row and {**row, "price": data["price"]}
        case "CatalogProductWithdrawn":
            return None
    return row
