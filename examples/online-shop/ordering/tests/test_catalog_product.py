"""The copy of the catalog: from messages to rows."""

import unittest

from . import turns
from .turns import event

PRICE = {"amount": 1999, "currency": "EUR"}
LOWER = {"amount": 1499, "currency": "EUR"}
SYNCED = event("CatalogProductSynced", productId="p1", name="Lamp", price=PRICE)
WITHDRAWN = event("CatalogProductWithdrawn", productId="p1")
RELISTED = event("CatalogProductRelisted", productId="p1", name="Lamp", price=PRICE)


def decide(command, *history, **data):
    """The answer to a command about product p1."""
    return turns.decide("CatalogProduct", command, history, productId="p1", **data)


class CatalogProduct(unittest.TestCase):
    """The CatalogProduct aggregate and the extension that feeds it."""

    def test_messages_become_commands(self):
        cases = {
            "ProductBecameAvailable": "SyncNewProduct",
            "ProductPriceChanged": "ChangeSyncedPrice",
            "ProductWithdrawn": "WithdrawSyncedProduct",
            "ProductRelisted": "RelistSyncedProduct",
        }
        for message, command in cases.items():
            with self.subTest(message):
                expected = {"to": "CatalogProduct", "id": "p1", "type": command, "data": {"productId": "p1"}}
                self.assertEqual(turns.react("CatalogProducts", message, productId="p1"), [expected])
        self.assertEqual(turns.react("CatalogProducts", "SomethingNew", productId="p1"), [])

    def test_decisions(self):
        changed = event("CatalogProductPriceChanged", productId="p1", price=LOWER)
        cases = {
            "a product arrives": (decide("SyncNewProduct", name="Lamp", price=PRICE), [SYNCED]),
            "it arrives again": (decide("SyncNewProduct", SYNCED, name="Lamp", price=PRICE), []),
            "its price changes": (decide("ChangeSyncedPrice", SYNCED, price=LOWER), [changed]),
            "its price stays": (decide("ChangeSyncedPrice", SYNCED, price=PRICE), []),
            "a price of nothing": (decide("ChangeSyncedPrice", price=PRICE), []),
            "it is withdrawn": (decide("WithdrawSyncedProduct", SYNCED), [WITHDRAWN]),
            "it is withdrawn again": (decide("WithdrawSyncedProduct", SYNCED, WITHDRAWN), []),
            "it returns": (decide("RelistSyncedProduct", SYNCED, WITHDRAWN), [RELISTED]),
            "it never left": (decide("RelistSyncedProduct", SYNCED), []),
            "nothing known returns": (decide("RelistSyncedProduct", WITHDRAWN), []),
        }
        for name, (answer, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer, {"events": events})

    def test_the_row_follows_the_copy(self):
        row = turns.project("CatalogProducts", ("p1", SYNCED), ("p1", WITHDRAWN))
        self.assertEqual(row, {"id": "p1", "name": "Lamp", "price": PRICE, "available": False})
        changed = event("CatalogProductPriceChanged", productId="p1", price=LOWER)
        row = turns.project("CatalogProducts", ("p1", SYNCED), ("p1", WITHDRAWN), ("p1", RELISTED), ("p1", changed))
        self.assertEqual(row, {"id": "p1", "name": "Lamp", "price": LOWER, "available": True})
        self.assertIsNone(turns.project("CatalogProducts", ("p1", WITHDRAWN)))


if __name__ == "__main__":
    unittest.main()
