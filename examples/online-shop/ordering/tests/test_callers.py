"""Who may act for whom: customers for themselves, two groups for all."""

import unittest

from . import turns
from .orders import CANCELLED, LAMP, SHIPPED, placed
from .turns import ADMIN, BOB, FULFILMENT, MERCHANDISER, MIA, PROGRAM

ACTING_FOR_MIA = {"mia": MIA, "an admin": ADMIN, "fulfilment": FULFILMENT}
OTHERS = {"bob": BOB, "a merchandiser": MERCHANDISER, "a program": PROGRAM, "nobody known": None}


def place(actor, **data):
    """The answer to a new order."""
    lines = [{"productId": "lamp"}]
    return turns.decide("PlaceOrder", "PlaceOrder", [LAMP], actor=actor, orderId="o1", lineItems=lines, **data)


def cancel(actor):
    """The answer to the cancellation of mia's order."""
    return turns.decide("Order", "CancelOrder", [placed()], actor=actor, orderId="o1")


def register(actor):
    """The answer to mia's registration."""
    return turns.decide("Customer", "Register", id="mia", actor=actor, email="mia@example.com", address="1 Main Street")


class Callers(unittest.TestCase):
    """Commands that a customer's callers send."""

    def test_for_mia(self):
        asked = {"place": lambda actor: place(actor, customerId="mia"), "cancel": cancel, "register": register}
        for command, ask in asked.items():
            for name, actor in ACTING_FOR_MIA.items():
                with self.subTest(f"{command}, {name}"):
                    self.assertEqual(len(ask(actor)["events"]), 1)
            for name, actor in OTHERS.items():
                with self.subTest(f"{command}, {name}"):
                    self.assertEqual(ask(actor)["reject"]["code"], "NotOwner")

    def test_an_order_without_customer_is_the_callers(self):
        self.assertEqual(place(BOB)["events"][0]["data"]["customerId"], "bob")
        self.assertEqual(place(BOB, customerId=None)["events"][0]["data"]["customerId"], "bob")
        for actor in (PROGRAM, None):
            self.assertEqual(place(actor)["reject"]["code"], "NotOwner")

    def test_who_is_no_owner_learns_nothing_else(self):
        answer = turns.decide("Order", "CancelOrder", [placed(), SHIPPED], actor=BOB, orderId="o1")
        self.assertEqual(answer["reject"]["code"], "NotOwner")
        mine = {"orderId": "o1", "customerId": "mia", "lineItems": []}
        again = turns.decide("PlaceOrder", "PlaceOrder", [placed()], actor=BOB, **mine)
        self.assertEqual(again["reject"]["code"], "NotOwner")

    def test_what_comes_from_no_caller_is_done(self):
        shipped = turns.decide("Order", "ShipOrder", [placed()], actor=None, orderId="o1")
        self.assertEqual(shipped, {"events": [SHIPPED]})
        reopened = turns.decide("Order", "ReopenOrder", [placed(), CANCELLED], actor=None, orderId="o1")
        self.assertEqual(len(reopened["events"]), 1)
        report = {"email": "mia@example.com"}
        self.assertEqual(
            turns.decide("Customer", "MarkEmailVerified", id="mia", actor=None, **report)["reject"]["code"],
            "CustomerNotFound",
        )


if __name__ == "__main__":
    unittest.main()
