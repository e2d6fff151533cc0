"""The extension CatalogProducts: what the catalog says of its products becomes commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import CommandTo, ReactTurnWithMessage

COMMAND_FOR = {
    "ProductBecameAvailable": "SyncNewProduct",
    "ProductPriceChanged": "ChangeSyncedPrice",
    "ProductWithdrawn": "WithdrawSyncedProduct",
    "ProductRelisted": "RelistSyncedProduct",
    "ProductImageChanged": "ChangeSyncedProductImage",
}


def react(turn: ReactTurnWithMessage) -> list[CommandTo]:
    """The commands that a message leads to. One that the catalog invents later leads to none."""
    message = turn["message"]
    command = COMMAND_FOR.get(message["type"])
    return [{"to": "CatalogProduct", "type": command, "data": message["data"]}] if command else []
