"""What orders lead to elsewhere: the automation, the mail, and the extension point Orders."""

import contextlib
import io
import unittest

from . import turns
from .orders import CANCELLED, SHIPPED, placed, reopened


class AutoShipOrder(unittest.TestCase):
    """The automation."""

    def test_rows(self):
        express, row = placed("EXPRESS"), {"customerId": "mia"}
        cases = {
            "express": ([express], row),
            "standard": ([placed()], None),
            "shipped": ([express, SHIPPED], None),
            "cancelled": ([express, CANCELLED], None),
            "reopened": ([express, CANCELLED, reopened("EXPRESS")], row),
            "reopened, not express": ([placed(), CANCELLED, reopened()], None),
        }
        for name, (events, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(turns.project("AutoShipOrder", *events), expected)

    def test_a_row_becomes_a_command(self):
        commands = turns.react("AutoShipOrder", id="o1", row={"id": "o1"}, attempt={"number": 1, "of": 5})
        self.assertEqual(commands, [{"to": "Order", "type": "ShipOrder", "data": {"orderId": "o1"}}])


class SendOrderConfirmation(unittest.TestCase):
    """The outbound translation."""

    def send(self, customer):
        """The answer to the call for the row of a customer's order, and what was logged."""
        log = io.StringIO()
        with contextlib.redirect_stdout(log):
            row = {"id": "o1", "customerId": customer}
            answer = turns.call("SendOrderConfirmation", id="o1", row=row, meta={"commandId": "m1", "time": turns.NOW})
        return answer, log.getvalue()

    def test_each_order_is_confirmed(self):
        self.assertEqual(turns.project("SendOrderConfirmation", placed()), {"customerId": "mia"})

    def test_the_mail_is_sent(self):
        answer, log = self.send("mia")
        self.assertEqual(answer, {"result": {"sentTo": "mia@example.com", "messageId": "m1"}})
        self.assertEqual(log.count("\n"), 1)
        self.assertIn("o1", log)

    def test_a_mail_that_bounces_is_tried_again(self):
        with self.assertRaisesRegex(ConnectionError, "bounce-7@example.com"):
            self.send("bounce-7")


class Orders(unittest.TestCase):
    """The extension point."""

    def published(self, fact):
        """The messages, each as type, key, data."""
        return [(message["type"], message["key"], message["data"]) for message in turns.publish("Orders", fact)]

    def test_a_placed_or_reopened_order(self):
        ordered = [
            ("ItemOrdered", product, {"productId": product, "orderId": "o1", "customerId": "mia"})
            for product in ("lamp", "desk")
        ]
        for make in (placed, reopened):
            for method in ("STANDARD", "PICKUP"):
                with self.subTest(make.__name__, method=method):
                    ready = {"orderId": "o1", "customerId": "mia", "shippingMethod": method}
                    self.assertEqual(self.published(make(method)), [*ordered, ("OrderReadyToShip", "o1", ready)])
            self.assertEqual(self.published(make("EXPRESS")), ordered, "express orders ship themselves")

    def test_a_cancelled_order(self):
        expected = [
            *[("ItemOrderCancelled", product, {"productId": product, "orderId": "o1"}) for product in ("lamp", "desk")],
            ("OrderNoLongerToShip", "o1", {"orderId": "o1"}),
        ]
        self.assertEqual(self.published(CANCELLED), expected)


if __name__ == "__main__":
    unittest.main()
