"""What a courier asks and reports: ``GET /deliveries/{order_id}``, ``POST /deliveries/{order_id}/done``.

The one place where an address is opened; behind an authoriser, it is for couriers only.
Environment: ``DELIVERIES_TABLE``, ``ADDRESS_KEY_ID``.
"""

from __future__ import annotations

import os
from typing import Any

from opentelemetry.trace import SpanKind

from pizzeria.common import telemetry
from pizzeria.common.sealed import unseal
from pizzeria.common.web import reply
from pizzeria.delivery import deliveries


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer a courier; 404 for an order that is not to be delivered."""
    order_id = event["pathParameters"]["order_id"]
    try:
        with telemetry.span(
            event["routeKey"],
            origin=event.get("headers"),
            kind=SpanKind.SERVER,
            order__id=order_id,
        ):
            return _answer(event["routeKey"], order_id)
    finally:
        telemetry.flush()


def _answer(route: str, order_id: str) -> dict[str, Any]:
    delivery = deliveries.get(order_id)
    if delivery is None:
        return reply(404, {"error": f"there is no delivery for order {order_id}"})
    if route.startswith("POST"):
        deliveries.delivered(delivery)
        return reply(202, {"order_id": order_id, "status": "DELIVERED"})
    address = unseal(
        delivery.sealed_address, key_id=os.environ["ADDRESS_KEY_ID"], order_id=order_id
    )
    shown = delivery.model_dump(mode="json", exclude={"sealed_address"}, exclude_none=True)
    return reply(200, {**shown, "address": address}, cache_control="no-store")
