"""The Customer aggregate: Active or Deactivated, and back."""

from answers import accept, event, reject


def decide(command, history):
    """Decide on one command for one customer."""
    return COMMANDS[command["type"]](fold(history), command["data"])


def fold(history):
    """What the events so far mean; None when there is no customer."""
    state = None
    for past in history:
        kind, data = past["type"], past["data"]
        if kind == "Registered":
            state = {"email": data["email"], "address": data["address"], "active": True}
        elif kind == "EmailUpdated":
            state["email"] = data["email"]
        elif kind == "AddressUpdated":
            state["address"] = data["address"]
        else:
            state["active"] = kind != "Deactivated"
    return state


def register(state, data):
    """Register a new customer."""
    customer = data["customerId"]
    if state is None:
        return accept(event("Registered", customerId=customer, email=data["email"], address=data["address"]))
    if state["active"]:
        return reject("CustomerAlreadyRegistered", f"Customer {customer} is registered already.")
    return deactivated(customer)


def update(attribute, event_type):
    """A decision that sets one attribute of the profile of an active customer."""

    def decision(state, data):
        customer = data["customerId"]
        if state is None:
            return not_found(customer)
        if not state["active"]:
            return deactivated(customer)
        if state[attribute] == data[attribute]:
            return accept()
        return accept(event(event_type, **{"customerId": customer, attribute: data[attribute]}))

    return decision


def switch(active, event_type):
    """A decision that activates or deactivates a customer."""

    def decision(state, data):
        customer = data["customerId"]
        if state is None:
            return not_found(customer)
        return accept() if state["active"] == active else accept(event(event_type, customerId=customer))

    return decision


def not_found(customer):
    """The customer never registered."""
    return reject("CustomerNotFound", f"There is no customer {customer}.")


def deactivated(customer):
    """The customer's account is switched off."""
    return reject("CustomerAlreadyDeactivated", f"Customer {customer} is deactivated.")


COMMANDS = {
    "Register": register,
    "UpdateEmail": update("email", "EmailUpdated"),
    "UpdateAddress": update("address", "AddressUpdated"),
    "Deactivate": switch(False, "Deactivated"),
    "Reactivate": switch(True, "Reactivated"),
}
