"""A handler whose turns and answers are type-checked. Each ignored error is a mistake that is found: an ignore without one is an error."""

from typing import Any

from reventless_handler import Answer, CommandTo, DecideAnswer, ReactTurn, ScheduleTo, Turn
from reventless_handler.testing import Plugin


def handler(turn: Turn, _context: Any = None) -> Answer:
    """Answer one turn."""
    match turn["kind"]:
        case "decide":
            return decide(turn["command"]["data"]["name"], bool(turn["history"]))
        case "project":
            return {"row": {**(turn["row"] or {}), "at": turn["event"]["time"]}}
        case "react":
            return {"commands": react(turn)}
        case kind:
            raise ValueError(f"no turns of kind {kind}")


def decide(name: str, known: bool) -> DecideAnswer:
    """Add an item once."""
    if known:
        return {"reject": {"code": "ItemExists", "message": f"There is {name}."}}
    return {"events": [{"type": "ItemAdded", "data": {"name": name}}], "snapshot": {"name": name}}


def react(turn: ReactTurn) -> list[CommandTo]:
    """A command for a message or a row."""
    if "message" in turn:
        return [{"to": "Item", "id": turn["message"]["key"], "type": "AddItem", "data": turn["message"]["data"]}]
    return [{"to": "Item", "id": turn["id"], "type": "AddItem", "data": {"attempt": turn["attempt"]["number"]}}]


def mistakes(turn: Turn) -> Answer:
    """What does not fit the contract."""
    both: DecideAnswer = {"events": [], "reject": {"code": "A", "message": "b"}}  # type: ignore[assignment]
    silent: DecideAnswer = {"reject": {"code": "A"}}  # type: ignore[typeddict-item]
    twice: ScheduleTo = {"schedule": "A", "key": "k", "at": "x", "every": "1 day", "data": {}}  # type: ignore[assignment]
    print(turn["command"], both, silent, twice)  # type: ignore[typeddict-item]
    return {"event": []}  # type: ignore[return-value]


def tested() -> None:
    """The test kit is typed, too."""
    shop = Plugin(handler, "shop")
    shop.decide("Item", given=[{"type": "ItemAdded"}], when={"type": "AddItem"}, rejected="ItemExists")
    shop.decide("Item", when={"type": "AddItem"}, rejected=1)  # type: ignore[arg-type]
