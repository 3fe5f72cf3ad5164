"""The connections table: who is on the line for which order. Environment: ``CONNECTIONS_TABLE``."""

from __future__ import annotations

import os
import time

from pizzeria.common.aws import client, from_item, to_item

LONGEST_S = 2 * 3600
"""API Gateway ends a WebSocket connection after two hours."""


def add(connection_id: str, order_id: str) -> None:
    """Note that a connection wants to hear of an order."""
    values = {"connection_id": connection_id, "order_id": order_id}
    client("dynamodb").put_item(
        TableName=os.environ["CONNECTIONS_TABLE"],
        Item=to_item(values | {"expires_at": int(time.time()) + LONGEST_S}),
    )


def remove(connection_id: str) -> None:
    """Forget a connection."""
    client("dynamodb").delete_item(
        TableName=os.environ["CONNECTIONS_TABLE"], Key=to_item({"connection_id": connection_id})
    )


def of(order_id: str) -> list[str]:
    """Return the connections that want to hear of an order."""
    found = client("dynamodb").query(
        TableName=os.environ["CONNECTIONS_TABLE"],
        IndexName="by-order",
        KeyConditionExpression="order_id = :order",
        ExpressionAttributeValues=to_item({":order": order_id}),
    )
    return [from_item(item)["connection_id"] for item in found["Items"]]
