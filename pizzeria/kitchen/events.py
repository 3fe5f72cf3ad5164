"""What the kitchen answers."""

from __future__ import annotations

from typing import ClassVar

from pizzeria.common.envelope import Event

SOURCE = "pizzeria.kitchen"


class OrderAccepted(Event):
    TYPE: ClassVar[str] = "kitchen.accepted.v1"

    order_id: str


class OrderRefused(Event):
    TYPE: ClassVar[str] = "kitchen.refused.v1"

    order_id: str
    reason: str
