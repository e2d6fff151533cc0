"""The Customer aggregate, its snapshots, and the read model Customers."""

import unittest
from itertools import permutations

from . import turns
from .orders import placed
from .turns import event

HOME, WORK = {"latitude": 48.2, "longitude": 16.37}, {"latitude": 47.07, "longitude": 15.44}
PROFILE = {"email": "mia@example.com", "address": "1 Main Street"}
POINT = {"address": "1 Main Street", "location": WORK}


def fact(kind, **data):
    """An event of the customer mia."""
    return event(kind, customerId="mia", **data)


REGISTERED = fact("Registered", **PROFILE)
DEACTIVATED = fact("Deactivated")
REACTIVATED = fact("Reactivated")
NEW_EMAIL = fact("EmailUpdated", email="mia@example.org")
MOVED = fact("AddressUpdated", address="2 Side Street")
PLACED_ON_MAP = fact("AddressLocated", **POINT)
LOCATED = fact("LocationSet", location=HOME, resolvedFrom="1 Main Street")
UNRESOLVABLE = fact("AddressUnresolvable", address="1 Main Street", reason="no such street")
VERIFIED = fact("EmailVerified", email="mia@example.com")

LOCATION_REPORT = {"location": HOME, "resolvedFrom": "1 Main Street"}
UNRESOLVABLE_REPORT = {"address": "1 Main Street", "reason": "no such street"}
EDITS = {
    "UpdateEmail": {"email": "mia@example.org"},
    "UpdateAddress": {"address": "2 Side Street"},
    "SetAddressLocation": POINT,
}
REPORTS = {
    "SetLocation": LOCATION_REPORT,
    "MarkAddressUnresolvable": UNRESOLVABLE_REPORT,
    "MarkEmailVerified": {"email": "mia@example.com"},
}
# The reports do not repeat the id of the customer.
COMMANDS = {"Register": PROFILE, **EDITS, **REPORTS, "Deactivate": {}, "Reactivate": {}}


def decide(command, *history, snapshot=None, **data):
    """The answer to a command of the customer mia."""
    return turns.decide("Customer", command, history, id="mia", snapshot=snapshot, **data)


