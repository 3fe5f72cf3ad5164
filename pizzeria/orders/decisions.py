"""Confirms or fails an order: what the saga asks for in the end.

Invoked with ``{"decision": "CONFIRMED" | "FAILED", "order_id": …, "reason": …}``; asked twice, it is
decided once. Environment: ``ORDERS_TABLE``.
"""

from __future__ import annotations

from typing import Any

from pizzeria.common import telemetry
from pizzeria.common.envelope import wrap
from pizzeria.orders import core, store
from pizzeria.orders.events import SOURCE


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Return ``{"outcome": "done"}``; raises KeyError, or AlreadyDecided for the other decision."""
    order_id, decision = event["order_id"], event["decision"]
    try:
        with telemetry.span(decision.lower(), origin=event.get("trace"), order__id=order_id):
            order = store.get(order_id)
            decided, told = core.decide(order, decision, event.get("reason"))
            if order.status == decision:
                return {"outcome": "done"}
            if not store.change(decided, wrap(told, source=SOURCE, subject=order_id)):
                core.decide(store.get(order_id), decision)  # somebody else was faster: with what?
    finally:
        telemetry.flush()
    return {"outcome": "done"}
