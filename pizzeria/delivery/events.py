"""What the delivery service tells, and what it tells itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from pizzeria.common.envelope import Event

SOURCE = "pizzeria.delivery"


class DeliveryAlarm(Event):
    """To this service itself, when the time has come."""

    TYPE: ClassVar[str] = "delivery.alarm.v1"

    order_id: str


class DeliveryDue(Event):
    TYPE: ClassVar[str] = "delivery.due.v1"

    order_id: str
    at: AwareDatetime | None = None


class DeliveryCompleted(Event):
    TYPE: ClassVar[str] = "delivery.completed.v1"

    order_id: str
