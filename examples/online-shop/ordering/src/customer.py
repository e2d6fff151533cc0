"""The Customer aggregate: Active or Deactivated, and back.

It is an aggregate with snapshots: once there is one, the history holds only the events
since then.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import callers
from answers import accept, event, reject

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, DecideTurn, Event, RecordedEvent

# Of the snapshot's shape. Who changes the shape must go on reading the earlier ones.
SNAPSHOT_VERSION = 1


def decide(turn: DecideTurn) -> DecideAnswer:
    """Decide on one command for one customer."""
    command = turn["command"]
    # Reports come from work in the background, which acts for nobody.
    if command["type"] not in REPORTS and (refusal := callers.refused(turn, turn["id"])):
        return refusal
    state = reduce(evolve, turn["history"], restored(turn.get("snapshot")))
    answer = decision(turn["id"], state, command["type"], command["data"])
    if "events" in answer:
        answer["snapshot"] = {"version": SNAPSHOT_VERSION, "state": reduce(evolve, answer["events"], state)}
    return answer


def restored(snapshot: dict | None) -> dict | None:
    """The state that a snapshot holds; None, no customer yet, when there is no snapshot."""
    if snapshot is None:
        return None
    if snapshot["version"] != SNAPSHOT_VERSION:
        raise ValueError(f"a snapshot of version {snapshot['version']} is not known, only {SNAPSHOT_VERSION}")
    return snapshot["state"]


def evolve(state: Any, fact: Event | RecordedEvent) -> dict:
    """The state after an event. A new email is not verified, a new address has no location."""
    data = fact["data"]
    match fact["type"]:
        case "Registered":
            profile = {"email": data["email"], "address": data["address"]}
            return {**profile, "emailVerified": False, "location": None, "unresolvable": False, "active": True}
        case "EmailUpdated":
            return {**state, "email": data["email"], "emailVerified": False}
        case "EmailVerified":
            return {**state, "emailVerified": True}
        case "AddressUpdated":
            return {**state, "address": data["address"], "location": None, "unresolvable": False}
        case "AddressLocated":
            return {**state, "address": data["address"], "location": data["location"], "unresolvable": False}
        case "LocationSet":
            return {**state, "location": data["location"], "unresolvable": False}
        case "AddressUnresolvable":
            return {**state, "unresolvable": True}
        case "Deactivated" | "Reactivated" as kind:
            return {**state, "active": kind == "Reactivated"}
        case kind:
            raise ValueError(f"{kind} is no event of a customer")


def decision(customer: str, state: dict | None, kind: str, data: dict) -> DecideAnswer:
    """The answer to one command, given the state."""
    if state is None:
        if kind == "Register":
            return accept(event("Registered", customerId=customer, email=data["email"], address=data["address"]))
        return reject("CustomerNotFound", f"There is no customer {customer}.")
    if kind in MOVES:
        return MOVES[kind](customer, state)
    if not state["active"]:
        # To refuse a report would make whoever sends it in the background try for ever.
        deactivated = reject("CustomerAlreadyDeactivated", f"Customer {customer} is deactivated.")
        return accept() if kind in REPORTS else deactivated
    if kind == "Register":
        return reject("CustomerAlreadyRegistered", f"Customer {customer} is registered already.")
    return CHANGES[kind](customer, state, data)


def deactivate(customer, state):
    """Switch the account off; the profile is kept."""
    return accept(event("Deactivated", customerId=customer)) if state["active"] else accept()


def reactivate(customer, state):
    """Switch the account on again."""
    return accept() if state["active"] else accept(event("Reactivated", customerId=customer))


def update_email(customer, state, data):
    """Change the email."""
    if state["email"] == data["email"]:
        return accept()
    return accept(event("EmailUpdated", customerId=customer, email=data["email"]))


def update_address(customer, state, data):
    """Change the address."""
    if state["address"] == data["address"]:
        return accept()
    return accept(event("AddressUpdated", customerId=customer, address=data["address"]))


def set_address_location(customer, state, data):
    """Change the address together with the point on the map that the customer chose."""
    located = {"address": data["address"], "location": data["location"]}
    if located == {"address": state["address"], "location": state["location"]}:
        return accept()
    return accept(event("AddressLocated", customerId=customer, **located))


def set_location(customer, state, data):
    """A report: where an address is. One about an earlier address is dropped."""
    if data["resolvedFrom"] != state["address"] or data["location"] == state["location"]:
        return accept()
    return accept(
        event("LocationSet", customerId=customer, location=data["location"], resolvedFrom=data["resolvedFrom"])
    )


def mark_address_unresolvable(customer, state, data):
    """A report: an address cannot be found on the map."""
    if data["address"] != state["address"] or state["unresolvable"]:
        return accept()
    return accept(event("AddressUnresolvable", customerId=customer, address=data["address"], reason=data["reason"]))


def mark_email_verified(customer, state, data):
    """A report: mail to an email arrives."""
    if data["email"] != state["email"] or state["emailVerified"]:
        return accept()
    return accept(event("EmailVerified", customerId=customer, email=data["email"]))


MOVES = {"Deactivate": deactivate, "Reactivate": reactivate}
REPORTS = {
    "SetLocation": set_location,
    "MarkAddressUnresolvable": mark_address_unresolvable,
    "MarkEmailVerified": mark_email_verified,
}
CHANGES = {
    "UpdateEmail": update_email,
    "UpdateAddress": update_address,
    "SetAddressLocation": set_address_location,
    **REPORTS,
}
