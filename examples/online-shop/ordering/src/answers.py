"""The answers to a command."""


def accept(*events):
    """The command is accepted and leads to these events; to none if there is nothing to change."""
    return {"events": list(events)}


def reject(code, message, **details):
    """The command is refused by a rule of the domain."""
    refusal = {"code": code, "message": message}
    if details:
        refusal["details"] = details
    return {"reject": refusal}


def event(event_type, **data):
    """A fact. What is None is not part of it."""
    return {"type": event_type, "data": {name: value for name, value in data.items() if value is not None}}
