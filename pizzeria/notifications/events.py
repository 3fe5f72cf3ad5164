"""What notifications tell customers, and themselves."""

from __future__ import annotations

from typing import ClassVar

from pizzeria.common.envelope import Event

SOURCE = "pizzeria.notifications"


class StatusChanged(Event):
    TYPE: ClassVar[str] = "order.status.v1"

    order_id: str
    status: str
    reason: str | None = None


class CallCustomer(Event):
    """To this service itself: tell this to that URL."""

    TYPE: ClassVar[str] = "notifications.call.v1"

    url: str
    told: StatusChanged
