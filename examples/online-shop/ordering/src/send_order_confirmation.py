"""The outbound translation SendOrderConfirmation: who orders gets a mail.

A row is a mail to send. The engine asks until the mail is sent, or until it gives up;
each time it says how often it asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import CallTurn, Data, RecordedEvent


def project(_row: Data | None, event: RecordedEvent) -> Data:
    """The row after an order was placed."""
    return {"customerId": event["data"]["customerId"]}


def call(turn: CallTurn) -> Data:
    """Send the mail; the result is kept in the row. An error means: try again later."""
    recipient = f"{turn['row']['customerId']}@example.com"
    # The same in every attempt, by which a mail service knows that it sent this one already.
    message_id = turn["meta"]["commandId"]
    send(recipient, f"Thank you for your order {turn['id']}.", message_id)
    return {"sentTo": recipient, "messageId": message_id}


def send(recipient: str, text: str, message_id: str):
    """Stands for a mail service. Customers whose ids begin with "bounce" have no mailbox."""
    if recipient.startswith("bounce"):
        raise ConnectionError(f"The mailbox {recipient} does not exist.")
    print(f"mail {message_id} to {recipient}: {text}")
