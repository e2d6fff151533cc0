"""The slices Order and Refund, and the view Orders."""

import unittest

from . import turns
from .orders import CANCELLED, REFUNDED, SHIPPED, placed, reopened

PLACED, REOPENED = placed(), reopened()
COMMANDS = ("ShipOrder", "CancelOrder", "ReopenOrder", "IssueRefund", "RequestRefund")


def decide(command, *history):
    """The answer to a command about order o1."""
    data = {"reason": "late"} if "Refund" in command else {}
    return turns.decide("Refund" if command == "RequestRefund" else "Order", command, history, orderId="o1", **data)


class Order(unittest.TestCase):
    """What becomes of an order."""

    def test_moves(self):
        cases = {
            "ship": ("ShipOrder", [PLACED], [SHIPPED]),
            "ship again": ("ShipOrder", [PLACED, SHIPPED], []),
            "ship a reopened one": ("ShipOrder", [PLACED, CANCELLED, REOPENED], [SHIPPED]),
            "cancel": ("CancelOrder", [PLACED], [CANCELLED]),
            "cancel again": ("CancelOrder", [PLACED, CANCELLED], []),
            "cancel a reopened one": ("CancelOrder", [PLACED, CANCELLED, REOPENED], [CANCELLED]),
            "reopen": ("ReopenOrder", [PLACED, CANCELLED], [REOPENED]),
            "reopen again": ("ReopenOrder", [PLACED, CANCELLED, REOPENED], []),
            "reopen a placed one": ("ReopenOrder", [PLACED], []),
            "refund": ("IssueRefund", [PLACED, CANCELLED], [REFUNDED]),
            "refund, as asked for": ("RequestRefund", [PLACED, CANCELLED], [REFUNDED]),
        }
        for name, (command, history, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(decide(command, *history), {"events": events})

    def test_refusals(self):
        cases = {
            "ship a cancelled one": ("ShipOrder", [PLACED, CANCELLED], "OrderAlreadyCancelled"),
            "cancel a shipped one": ("CancelOrder", [PLACED, SHIPPED], "OrderAlreadyShipped"),
            "reopen a shipped one": ("ReopenOrder", [PLACED, SHIPPED], "OrderAlreadyShipped"),
            "refund a placed one": ("IssueRefund", [PLACED], "OrderNotCancelled"),
            "refund a shipped one": ("RequestRefund", [PLACED, SHIPPED], "OrderNotCancelled"),
            "refund a reopened one": ("RequestRefund", [PLACED, CANCELLED, REOPENED], "OrderNotCancelled"),
            "refund twice": ("IssueRefund", [PLACED, CANCELLED, REFUNDED], "RefundAlreadyIssued"),
            "refund twice, reopened between": (
                "RequestRefund",
                [PLACED, CANCELLED, REFUNDED, REOPENED, CANCELLED],
                "RefundAlreadyIssued",
            ),
        }
        for name, (command, history, code) in cases.items():
            with self.subTest(name):
                self.assertEqual(decide(command, *history)["reject"]["code"], code)

    def test_an_order_never_placed_is_not_found(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(decide(command)["reject"]["code"], "OrderNotFound")


class Orders(unittest.TestCase):
    """The view."""

    def test_a_placed_order(self):
        row = turns.project("Orders", placed("PICKUP"))
        self.assertEqual(
            row,
            {
                **placed("PICKUP")["data"],
                "itemCount": 4,
                "lifecycle": "PLACED",
                "placedAt": "2026-01-01T00:00:01.000Z",
                "trail": [{"lifecycle": "PLACED", "since": "2026-01-01T00:00:01.000Z"}],
            },
        )

    def test_the_row_follows_the_order(self):
        row = turns.project("Orders", PLACED, CANCELLED, REFUNDED, REOPENED, SHIPPED)
        self.assertEqual(row["lifecycle"], "SHIPPED")
        self.assertEqual(row["refundedAt"], "2026-01-01T00:00:03.000Z")
        self.assertEqual(row["shippedAt"], "2026-01-01T00:00:05.000Z")
        self.assertEqual([step["lifecycle"] for step in row["trail"]], ["PLACED", "CANCELLED", "PLACED", "SHIPPED"])


if __name__ == "__main__":
    unittest.main()
