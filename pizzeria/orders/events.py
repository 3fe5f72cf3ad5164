"""What the order service tells."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, Field

from pizzeria.common.claims import Claim
from pizzeria.common.envelope import Event

SOURCE = "pizzeria.orders"


class Money(BaseModel):
    amount: str = Field(pattern=r"^\d+\.\d\d$", examples=["17.00"])
    currency: str = Field(pattern="^[A-Z]{3}$")

    @classmethod
    def of_cents(cls, cents: int) -> Money:
        return cls(amount=f"{cents // 100}.{cents % 100:02}", currency="EUR")


class Delivery(BaseModel):
    address: str = Field(description="sealed; only the delivery service can open it")
    at: AwareDatetime | None = Field(None, description="when; as soon as possible if missing")


class OrderPlaced(Event):
    TYPE: ClassVar[str] = "order.placed.v1"

    order_id: str
    customer: str
    pizza: str
    quantity: int
    total: Money
    card: str = Field(description="sealed; only the payment service can open it")
    wishes: str | Claim | None = None
    callback_url: str | None = None
    delivery: Delivery | None = None


class OrderConfirmedV1(Event):
    """Deprecated: not published any more, but still on its way or in somebody's archive."""

    TYPE: ClassVar[str] = "order.confirmed.v1"

    order_id: str
    customer: str
    pizza: str
    quantity: int
    total: int = Field(description="in cents")
    delivery: Delivery | None = None


class OrderConfirmed(Event):
    TYPE: ClassVar[str] = "order.confirmed.v2"

    order_id: str
    customer: str
    pizza: str
    quantity: int
    total: Money
    delivery: Delivery | None = None


class OrderFailed(Event):
    TYPE: ClassVar[str] = "order.failed.v1"

    order_id: str
    customer: str
    reason: str
