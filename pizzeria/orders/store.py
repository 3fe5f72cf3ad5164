"""The order table. Every write carries the event that tells of it, in the outbox of the same item.

Environment: ``ORDERS_TABLE``.
"""

from __future__ import annotations

import os

from botocore.exceptions import ClientError
from cloudevents.core.v1.event import CloudEvent

from pizzeria.common import outbox
from pizzeria.common.aws import client, failed_with, from_item, to_item
from pizzeria.common.envelope import to_json
from pizzeria.orders.core import Order


def add(order: Order, event: CloudEvent) -> Order:
    """Store a new order; return what is stored under its number, which may have been there before."""
    values = order.model_dump(mode="json") | {outbox.ATTRIBUTE: to_json(event)}
    try:
        client("dynamodb").put_item(
            TableName=os.environ["ORDERS_TABLE"],
            Item=to_item(values),
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
        return get(order.order_id)
    return order


def get(order_id: str) -> Order:
    """Return an order; raises KeyError."""
    found = client("dynamodb").get_item(
        TableName=os.environ["ORDERS_TABLE"],
        Key=to_item({"order_id": order_id}),
        ConsistentRead=True,
    )
    if "Item" not in found:
        raise KeyError(order_id)
    return Order.model_validate(from_item(found["Item"]))


def change(order: Order, event: CloudEvent) -> bool:
    """Store what was decided about an order; return False if it is not waiting for that any more."""
    values = {":status": order.status, ":placed": "PLACED", ":event": to_json(event)}
    try:
        client("dynamodb").update_item(
            TableName=os.environ["ORDERS_TABLE"],
            Key=to_item({"order_id": order.order_id}),
            UpdateExpression="SET #status = :status, reason = :reason, #outbox = :event",
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status", "#outbox": outbox.ATTRIBUTE},
            ExpressionAttributeValues=to_item(values | {":reason": order.reason or ""}),
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
        return False
    return True
