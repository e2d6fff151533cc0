"""The answers to a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, Event, Reject


def accept(*events: Event) -> DecideAnswer:
    """The command is accepted and leads to these events; to none if there is nothing to change."""
    return {"events": list(events)}


def reject(code: str, message: str, **details: Any) -> DecideAnswer:
    """The command is refused by a rule of the domain."""
    refusal: Reject = {"code": code, "message": message}
    if details:
        refusal["details"] = details
    return {"reject": refusal}


def event(event_type: str, **data: Any) -> Event:
    """A fact. What is None is not part of it."""
    return {"type": event_type, "data": {name: value for name, value in data.items() if value is not None}}
