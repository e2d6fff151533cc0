"""The copy of the catalog: from messages by way of events to rows."""

import unittest

from . import turns
from .orders import DESK, EUR_20, EUR_50, LAMP, LAMP_IMAGE, LAMP_NO_IMAGE, LAMP_RELISTED, LAMP_WITHDRAWN, lamp_price
from .turns import event


def decide(command, *history, **data):
    """The answer to a command about the lamp."""
    return turns.decide("CatalogProduct", command, history, productId="lamp", **data)


class CatalogProduct(unittest.TestCase):
    """The slice CatalogProduct and the extension that feeds it."""

    def test_messages_become_commands(self):
        cases = {
            "ProductBecameAvailable": "SyncNewProduct",
            "ProductPriceChanged": "ChangeSyncedPrice",
            "ProductWithdrawn": "WithdrawSyncedProduct",
            "ProductRelisted": "RelistSyncedProduct",
            "ProductImageChanged": "ChangeSyncedProductImage",
        }
        data = {"productId": "lamp", "name": "Lamp"}
        for message, command in cases.items():
            with self.subTest(message):
                commands = turns.react("CatalogProducts", message={"type": message, "data": data})
                self.assertEqual(commands, [{"to": "CatalogProduct", "type": command, "data": data}])
        self.assertEqual(turns.react("CatalogProducts", message={"type": "ProductSoldOut", "data": data}), [])

    def test_decisions(self):
        renamed = event("CatalogProductSynced", productId="lamp", name="Lamp 2", price=EUR_20)
        sync = {"name": "Lamp", "price": EUR_20}
        cases = {
            "a product arrives": (decide("SyncNewProduct", **sync), [LAMP]),
            "it arrives again": (decide("SyncNewProduct", LAMP, LAMP_IMAGE, **sync), []),
            "it arrives with another name": (decide("SyncNewProduct", LAMP, name="Lamp 2", price=EUR_20), [renamed]),
            "it arrives after a withdrawal": (decide("SyncNewProduct", LAMP, LAMP_WITHDRAWN, **sync), [LAMP]),
            "its price changes": (decide("ChangeSyncedPrice", LAMP, price=EUR_50), [lamp_price(EUR_50)]),
            "its price changes while it is away": (
                decide("ChangeSyncedPrice", LAMP, LAMP_WITHDRAWN, price=EUR_50),
                [lamp_price(EUR_50)],
            ),
            "its price stays": (decide("ChangeSyncedPrice", LAMP, price=EUR_20), []),
            "a price of nothing": (decide("ChangeSyncedPrice", price=EUR_20), []),
            "it is withdrawn": (decide("WithdrawSyncedProduct", LAMP), [LAMP_WITHDRAWN]),
            "it is withdrawn again": (decide("WithdrawSyncedProduct", LAMP, LAMP_WITHDRAWN), []),
            "it returns": (decide("RelistSyncedProduct", LAMP, LAMP_WITHDRAWN), [LAMP_RELISTED]),
            "it never left": (decide("RelistSyncedProduct", LAMP), []),
            "it returned already": (decide("RelistSyncedProduct", LAMP, LAMP_WITHDRAWN, LAMP_RELISTED), []),
            "nothing known returns": (decide("RelistSyncedProduct", LAMP_WITHDRAWN), []),
            "it gets a picture": (decide("ChangeSyncedProductImage", LAMP, productImage="lamp.png"), [LAMP_IMAGE]),
            "it has that picture": (decide("ChangeSyncedProductImage", LAMP, LAMP_IMAGE, productImage="lamp.png"), []),
            "it loses its picture": (decide("ChangeSyncedProductImage", LAMP, LAMP_IMAGE), [LAMP_NO_IMAGE]),
            "it has none to lose": (decide("ChangeSyncedProductImage", LAMP, productImage=None), []),
        }
        for name, (answer, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer, {"events": events})


class Views(unittest.TestCase):
    """The views of products."""

    def test_catalog_products_keeps_what_is_withdrawn(self):
        lamp = {"name": "Lamp", "price": EUR_20, "available": True}
        cases = {
            "synced": ([LAMP], lamp),
            "withdrawn": ([LAMP, LAMP_WITHDRAWN], {**lamp, "available": False}),
            "relisted": ([LAMP, LAMP_WITHDRAWN, LAMP_RELISTED], lamp),
            "another price": ([LAMP, lamp_price(EUR_50)], {**lamp, "price": EUR_50}),
            "a picture": ([LAMP, LAMP_IMAGE, LAMP_WITHDRAWN, LAMP_RELISTED], {**lamp, "productImage": "lamp.png"}),
            "the picture is gone": ([LAMP, LAMP_IMAGE, LAMP_NO_IMAGE], {**lamp, "productImage": None}),
            "withdrawn before it was synced": ([LAMP_WITHDRAWN], None),
            "a picture of nothing": ([LAMP_IMAGE], None),
        }
        for name, (events, row) in cases.items():
            with self.subTest(name):
                self.assertEqual(turns.project("CatalogProducts", *events), row)

    def test_available_products_has_no_row_for_what_is_withdrawn(self):
        desk = {"name": "Desk", "price": EUR_50}
        lamp = {"name": "Lamp", "price": EUR_20}
        cases = {
            "synced": ([DESK], desk),
            "another price": ([LAMP, lamp_price(EUR_50)], {**lamp, "price": EUR_50}),
            "withdrawn": ([LAMP, LAMP_WITHDRAWN], None),
            "another price while it is away": ([LAMP, LAMP_WITHDRAWN, lamp_price(EUR_50)], None),
            "relisted": ([LAMP, LAMP_WITHDRAWN, LAMP_RELISTED], lamp),
            "a picture": ([LAMP, LAMP_IMAGE], lamp),
            "a picture while it is away": ([LAMP, LAMP_WITHDRAWN, LAMP_IMAGE], None),
        }
        for name, (events, row) in cases.items():
            with self.subTest(name):
                self.assertEqual(turns.project("AvailableProducts", *events), row)


if __name__ == "__main__":
    unittest.main()
