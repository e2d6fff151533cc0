"""Who may act for a customer: the customer, and the groups that act for others.

The engine hands over who sent a command in the turn's meta.actor, of which a user of the
user pool has a sub and groups. Whoever is no user, or unknown, acts for nobody. That which
fields are for which groups at all is said in schema.graphql.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from answers import reject

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, DecideTurn

# The groups that act for all customers.
ELEVATED = {"Admin", "Fulfilment"}


def own_id(turn: DecideTurn) -> str | None:
    """The customer that the caller is."""
    return actor(turn).get("sub")


def refused(turn: DecideTurn, customer: str | None) -> DecideAnswer | None:
    """Why the caller cannot act for the customer, None when it may."""
    if customer and (customer == own_id(turn) or ELEVATED & set(actor(turn).get("groups") or [])):
        return None
    if not customer:
        return reject("NotOwner", "Nobody is known to act for; sign in as a customer, or say which one is meant.")
    # It does not name the customer, whom the caller need not know.
    return reject("NotOwner", f"Only the customer may do this, and the groups {' and '.join(sorted(ELEVATED))}.")


def actor(turn: DecideTurn) -> dict:
    """The identity of the caller, empty for one that is not known."""
    return turn["meta"].get("actor") or {}
