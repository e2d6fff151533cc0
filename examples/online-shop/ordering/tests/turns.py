"""Turns as the engine would hand them to the handler."""

from handler import handler

NOW = "2026-01-02T09:30:00.000Z"

# Callers, as AppSync identifies them: users, and a program that signs its requests.
MIA = {"sub": "mia", "username": "mia", "groups": ["Shopper"]}
BOB = {"sub": "bob", "username": "bob", "groups": None}
ADMIN = {"sub": "ann", "username": "ann", "groups": ["Admin", "Shopper"]}
FULFILMENT = {"sub": "fay", "username": "fay", "groups": ["Fulfilment"]}
MERCHANDISER = {"sub": "mo", "username": "mo", "groups": ["Merchandiser"]}
PROGRAM = {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/job", "username": "job"}


def event(event_type, **data):
    """A fact."""
    return {"type": event_type, "data": data}


def decide(component, command_type, history=(), *, id="x", snapshot=None, actor=MIA, **data):
    """The answer to a command of a caller, None for one that is not known."""
    meta = {"time": NOW} if actor is None else {"time": NOW, "actor": actor}
    turn = {"kind": "decide", "component": component, "id": id, "history": list(history), "meta": meta}
    if snapshot is not None:
        turn["snapshot"] = snapshot
    return handler({**turn, "command": {"type": command_type, "data": data}})


def project(component, *events, row=None):
    """The row after some events, a second apart."""
    for number, fact in enumerate(events, start=1):
        recorded = {**fact, "number": number, "time": f"2026-01-01T00:00:0{number}.000Z"}
        row = handler({"kind": "project", "component": component, "id": "x", "row": row, "event": recorded})["row"]
    return row


def publish(component, fact):
    """The messages that an event leads to."""
    return handler({"kind": "publish", "component": component, "event": fact})["messages"]


def react(component, **turn):
    """The commands that a message or a row leads to."""
    return handler({"kind": "react", "component": component, **turn})["commands"]


def call(component, **turn):
    """What came of a call."""
    return handler({"kind": "call", "component": component, **turn})
