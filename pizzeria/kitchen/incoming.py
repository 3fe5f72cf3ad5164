"""What the kitchen understands of others' messages: the only place that knows how those look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloudevents.core.v1.event import CloudEvent
from pydantic import Field

from pizzeria.common.claims import Claim
from pizzeria.common.envelope import Incoming, translate


class Cook(Incoming):
    order_id: str
    pizza: str
    quantity: int = Field(ge=1)
    wishes: str | Claim | None = None


class Cancel(Incoming):
    order_id: str


_MEANING: dict[str, Callable[[Any], Cook | Cancel]] = {
    "kitchen.cook.v1": Cook.model_validate,
    "kitchen.cancel.v1": Cancel.model_validate,
}


def read(message: CloudEvent) -> Cook | Cancel:
    """Return what is asked for; raises Unreadable."""
    return translate(message, _MEANING)
