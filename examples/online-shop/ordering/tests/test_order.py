"""Orders: rules and rows."""

import unittest

from . import turns
from .turns import event

PLACED = event(
    "OrderPlaced",
    orderId="o1",
    customerId="c1",
    lines=[{"productId": "p1", "quantity": 3}, {"productId": "p2", "quantity": 1}],
    shippingMethod="STANDARD",
)
SHIPPED = event("OrderShipped", orderId="o1", customerId="c1")
CANCELLED = event("OrderCancelled", orderId="o1", productIds=["p1", "p2"])


class Order(unittest.TestCase):
    """The Order aggregate."""

    def place(self, lines, history=()):
        """The answer to PlaceOrder."""
        return turns.decide("Order", "PlaceOrder", history, orderId="o1", customerId="c1", lineItems=lines)

    def test_lines_of_one_product_are_merged(self):
        lines = [{"productId": "p1", "quantity": 2}, {"productId": "p2"}, {"productId": "p1"}]
        self.assertEqual(self.place(lines), {"events": [PLACED]})

    def test_refusals(self):
        line = {"productId": "p1", "quantity": 1}
        cases = {
            "OrderAlreadyPlaced": self.place([line], [PLACED]),
            "OrderIsEmpty": self.place([]),
            "InvalidQuantity": self.place([line, {"productId": "p2", "quantity": 0}]),
            "OrderAlreadyCancelled": turns.decide("Order", "ShipOrder", [PLACED, CANCELLED], orderId="o1"),
            "OrderAlreadyShipped": turns.decide("Order", "CancelOrder", [PLACED, SHIPPED], orderId="o1"),
        }
        for code, answer in cases.items():
            with self.subTest(code):
                self.assertEqual(answer["reject"]["code"], code)

    def test_an_order_never_placed_is_not_found(self):
        for command in ("ShipOrder", "CancelOrder"):
            with self.subTest(command):
                answer = turns.decide("Order", command, orderId="o1")
                self.assertEqual(answer["reject"]["code"], "OrderNotFound")

    def test_moves(self):
        cases = {
            "ship": ("ShipOrder", [PLACED], [SHIPPED]),
            "ship again": ("ShipOrder", [PLACED, SHIPPED], []),
            "cancel": ("CancelOrder", [PLACED], [CANCELLED]),
            "cancel again": ("CancelOrder", [PLACED, CANCELLED], []),
        }
        for name, (command, history, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(turns.decide("Order", command, history, orderId="o1"), {"events": events})

    def test_the_row_follows_the_order(self):
        row = turns.project("Orders", ("o1", PLACED), ("o1", SHIPPED))
        self.assertEqual(row["itemCount"], 4)
        self.assertEqual(row["lifecycle"], "SHIPPED")
        self.assertEqual(row["placedAt"], "2026-01-01T00:00:01.000Z")
        self.assertEqual(row["shippedAt"], "2026-01-01T00:00:02.000Z")
        self.assertEqual(turns.project("Orders", ("o1", PLACED), ("o1", CANCELLED))["lifecycle"], "CANCELLED")


if __name__ == "__main__":
    unittest.main()
