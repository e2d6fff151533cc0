"""The test kit, on a handler that is right and on answers that are wrong."""

import unittest

from reventless_handler.testing import Plugin, time

OPENED = {"type": "Opened", "data": {"by": "ada"}}
OPEN = {"type": "Open", "data": {"by": "ada"}}


def handler(turn, _context=None):
    """An account that is opened once; its row shows what the turn says."""
    match turn["kind"], (turn.get("command") or turn.get("event") or {}).get("type"):
        case "decide", "Break":
            return {"events": [], "reject": {"code": "Both", "message": ""}}
        case "decide", _:
            if turn["history"] or "snapshot" in turn:
                return {"reject": {"code": "OpenAlready", "message": "It is open."}}
            who = turn["meta"].get("actor", {}).get("sub") or turn["command"]["data"]["by"]
            return {"events": [{"type": "Opened", "data": {"by": who}}]}
        case "project", "Closed":
            return {"row": None}
        case "project", "Broken":
            return {}
        case "project", _:
            event, row = turn["event"], turn["row"] or {"opened": 0}
            return {"row": {"opened": row["opened"] + 1, "at": event["time"], "number": event["number"], "id": event["id"]}}
        case "react", _:
            return {"commands": [{"to": "Account", "type": "Open", "data": turn["message"]}]}
    return None


BANK = Plugin(handler, "bank")


class Decisions(unittest.TestCase):
    """Given a history, when a command comes, then events or a refusal."""

    def test_the_same(self):
        answer = BANK.decide("Account", id="a", when=OPEN, then=[OPENED])
        self.assertEqual(answer, {"events": [OPENED]})
        BANK.decide("Account", given=[OPENED], when=OPEN, rejected="OpenAlready")
        BANK.decide("Account", snapshot={"open": True}, when=OPEN, rejected="OpenAlready")
        BANK.decide("Account", when={"type": "Open"}, meta={"actor": {"sub": "ada"}}, then=[OPENED])

    def test_another(self):
        for arguments, message in (
            ({"when": OPEN, "then": []}, "Opened"),
            ({"when": OPEN, "then": [{"type": "Opened", "data": {"by": "bob"}}]}, "bob"),
            ({"when": OPEN, "given": [OPENED], "then": [OPENED]}, "OpenAlready"),
            ({"when": OPEN, "rejected": "OpenAlready"}, "OpenAlready"),
            ({"when": OPEN, "given": [OPENED], "rejected": "Other"}, "Other"),
            ({"when": {"type": "Break"}, "then": []}, "either events or reject"),
            ({"when": OPEN}, "either then or rejected"),
        ):
            with self.subTest(message), self.assertRaisesRegex(AssertionError, message):
                BANK.decide("Account", **arguments)


class Projections(unittest.TestCase):
    """Given a row, when events come, then a row."""

    def test_the_same(self):
        twice = {"opened": 2, "at": time(2), "number": 2, "id": "a"}
        self.assertEqual(BANK.project("Accounts", id="a", when=[OPENED, OPENED], then=twice), twice)
        later = {"opened": 5, "at": time(9), "number": 1, "id": "a"}
        BANK.project("Accounts", id="a", given={"opened": 4}, when={**OPENED, "time": time(9)}, then=later)
        BANK.project("Accounts", given=twice, when={"type": "Closed"}, then=None)

    def test_another(self):
        with self.assertRaisesRegex(AssertionError, "opened"):
            BANK.project("Accounts", when=OPENED, then=None)
        with self.assertRaisesRegex(AssertionError, "has a row"):
            BANK.project("Accounts", when={"type": "Broken"})

    def test_key(self):
        seen = []

        def spread(turn, _context):
            seen.append(turn["row"])
            return {"row": {**(turn["row"] or {}), **turn["event"]["data"]}}

        rows = Plugin(spread)
        once = {"type": "X", "data": {"n": 1}}
        rows.project("Accounts", id="a", given={"n": 0}, when=[once, {"type": "X"}], then={"n": 1})
        rows.project("Accounts", id="a", when=once, then={"id": "a", "n": 1})
        self.assertEqual(seen, [{"id": "a", "n": 0}, {"id": "a", "n": 1}, None])
        with self.assertRaisesRegex(AssertionError, "is its key"):
            rows.project("Accounts", id="a", when={"type": "X", "data": {"id": "b"}})
        with self.assertRaisesRegex(AssertionError, '"b"'):
            rows.project("Accounts", id="a", when={"type": "X"}, then={"id": "b"})


class Asking(unittest.TestCase):
    """Turns of any kind."""

    def test_any_turn(self):
        answer = BANK.ask("react", "Mails", message={"type": "Sent"})
        self.assertEqual(answer, {"commands": [{"to": "Account", "type": "Open", "data": {"type": "Sent"}}]})
        with self.assertRaisesRegex(AssertionError, "not None"):
            BANK.ask("query", "balance")


if __name__ == "__main__":
    unittest.main()
