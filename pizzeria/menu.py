"""The menu, the customers, and what an order is: the same in every chapter."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any, TypedDict

MENU = {
    "margherita": 850,
    "marinara": 750,
    "funghi": 990,
    "diavola": 1090,
    "quattro stagioni": 1190,
}
"""Pizza → price in cents."""

CUSTOMERS = ("Ada", "Bao", "Chidi", "Dalia", "Emil", "Fatou", "Goro")

MAX_QUANTITY = 20
FIRST_ORDER_NUMBER = 1001


class Order(TypedDict):
    """One kind of pizza for one customer, as it travels between services in JSON."""

    order_id: str
    customer: str
    pizza: str
    quantity: int


class InvalidOrder(ValueError):
    """An order that can never be cooked, however often it is tried."""


def check_order(order: Any) -> Order:
    """Return the order if it is one; fields beyond an order's own are let through.

    Raises InvalidOrder, whose text says in one sentence what is wrong.
    """
    if not isinstance(order, dict):
        raise InvalidOrder("an order must be a JSON object")
    name = f"order {order.get('order_id', 'without a number')}"
    for field in ("order_id", "customer", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise InvalidOrder(f"{name}: {field} must be a text")
    if order["pizza"] not in MENU:
        raise InvalidOrder(f"{name}: {order['pizza']} is not on the menu")
    quantity = order.get("quantity")
    # type(), because True is an int to isinstance.
    if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidOrder(f"{name}: quantity must be a whole number from 1 to {MAX_QUANTITY}")
    return order  # type: ignore[return-value]


def total(order: Order) -> int:
    """Return what the order costs, in cents."""
    return MENU[order["pizza"]] * order["quantity"]


def sample_orders(n: int, first: int = FIRST_ORDER_NUMBER) -> list[Order]:
    """Return `n` orders numbered from `first`, the same ones on every call.

    The order with a given number is always the same, so ``sample_orders(10)[3:]`` and
    ``sample_orders(7, first=1004)`` agree.
    """
    start = first - FIRST_ORDER_NUMBER
    # 5, 7 and 4 long: no two of 140 orders in a row are alike.
    choices = zip(cycle(CUSTOMERS), cycle(MENU), cycle((2, 1, 1, 3)))
    return [
        {"order_id": str(first + i), "customer": customer, "pizza": pizza, "quantity": quantity}
        for i, (customer, pizza, quantity) in enumerate(islice(choices, start, start + n))
    ]
