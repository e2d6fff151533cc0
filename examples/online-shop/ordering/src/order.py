"""The Order aggregate: Placed, then Shipped or Cancelled.

PlaceOrder takes products and customer on trust. Refusing products that are not
available, and freezing their names and prices in the order, needs a decision that
reads the events of several entities; it belongs in place_order, behind the checks
that an order can make alone.
"""

from answers import accept, event, reject

STATUS_AFTER = {"OrderPlaced": "PLACED", "OrderShipped": "SHIPPED", "OrderCancelled": "CANCELLED"}


def decide(command, history):
    """Decide on one command for one order."""
    return COMMANDS[command["type"]](fold(history), command["data"])


def fold(history):
    """What the events so far mean; None when there is no order."""
    state = None
    for past in history:
        if past["type"] == "OrderPlaced":
            state = dict(past["data"])
        state["status"] = STATUS_AFTER[past["type"]]
    return state


def place_order(state, data):
    """Place an order that does not exist yet."""
    order_id = data["orderId"]
    if state:
        return reject("OrderAlreadyPlaced", f"Order {order_id} is placed already.")
    if not data["lineItems"]:
        return reject("OrderIsEmpty", f"Order {order_id} has no lines.")
    lines = []
    for item in data["lineItems"]:
        line = {"productId": item["productId"], "quantity": item.get("quantity", 1)}
        if line["quantity"] <= 0:
            return reject("InvalidQuantity", f"{line['quantity']} is no quantity to order.", **line)
        lines.append(line)
    placed = event(
        "OrderPlaced",
        orderId=order_id,
        customerId=data["customerId"],
        lines=merged(lines),
        shippingMethod=data.get("shippingMethod") or "STANDARD",
    )
    return accept(placed)


def merged(lines):
    """Lines of one product become one line, at the place of the first."""
    quantities = {}
    for line in lines:
        quantities[line["productId"]] = quantities.get(line["productId"], 0) + line["quantity"]
    return [{"productId": product, "quantity": quantity} for product, quantity in quantities.items()]


def ship_order(state, data):
    """Ship an order that is not cancelled."""
    order_id = data["orderId"]
    if not state:
        return not_found(order_id)
    if state["status"] == "CANCELLED":
        return reject("OrderAlreadyCancelled", f"Order {order_id} is cancelled.")
    if state["status"] == "SHIPPED":
        return accept()
    return accept(event("OrderShipped", orderId=order_id, customerId=state["customerId"]))


def cancel_order(state, data):
    """Cancel an order that is not shipped."""
    order_id = data["orderId"]
    if not state:
        return not_found(order_id)
    if state["status"] == "SHIPPED":
        return reject("OrderAlreadyShipped", f"Order {order_id} is shipped.")
    if state["status"] == "CANCELLED":
        return accept()
    products = [line["productId"] for line in state["lines"]]
    return accept(event("OrderCancelled", orderId=order_id, productIds=products))


def not_found(order_id):
    """The order was never placed."""
    return reject("OrderNotFound", f"There is no order {order_id}.")


COMMANDS = {"PlaceOrder": place_order, "ShipOrder": ship_order, "CancelOrder": cancel_order}