class Customer(unittest.TestCase):
    """The aggregate."""

    def test_moves(self):
        cases = {
            "register": (decide("Register", **PROFILE), [REGISTERED]),
            "new email": (decide("UpdateEmail", REGISTERED, email="mia@example.org"), [NEW_EMAIL]),
            "same email": (decide("UpdateEmail", REGISTERED, email="mia@example.com"), []),
            "new address": (decide("UpdateAddress", REGISTERED, address="2 Side Street"), [MOVED]),
            "same address": (decide("UpdateAddress", REGISTERED, address="1 Main Street"), []),
            "a point": (decide("SetAddressLocation", REGISTERED, **POINT), [PLACED_ON_MAP]),
            "another point": (decide("SetAddressLocation", REGISTERED, LOCATED, **POINT), [PLACED_ON_MAP]),
            "same address and point": (decide("SetAddressLocation", REGISTERED, PLACED_ON_MAP, **POINT), []),
            "same point, which an address lost": (
                decide("SetAddressLocation", REGISTERED, PLACED_ON_MAP, MOVED, address="2 Side Street", location=WORK),
                [fact("AddressLocated", address="2 Side Street", location=WORK)],
            ),
            "deactivate": (decide("Deactivate", REGISTERED), [DEACTIVATED]),
            "deactivate again": (decide("Deactivate", REGISTERED, DEACTIVATED), []),
            "reactivate": (decide("Reactivate", REGISTERED, DEACTIVATED), [REACTIVATED]),
            "reactivate an active one": (decide("Reactivate", REGISTERED), []),
        }
        for name, (answer, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer["events"], events)

    def test_reports(self):
        cases = {
            "located": (decide("SetLocation", REGISTERED, **LOCATION_REPORT), [LOCATED]),
            "located again": (decide("SetLocation", REGISTERED, LOCATED, **LOCATION_REPORT), []),
            "where the customer was before": (decide("SetLocation", REGISTERED, MOVED, **LOCATION_REPORT), []),
            "unresolvable": (decide("MarkAddressUnresolvable", REGISTERED, **UNRESOLVABLE_REPORT), [UNRESOLVABLE]),
            "unresolvable again": (
                decide("MarkAddressUnresolvable", REGISTERED, UNRESOLVABLE, **UNRESOLVABLE_REPORT),
                [],
            ),
            "unresolvable no more": (decide("MarkAddressUnresolvable", REGISTERED, MOVED, **UNRESOLVABLE_REPORT), []),
            "verified": (decide("MarkEmailVerified", REGISTERED, email="mia@example.com"), [VERIFIED]),
            "verified again": (decide("MarkEmailVerified", REGISTERED, VERIFIED, email="mia@example.com"), []),
            "an email of before": (decide("MarkEmailVerified", REGISTERED, NEW_EMAIL, email="mia@example.com"), []),
        }
        for name, (answer, events) in cases.items():
            with self.subTest(name):
                self.assertEqual(answer["events"], events)

    def test_refusals(self):
        self.assertEqual(decide("Register", REGISTERED, **PROFILE)["reject"]["code"], "CustomerAlreadyRegistered")
        for command in set(COMMANDS) - {"Register"}:
            with self.subTest(command):
                self.assertEqual(decide(command, **COMMANDS[command])["reject"]["code"], "CustomerNotFound")
        for command in ("Register", *EDITS):
            with self.subTest(command):
                answer = decide(command, REGISTERED, DEACTIVATED, **COMMANDS[command])
                self.assertEqual(answer["reject"]["code"], "CustomerAlreadyDeactivated")
                self.assertNotIn("snapshot", answer)

    def test_reports_about_a_deactivated_customer_are_dropped(self):
        for command, data in REPORTS.items():
            with self.subTest(command):
                self.assertEqual(decide(command, REGISTERED, DEACTIVATED, **data)["events"], [])

    def test_a_snapshot_stands_for_the_events_before(self):
        history = [REGISTERED, NEW_EMAIL, MOVED, PLACED_ON_MAP, UNRESOLVABLE, LOCATED, VERIFIED]
        history += [DEACTIVATED, REACTIVATED]
        for end in range(1, len(history)):
            before, since = history[:end], history[end:]
            # A command that changes nothing answers with the state after the events before.
            idle = "Deactivate" if before[-1] is DEACTIVATED else "Reactivate"
            snapshot = decide(idle, *before)["snapshot"]
            for command, data in COMMANDS.items():
                with self.subTest(command, events_in_the_snapshot=end):
                    rest = decide(command, *since, snapshot=snapshot, **data)
                    self.assertEqual(rest, decide(command, *history, **data))

    def test_a_snapshot_holds_the_new_events_too(self):
        first = decide("Register", **PROFILE)
        second = decide("UpdateEmail", snapshot=first["snapshot"], email="mia@example.org")
        self.assertEqual(second, decide("UpdateEmail", REGISTERED, email="mia@example.org"))
        self.assertEqual(decide("UpdateEmail", snapshot=second["snapshot"], email="mia@example.org")["events"], [])

    def test_a_snapshot_of_another_shape_is_not_taken_for_one_of_ours(self):
        with self.assertRaisesRegex(ValueError, "version 2"):
            decide("Deactivate", snapshot={"version": 2})


class Customers(unittest.TestCase):
    """The read model."""

    def test_the_row_follows_the_customer(self):
        registered = {**PROFILE, "accountStatus": "ACTIVE", "emailVerified": False, "orderCount": 0}
        cases = {
            "registered": ([], {}),
            "new email": ([VERIFIED, NEW_EMAIL], {"email": "mia@example.org"}),
            "verified": ([VERIFIED], {"emailVerified": True}),
            "located": ([LOCATED], {"geolocation": HOME}),
            "located by the customer": ([PLACED_ON_MAP], {"geolocation": WORK}),
            "not found": ([UNRESOLVABLE], {}),
            "moved": ([LOCATED, MOVED], {"address": "2 Side Street", "geolocation": None}),
            "deactivated": ([DEACTIVATED], {"accountStatus": "DEACTIVATED"}),
            "reactivated": ([DEACTIVATED, REACTIVATED], {}),
            "two orders": ([placed(), placed()], {"orderCount": 2}),
        }
        for name, (events, changed) in cases.items():
            with self.subTest(name):
                self.assertEqual(turns.project("Customers", REGISTERED, *events), {**registered, **changed})

    def test_orders_may_arrive_before_the_registration(self):
        orders = [placed(), placed()]
        rows = [turns.project("Customers", *events) for events in permutations([REGISTERED, *orders])]
        for row in rows:
            self.assertEqual(row, rows[0])
        self.assertEqual(turns.project("Customers", *orders), {"emailVerified": False, "orderCount": 2})


if __name__ == "__main__":
    unittest.main()
