"""Customers: rules and rows."""

import unittest

from . import turns
from .turns import event

REGISTERED = event("Registered", customerId="c1", email="ada@example.com", address="1 Main Street")
DEACTIVATED = event("Deactivated", customerId="c1")
REACTIVATED = event("Reactivated", customerId="c1")


def decide(command, *history, **data):
    """The answer to a command of customer c1."""
    return turns.decide("Customer", command, history, customerId="c1", **data)


class Customer(unittest.TestCase):
    """The Customer aggregate."""

    def test_moves(self):
        profile = {"email": "ada@example.com", "address": "1 Main Street"}
        updated = event("EmailUpdated", customerId="c1", email="ada@example.org")
        cases = {
            "register": (decide("Register", **profile), [REGISTERED]),
            "update email": (decide("UpdateEmail", REGISTERED, email="ada@example.org"), [updated]),
            "same email": (decide("UpdateEmail", REGISTERED, email="ada@example.com"), []),
            "same address": (decide("UpdateAddress", REGISTERED, address="1 Main Street"), []),
            "deactivate": (decide("Deactivate", REGISTERED), [DEACTIVATED]),
            "deactivate again": (decide("Deactivate", REGISTERED, DEACTIVATED), []),
            "reactivate": (decide("Reactivate", REGISTERED, DEACTIVATED), [REACTIVATED]),
            "reactivate an active one": (decide("Reactivate", REGISTERED), []),
        }
        for name, (answer, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer, {"events": events})

    def test_refusals(self):
        profile = {"email": "a@example.com", "address": "x"}
        cases = {
            "registered already": (decide("Register", REGISTERED, **profile), "CustomerAlreadyRegistered"),
            "deactivated": (decide("Register", REGISTERED, DEACTIVATED, **profile), "CustomerAlreadyDeactivated"),
            "unknown": (decide("UpdateEmail", email="a@example.com"), "CustomerNotFound"),
            "no edits": (decide("UpdateAddress", REGISTERED, DEACTIVATED, address="x"), "CustomerAlreadyDeactivated"),
            "nobody to deactivate": (decide("Deactivate"), "CustomerNotFound"),
        }
        for name, (answer, code) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer["reject"]["code"], code)

    def test_the_row_follows_the_customer(self):
        moved = event("AddressUpdated", customerId="c1", address="2 Side Street")
        row = turns.project("Customers", ("c1", REGISTERED), ("c1", moved), ("c1", DEACTIVATED))
        expected = {"id": "c1", "email": "ada@example.com", "address": "2 Side Street", "accountStatus": "DEACTIVATED"}
        self.assertEqual(row, expected)
        self.assertEqual(turns.project("Customers", ("c1", REGISTERED), ("c1", REACTIVATED))["accountStatus"], "ACTIVE")


if __name__ == "__main__":
    unittest.main()
