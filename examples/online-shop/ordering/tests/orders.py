"""Events that several tests need: of two orders, and of the products on the shelf."""

from .turns import event

EUR_20 = {"amount": 2000, "currency": "EUR"}
EUR_50 = {"amount": 5000, "currency": "EUR"}

LAMP = event("CatalogProductSynced", productId="lamp", name="Lamp", price=EUR_20)
DESK = event("CatalogProductSynced", productId="desk", name="Desk", price=EUR_50)
LAMP_WITHDRAWN = event("CatalogProductWithdrawn", productId="lamp")
LAMP_RELISTED = event("CatalogProductRelisted", productId="lamp", name="Lamp", price=EUR_20)
LAMP_IMAGE = event("CatalogProductImageChanged", productId="lamp", productImage="lamp.png")
LAMP_NO_IMAGE = event("CatalogProductImageChanged", productId="lamp")


def lamp_price(price):
    """The lamp costs something else."""
    return event("CatalogProductPriceChanged", productId="lamp", price=price)


def placed(shipping_method="STANDARD"):
    """Order o1 of three lamps and a desk, by mia."""
    eur_60 = {"amount": 6000, "currency": "EUR"}
    lines = [
        {"productId": "lamp", "name": "Lamp", "quantity": 3, "unitPrice": EUR_20, "lineTotal": eur_60},
        {"productId": "desk", "name": "Desk", "quantity": 1, "unitPrice": EUR_50, "lineTotal": EUR_50},
    ]
    return event(
        "OrderPlaced",
        orderId="o1",
        customerId="mia",
        productIds=["lamp", "desk"],
        lines=lines,
        total={"amount": 11000, "currency": "EUR"},
        shippingMethod=shipping_method,
        firstProductName="Lamp",
    )


def reopened(shipping_method="STANDARD"):
    """Order o1 is wanted again."""
    return event(
        "OrderReopened", orderId="o1", customerId="mia", productIds=["lamp", "desk"], shippingMethod=shipping_method
    )


SHIPPED = event("OrderShipped", orderId="o1", customerId="mia")
CANCELLED = event("OrderCancelled", orderId="o1", productIds=["lamp", "desk"])
REFUNDED = event("RefundIssued", orderId="o1", reason="late")
