"""The Orders read model: one row for each order, by order id."""


def project(row, event):
    """The row after the event."""
    kind, data = event["type"], event["data"]
    if kind == "OrderPlaced":
        return {
            "id": event["id"],
            "customerId": data["customerId"],
            "lines": data["lines"],
            "itemCount": sum(line["quantity"] for line in data["lines"]),
            "shippingMethod": data["shippingMethod"],
            "lifecycle": "PLACED",
            "placedAt": event["time"],
        }
    if kind == "OrderShipped":
        return {**row, "lifecycle": "SHIPPED", "shippedAt": event["time"]}
    if kind == "OrderCancelled":
        return {**row, "lifecycle": "CANCELLED"}
    return row
