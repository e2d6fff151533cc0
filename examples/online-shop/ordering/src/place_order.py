"""The slice PlaceOrder: a new order for products that are on the shelf.

It reads the events of the order and those of all its products. If one of the products
is withdrawn, or gets another price, while the order is decided, it is decided anew. So
what was checked here is true when the order is recorded.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import callers
import catalog_product
from answers import accept, event, reject

if TYPE_CHECKING:
    from reventless_handler import DecideAnswer, DecideTurn, Event

# The greatest number that the API can show: GraphQL's Int.
LARGEST_INT = 2**31 - 1


def decide(turn: DecideTurn) -> DecideAnswer:
    """Decide on a new order: the first check that fails refuses it."""
    data, history = {"customerId": callers.own_id(turn), **given(turn["command"]["data"])}, turn["history"]
    if refusal := callers.refused(turn, data["customerId"]):
        return refusal
    if any(past["type"] == "OrderPlaced" for past in history):
        return reject("OrderAlreadyPlaced", f"Order {data['orderId']} is placed already.")
    return (
        refused_items(data)
        or refused_window(data, turn["meta"]["time"])
        or place(data, catalog_product.available(history))
    )


def given(data: dict) -> dict:
    """The arguments that are not null."""
    return {name: value for name, value in data.items() if value is not None}


def refused_items(data: dict) -> DecideAnswer | None:
    """Why these items cannot be ordered from any shelf, None when they can."""
    if not data["lineItems"]:
        return reject("OrderIsEmpty", f"Order {data['orderId']} has no lines.")
    for item in data["lineItems"]:
        if quantity_of(item) <= 0:
            return invalid_quantity(item["productId"], quantity_of(item))
    return None


def refused_window(data: dict, now: str) -> DecideAnswer | None:
    """Why nothing can be delivered in the window, None when it can or there is none."""
    window = data.get("deliveryWindow")
    if window is None:
        return None
    if shipping_method(data) == "PICKUP":
        return reject("DeliveryWindowOnPickup", "An order that is picked up has no delivery window.")
    begin, end = datetime.fromisoformat(window["from"]), datetime.fromisoformat(window["to"])
    if end <= begin:
        return reject("InvalidDeliveryWindow", "The delivery window is empty.", reason="EndsBeforeItBegins")
    if end <= datetime.fromisoformat(now):
        return reject("InvalidDeliveryWindow", "The delivery window is over.", reason="IsOver")
    return None


def place(data: dict, shelf: dict[str, dict]) -> DecideAnswer:
    """Place the order at the prices of the shelf."""
    quantities = merged(data["lineItems"])
    missing = [product for product in quantities if product not in shelf]
    if missing:
        return reject("ProductsNotAvailable", f"Not available: {', '.join(missing)}.", missing=missing)
    lines = [line(product, shelf[product], quantity) for product, quantity in quantities.items()]
    return refused_sums(lines) or accept(order_placed(data, lines, shelf[lines[0]["productId"]]))


def merged(items: list[dict]) -> dict[str, int]:
    """The quantity of each product, in the order in which products are named first."""
    quantities: dict[str, int] = {}
    for item in items:
        quantities[item["productId"]] = quantities.get(item["productId"], 0) + quantity_of(item)
    return quantities


def line(product_id: str, product: dict, quantity: int) -> dict:
    """One line of the order. What it says of the product does not change any more."""
    price = product["price"]
    return {
        "productId": product_id,
        "name": product["name"],
        "quantity": quantity,
        "unitPrice": price,
        "lineTotal": {**price, "amount": price["amount"] * quantity},
    }


def refused_sums(lines: list[dict]) -> DecideAnswer | None:
    """Why the lines cannot be added up, None when they can."""
    for each in lines:
        if max(each["quantity"], each["lineTotal"]["amount"]) > LARGEST_INT:
            return invalid_quantity(each["productId"], each["quantity"])
    currencies = sorted({each["unitPrice"]["currency"] for each in lines})
    if len(currencies) > 1:
        return reject("MixedCurrencies", f"An order has one currency, not {len(currencies)}.", currencies=currencies)
    if max(total(lines), sum(each["quantity"] for each in lines)) > LARGEST_INT:
        greatest = max(lines, key=lambda each: each["lineTotal"]["amount"])
        return invalid_quantity(greatest["productId"], greatest["quantity"])
    return None


def order_placed(data: dict, lines: list[dict], first: dict) -> Event:
    """The event, with everything about the products that the order will ever need."""
    return event(
        "OrderPlaced",
        orderId=data["orderId"],
        customerId=data["customerId"],
        productIds=[each["productId"] for each in lines],
        lines=lines,
        total={"amount": total(lines), "currency": lines[0]["unitPrice"]["currency"]},
        shippingMethod=shipping_method(data),
        deliveryWindow=data.get("deliveryWindow"),
        firstProductName=first["name"],
        firstProductImage=first["image"],
    )


def total(lines: list[dict]) -> int:
    """The sum of lines in one currency, in minor units."""
    return sum(each["lineTotal"]["amount"] for each in lines)


def quantity_of(item: dict) -> int:
    """How many are wanted, by default one."""
    quantity = item.get("quantity")
    return 1 if quantity is None else quantity


def shipping_method(data: dict) -> str:
    """How the order is to be shipped, by default the usual way."""
    return data.get("shippingMethod") or "STANDARD"


def invalid_quantity(product: str, quantity: int) -> DecideAnswer:
    """Nobody can order so few, or so many."""
    return reject("InvalidQuantity", f"{quantity} is no quantity to order.", productId=product, quantity=quantity)
