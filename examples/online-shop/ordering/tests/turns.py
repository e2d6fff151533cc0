"""Turns as the engine would hand them to the handler."""

from handler import handler


def event(event_type, **data):
    """A fact."""
    return {"type": event_type, "data": data}


def decide(component, command_type, history=(), **data):
    """The answer to a command."""
    command = {"type": command_type, "data": data}
    return handler({"kind": "decide", "component": component, "command": command, "history": list(history)})


def project(component, *events):
    """The row after some events."""
    row = None
    for number, (entity, fact) in enumerate(events, start=1):
        recorded = {**fact, "id": entity, "number": number, "time": f"2026-01-01T00:00:0{number}.000Z"}
        row = handler({"kind": "project", "component": component, "row": row, "event": recorded})["row"]
    return row


def react(component, message_type, **data):
    """The commands that a message leads to."""
    turn = {"kind": "react", "component": component, "message": {"type": message_type, "data": data}}
    return handler(turn)["commands"]
