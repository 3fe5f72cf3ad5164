"""What delivery understands of others' messages: the only place that knows how those look."""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent
from pydantic import AwareDatetime

from pizzeria.common.envelope import Incoming, translate
from pizzeria.delivery.core import Delivery
from pizzeria.delivery.events import DeliveryAlarm


class _Where(Incoming):
    address: str
    at: AwareDatetime | None = None


class _Confirmed(Incoming):
    """Both versions of it: they differ in the total, which is not our business."""

    order_id: str
    delivery: _Where | None = None


class _Alarm(Incoming):
    order_id: str


def _confirmed(data: Any) -> Delivery | None:
    order = _Confirmed.model_validate(data)
    if order.delivery is None:
        return None
    return Delivery(
        order_id=order.order_id, sealed_address=order.delivery.address, at=order.delivery.at
    )


def read_order(message: CloudEvent) -> Delivery | None:
    """Return the delivery that a confirmed order asks for, None if it is fetched; raises Unreadable."""
    return translate(message, {"order.confirmed.v1": _confirmed, "order.confirmed.v2": _confirmed})


def read_alarm(message: CloudEvent) -> str:
    """Return the number of the order that an alarm is about; raises Unreadable."""
    return translate(message, {DeliveryAlarm.TYPE: _Alarm.model_validate}).order_id
