"""What notifications understand of others' messages: the only place that knows how those look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.envelope import Incoming, translate
from pizzeria.notifications.core import Change, Status


class _AnyOfThem(Incoming):
    order_id: str
    reason: str | None = None
    callback_url: str | None = None


def _means(status: Status) -> Callable[[Any], Change]:
    def change(data: Any) -> Change:
        return Change(status=status, **_AnyOfThem.model_validate(data).model_dump())

    return change


_MEANING: dict[str, Callable[[Any], Change]] = {
    "order.placed.v1": _means("PLACED"),
    "order.confirmed.v1": _means("CONFIRMED"),
    "order.confirmed.v2": _means("CONFIRMED"),
    "order.failed.v1": _means("FAILED"),
    "delivery.due.v1": _means("DUE"),
    "delivery.completed.v1": _means("DELIVERED"),
}


def read(message: CloudEvent) -> Change:
    """Return what a message means for the status of its order; raises Unreadable."""
    return translate(message, _MEANING)
