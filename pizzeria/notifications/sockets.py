"""The WebSocket API's routes ``$connect`` (with ``?order_id=1001``), ``$disconnect`` and ``$default``.

Environment: ``CONNECTIONS_TABLE``.
"""

from __future__ import annotations

from typing import Any

from pizzeria.notifications import connections


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Note who comes and who goes; what they say meanwhile does not matter."""
    connection_id = event["requestContext"]["connectionId"]
    route = event["requestContext"]["routeKey"]
    if route == "$connect":
        order_id = (event.get("queryStringParameters") or {}).get("order_id")
        if not order_id:
            return {"statusCode": 400, "body": "which order? connect with ?order_id=…"}
        connections.add(connection_id, order_id)
    elif route == "$disconnect":
        connections.remove(connection_id)
    return {"statusCode": 200}
