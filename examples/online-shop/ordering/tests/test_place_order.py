"""The slice PlaceOrder."""

import unittest

from . import turns
from .orders import DESK, EUR_50, LAMP, LAMP_IMAGE, LAMP_NO_IMAGE, LAMP_RELISTED, LAMP_WITHDRAWN, lamp_price, placed
from .turns import event

LINES = [{"productId": "lamp", "quantity": 2}, {"productId": "desk"}, {"productId": "lamp", "quantity": None}]
WINDOW = {"from": "2026-01-02T12:00:00Z", "to": "2026-01-02T16:00:00+01:00"}


def place(lines=LINES, history=(LAMP, DESK), **data):
    """The answer to PlaceOrder."""
    return turns.decide("PlaceOrder", "PlaceOrder", history, orderId="o1", customerId="mia", lineItems=lines, **data)


def order(quantity, product="lamp"):
    """One line."""
    return {"productId": product, "quantity": quantity}


class PlaceOrder(unittest.TestCase):
    """Placing orders."""

    def refused(self, answer, code, **details):
        """The answer is this refusal."""
        self.assertEqual(answer["reject"]["code"], code)
        self.assertEqual(answer["reject"].get("details", {}), details)

    def placed(self, answer):
        """The event that the answer holds."""
        (fact,) = answer["events"]
        return fact["data"]

    def test_lines_of_one_product_are_merged_and_priced(self):
        self.assertEqual(place(), {"events": [placed()]})

    def test_what_the_customer_chose_is_in_the_event(self):
        data = self.placed(place(shippingMethod="EXPRESS", deliveryWindow=WINDOW))
        self.assertEqual(data["shippingMethod"], "EXPRESS")
        self.assertEqual(data["deliveryWindow"], WINDOW)
        self.assertEqual(place(shippingMethod=None, deliveryWindow=None), {"events": [placed()]})

    def test_placed_once(self):
        self.refused(place(history=[LAMP, DESK, placed()]), "OrderAlreadyPlaced")
        self.refused(place([], history=[placed()]), "OrderAlreadyPlaced")

    def test_no_lines(self):
        self.refused(place([]), "OrderIsEmpty")

    def test_quantities(self):
        for quantity in (0, -1):
            with self.subTest(quantity):
                answer = place([order(1), order(quantity, "desk")])
                self.refused(answer, "InvalidQuantity", productId="desk", quantity=quantity)

    def test_quantities_beyond_the_numbers_of_the_api(self):
        free = lamp_price({"amount": 0, "currency": "EUR"})
        most = 2**31 - 1
        cases = {
            "the line's price": ([order(most)], [LAMP], most),
            "the merged quantity": ([order(most), order(1)], [LAMP, free], most + 1),
            "the total": ([order(1_000_000), order(100_000, "desk")], [LAMP, DESK], 1_000_000),
        }
        for name, (lines, history, quantity) in cases.items():
            with self.subTest(name):
                self.refused(place(lines, history), "InvalidQuantity", productId="lamp", quantity=quantity)
        self.assertEqual(self.placed(place([order(most)], [LAMP, free]))["total"]["amount"], 0)

    def test_delivery_windows(self):
        backwards = {"from": WINDOW["to"], "to": WINDOW["from"]}
        over = {"from": "2026-01-02T08:00:00Z", "to": "2026-01-02T09:30:00Z"}
        cases = {
            "picked up": (place(shippingMethod="PICKUP", deliveryWindow=WINDOW), "DeliveryWindowOnPickup", {}),
            "over": (place(deliveryWindow=over), "InvalidDeliveryWindow", {"reason": "IsOver"}),
            "empty": (
                place(deliveryWindow={"from": WINDOW["from"], "to": WINDOW["from"]}),
                "InvalidDeliveryWindow",
                {"reason": "EndsBeforeItBegins"},
            ),
        }
        for name, (answer, code, details) in cases.items():
            with self.subTest(name):
                self.refused(answer, code, **details)
        self.assertIn("events", place(deliveryWindow=WINDOW), "15:00 by UTC is later than 12:00")
        self.refused(place(deliveryWindow=backwards), "InvalidDeliveryWindow", reason="EndsBeforeItBegins")

    def test_products_must_be_available(self):
        cases = {
            "unknown": ([DESK], ["lamp"]),
            "none known": ([], ["lamp", "desk"]),
            "withdrawn": ([LAMP, DESK, LAMP_WITHDRAWN], ["lamp"]),
            "nothing but a picture": ([DESK, LAMP_IMAGE], ["lamp"]),
        }
        for name, (history, missing) in cases.items():
            with self.subTest(name):
                self.refused(place(history=history), "ProductsNotAvailable", missing=missing)
        self.assertEqual(place(history=[LAMP, DESK, LAMP_WITHDRAWN, LAMP_RELISTED]), {"events": [placed()]})

    def test_one_currency(self):
        dollars = lamp_price({"amount": 1, "currency": "USD"})
        self.refused(place(history=[LAMP, DESK, dollars]), "MixedCurrencies", currencies=["EUR", "USD"])

    def test_the_newest_price_and_picture_are_frozen(self):
        data = self.placed(place(history=[LAMP, DESK, LAMP_IMAGE, lamp_price(EUR_50)]))
        self.assertEqual(data["lines"][0]["unitPrice"], EUR_50)
        self.assertEqual(data["total"]["amount"], 20000)
        self.assertEqual(data["firstProductImage"], "lamp.png")
        self.assertNotIn("firstProductImage", self.placed(place(history=[LAMP, DESK, LAMP_IMAGE, LAMP_NO_IMAGE])))

    def test_the_first_check_that_fails_wins(self):
        window = {"shippingMethod": "PICKUP", "deliveryWindow": WINDOW}
        self.refused(place([order(0)], [], **window), "InvalidQuantity", productId="lamp", quantity=0)
        self.refused(place([order(1)], [], **window), "DeliveryWindowOnPickup")
        yen = event("CatalogProductSynced", productId="desk", name="Desk", price={"amount": 1, "currency": "JPY"})
        answer = place([order(2**31 - 1), order(1, "desk")], [LAMP, yen])
        self.refused(answer, "InvalidQuantity", productId="lamp", quantity=2**31 - 1)


if __name__ == "__main__":
    unittest.main()
