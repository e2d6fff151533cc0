"""The Customers read model: one row for each customer, by customer id."""


def project(row, event):
    """The row after the event."""
    kind, data = event["type"], event["data"]
    if kind == "Registered":
        return {"id": event["id"], "email": data["email"], "address": data["address"], "accountStatus": "ACTIVE"}
    if kind == "EmailUpdated":
        return {**row, "email": data["email"]}
    if kind == "AddressUpdated":
        return {**row, "address": data["address"]}
    if kind == "Deactivated":
        return {**row, "accountStatus": "DEACTIVATED"}
    if kind == "Reactivated":
        return {**row, "accountStatus": "ACTIVE"}
    return row
