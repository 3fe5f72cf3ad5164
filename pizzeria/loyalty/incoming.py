"""What loyalty understands of others' messages: the only place that knows how those look.

Two versions of one event are understood. The older is lifted to what the newer means.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.envelope import Incoming, translate
from pizzeria.loyalty.core import Purchase


class _Money(Incoming):
    amount: Decimal


class _ConfirmedV1(Incoming):
    order_id: str
    customer: str
    total: int  # cents


class _ConfirmedV2(Incoming):
    order_id: str
    customer: str
    total: _Money


def _from_v1(data: Any) -> Purchase:
    order = _ConfirmedV1.model_validate(data)
    return Purchase(order_id=order.order_id, customer=order.customer, cents=order.total)


def _from_v2(data: Any) -> Purchase:
    order = _ConfirmedV2.model_validate(data)
    cents = int(order.total.amount * 100)
    return Purchase(order_id=order.order_id, customer=order.customer, cents=cents)


def read(message: CloudEvent) -> Purchase:
    """Return the purchase that a message tells of; raises Unreadable."""
    return translate(message, {"order.confirmed.v1": _from_v1, "order.confirmed.v2": _from_v2})
