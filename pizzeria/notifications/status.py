"""Polling: ``GET /orders/{order_id}/status``. Environment: ``STATUS_TABLE``."""

from __future__ import annotations

from typing import Any

from pizzeria.common.web import reply
from pizzeria.notifications import statuses
from pizzeria.notifications.core import FINAL


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer with the status, and with when to ask again while it may change.

    404 also asks to come again: an order that was just placed has not been heard of here yet.
    """
    order_id = event["pathParameters"]["order_id"]
    known = statuses.get(order_id)
    if known is None:
        return reply(404, {"error": f"no order {order_id} is known (yet)"}, retry_after="1")
    shown = {k: known[k] for k in ("order_id", "status", "reason", "updated_at") if known.get(k)}
    if known["status"] in FINAL:
        return reply(200, shown)
    return reply(200, shown, retry_after="1")
