"""What the saga says: to the kitchen, in words that the kitchen publishes, and to itself."""

from __future__ import annotations

from typing import ClassVar

from pizzeria.common.claims import Claim
from pizzeria.common.envelope import Event

SOURCE = "pizzeria.saga"


class CookOrder(Event):
    TYPE: ClassVar[str] = "kitchen.cook.v1"

    order_id: str
    pizza: str
    quantity: int
    wishes: str | Claim | None = None


class CancelOrder(Event):
    TYPE: ClassVar[str] = "kitchen.cancel.v1"

    order_id: str


class TimeIsUp(Event):
    TYPE: ClassVar[str] = "saga.timeout.v1"

    order_id: str
