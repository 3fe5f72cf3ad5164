"""The delivery table; what it tells others goes into the outbox of the same item.

Environment: ``DELIVERIES_TABLE``.
"""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import ClientError

from pizzeria.common import outbox
from pizzeria.common.aws import client, failed_with, from_item, to_item
from pizzeria.common.envelope import Event, to_json, wrap
from pizzeria.delivery.core import Delivery
from pizzeria.delivery.events import SOURCE, DeliveryCompleted, DeliveryDue


def add(delivery: Delivery) -> None:
    """Note a delivery, once."""
    _unless_it_was(
        "put_item",
        TableName=os.environ["DELIVERIES_TABLE"],
        Item=to_item(delivery.model_dump(mode="json")),
        ConditionExpression="attribute_not_exists(order_id)",
    )


def get(order_id: str) -> Delivery | None:
    """Return a delivery, None if there is none."""
    found = client("dynamodb").get_item(
        TableName=os.environ["DELIVERIES_TABLE"],
        Key=to_item({"order_id": order_id}),
        ConsistentRead=True,
    )
    return Delivery.model_validate(from_item(found["Item"])) if "Item" in found else None


def due(delivery: Delivery) -> None:
    """Announce a delivery, once."""
    _move(delivery, "DUE", ["SCHEDULED"], DeliveryDue(order_id=delivery.order_id, at=delivery.at))


def delivered(delivery: Delivery) -> None:
    """Close a delivery, once."""
    done = DeliveryCompleted(order_id=delivery.order_id)
    _move(delivery, "DELIVERED", ["SCHEDULED", "DUE"], done)


def _move(delivery: Delivery, to: str, came_from: list[str], told: Event) -> None:
    event = to_json(wrap(told, source=SOURCE, subject=delivery.order_id))
    before = {f":from{i}": status for i, status in enumerate(came_from)}
    _unless_it_was(
        "update_item",
        TableName=os.environ["DELIVERIES_TABLE"],
        Key=to_item({"order_id": delivery.order_id}),
        UpdateExpression="SET #status = :to, #outbox = :event",
        ConditionExpression=f"#status IN ({', '.join(before)})",
        ExpressionAttributeNames={"#status": "status", "#outbox": outbox.ATTRIBUTE},
        ExpressionAttributeValues=to_item({":to": to, ":event": event, **before}),
    )


def _unless_it_was(operation: str, **parameters: Any) -> None:
    """Write; that it was written before is fine."""
    try:
        getattr(client("dynamodb"), operation)(**parameters)
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
