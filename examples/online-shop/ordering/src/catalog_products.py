"""The view CatalogProducts: what ordering knows of each product, be it available or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import Data, RecordedEvent


def project(row: Data | None, event: RecordedEvent) -> Data | None:
    """The row after the event; no row for a product that was never synced."""
    data = event["data"]
    if event["type"] in ("CatalogProductSynced", "CatalogProductRelisted"):
        return {**(row or {}), "name": data["name"], "price": data["price"], "available": True}
    if row is None:
        return None
    match event["type"]:
        case "CatalogProductPriceChanged":
            return {**row, "price": data["price"]}
        case "CatalogProductImageChanged":
            return {**row, "productImage": data.get("productImage")}
        case "CatalogProductWithdrawn":
            return {**row, "available": False}
    return row
