"""What the saga understands of others' messages: the only place that knows how those look."""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent
from pydantic import BaseModel

from pizzeria.common.claims import Claim
from pizzeria.common.envelope import Incoming, translate


class Order(BaseModel):
    """What the saga has to know of an order in order to ask others."""

    order_id: str
    pizza: str
    quantity: int
    amount: str
    card: str
    wishes: str | Claim | None = None


class _Money(Incoming):
    amount: str


class _PlacedV1(Incoming):
    order_id: str
    pizza: str
    quantity: int
    total: _Money
    card: str
    wishes: str | Claim | None = None

    def meaning(self) -> Order:
        fields = self.model_dump(exclude={"total"})
        return Order(amount=self.total.amount, **fields)


class Answer(Incoming):
    """The kitchen's answer, or that there was none in time."""

    order_id: str
    reason: str | None = None

    @property
    def accepted(self) -> bool:
        return self.reason is None

    @property
    def outcome(self) -> dict[str, str]:
        """The answer in the form in which the called participants give theirs."""
        return {"outcome": "refused", "reason": self.reason} if self.reason else {"outcome": "done"}


class _RefusedV1(Incoming):
    order_id: str
    reason: str


def _placed(data: Any) -> Order:
    return _PlacedV1.model_validate(data).meaning()


def _accepted(data: Any) -> Answer:
    return Answer(order_id=Answer.model_validate(data).order_id)


def _refused(data: Any) -> Answer:
    refused = _RefusedV1.model_validate(data)
    return Answer(order_id=refused.order_id, reason=refused.reason)


def read_order(message: CloudEvent) -> Order:
    """Return the order that was placed; raises Unreadable."""
    return translate(message, {"order.placed.v1": _placed})


def read_answer(message: CloudEvent) -> Answer:
    """Return what the kitchen answered; raises Unreadable."""
    return translate(message, {"kitchen.accepted.v1": _accepted, "kitchen.refused.v1": _refused})
