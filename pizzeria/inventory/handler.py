"""Reserves and releases stock.

Invoked with ``{"action": "reserve" | "release", "order_id": …, "pizza": …, "quantity": …}``. That there
is not enough is an answer, not an error: retrying would not help, and nobody is to be woken.
Environment: ``INVENTORY_TABLE``.
"""

from __future__ import annotations

from typing import Any

from pizzeria.common import telemetry
from pizzeria.inventory import stock


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Return ``{"outcome": "done"}`` or ``{"outcome": "refused", "reason": …}``."""
    action, order_id, pizza = event["action"], event["order_id"], event["pizza"]
    try:
        with telemetry.span(f"{action} stock", origin=event.get("trace"), order__id=order_id):
            if action == "release":
                stock.release(order_id, pizza, event["quantity"])
            elif not stock.reserve(order_id, pizza, event["quantity"]):
                return {"outcome": "refused", "reason": f"we are out of {pizza}"}
    finally:
        telemetry.flush()
    return {"outcome": "done"}
