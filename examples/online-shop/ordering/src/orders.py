"""The view Orders: one row for each order, by order id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from order import LIFECYCLE_AFTER

if TYPE_CHECKING:
    from reventless_handler import Data, RecordedEvent


def project(row: Any, event: RecordedEvent) -> Data:
    """The row after the event."""
    kind, time = event["type"], event["time"]
    if kind == "RefundIssued":
        return {**row, "refundedAt": time}
    if kind == "OrderPlaced":
        row = placed(event["data"], time)
    if kind == "OrderShipped":
        row = {**row, "shippedAt": time}
    lifecycle = LIFECYCLE_AFTER[kind]
    return {**row, "lifecycle": lifecycle, "trail": [*row["trail"], {"lifecycle": lifecycle, "since": time}]}


def placed(order: dict, time: str) -> dict:
    """The row of a new order."""
    return {**order, "itemCount": sum(line["quantity"] for line in order["lines"]), "placedAt": time, "trail": []}
