"""``POST /orders``: an order is accepted as soon as it is safe, long before it is cooked.

Environment: ``ORDERS_TABLE``, ``ADDRESS_KEY_ID``, ``CARD_KEY_ID``, ``CLAIMS_BUCKET``.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger
from opentelemetry.trace import SpanKind

from pizzeria.common import telemetry
from pizzeria.common.claims import check_in
from pizzeria.common.envelope import wrap
from pizzeria.common.sealed import seal
from pizzeria.common.web import reply
from pizzeria.orders import core, store
from pizzeria.orders.events import SOURCE

logger = Logger()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer 202 with the address to ask for the status; 400 or 409 with what is wrong."""
    try:
        request = core.read_request(event.get("body") or "")
    except core.InvalidOrder as error:
        return reply(400, {"error": str(error)})
    try:
        with telemetry.span(
            "POST /orders",
            origin=event.get("headers"),
            kind=SpanKind.SERVER,
            order__id=request.order_id,
        ):
            order, stored = _place(request)
    finally:
        telemetry.flush()
    if not stored.same_as(order):
        return reply(409, {"error": f"there is another order {order.order_id}; take a new number"})
    status_url = f"/orders/{order.order_id}/status"
    body = {"order_id": order.order_id, "status": "PLACED", "status_url": status_url}
    return reply(202, body, location=status_url, retry_after="1")


def _place(request: core.OrderRequest) -> tuple[core.Order, core.Order]:
    """Return the order as asked for, and as it is stored under its number."""
    number = request.order_id
    card = seal(request.card, key_id=os.environ["CARD_KEY_ID"], order_id=number)
    address = None
    if request.delivery:
        key = os.environ["ADDRESS_KEY_ID"]
        address = seal(request.delivery.address, key_id=key, order_id=number)
    wishes = check_in(request.wishes, number) if request.wishes else None
    order, placed = core.place(request, card=card, address=address, wishes=wishes)
    stored = store.add(order, wrap(placed, source=SOURCE, subject=number))
    logger.info("order placed", correlation_id=number, pizza=order.pizza, quantity=order.quantity)
    return order, stored
