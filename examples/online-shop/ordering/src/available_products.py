"""The view AvailableProducts: what can be ordered now; a product that is withdrawn has no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import Data, RecordedEvent


def project(row: Data | None, event: RecordedEvent) -> Data | None:
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
