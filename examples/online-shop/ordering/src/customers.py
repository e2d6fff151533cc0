"""The read model Customers: one row for each customer, by customer id.

It is made from two logs, that of the Customer aggregate and the one with the orders.
There is no order between them, so an order may come before the customer's
registration: each event must do with the row as it finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reventless_handler import Data, RecordedEvent

NEW = {"emailVerified": False, "orderCount": 0}


def project(row: Data | None, event: RecordedEvent) -> Data:
    """The row after the event."""
    return {**(row or NEW), **change(row or NEW, event)}


def change(row: Data, event: RecordedEvent) -> Data:
    """The fields that an event changes."""
    data = event["data"]
    match event["type"]:
        case "Registered":
            return {"email": data["email"], "address": data["address"], "accountStatus": "ACTIVE"}
        case "EmailUpdated":
            return {"email": data["email"], "emailVerified": False}
        case "EmailVerified":
            return {"emailVerified": True}
        case "AddressUpdated":
            return {"address": data["address"], "geolocation": None}
        case "AddressLocated":
            return {"address": data["address"], "geolocation": data["location"]}
        case "LocationSet":
            return {"geolocation": data["location"]}
        case "Deactivated":
            return {"accountStatus": "DEACTIVATED"}
        case "Reactivated":
            return {"accountStatus": "ACTIVE"}
        case "OrderPlaced":
            return {"orderCount": row["orderCount"] + 1}
    return {}
