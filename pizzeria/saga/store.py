"""The saga table: where each order's saga stands. Environment: ``SAGAS_TABLE``."""

from __future__ import annotations

import os

from pizzeria.common.aws import client, from_item, to_item
from pizzeria.saga.core import Saga


def load(order_id: str) -> Saga | None:
    """Return an order's saga, None before it began."""
    found = client("dynamodb").get_item(
        TableName=os.environ["SAGAS_TABLE"],
        Key=to_item({"order_id": order_id}),
        ConsistentRead=True,
    )
    if "Item" not in found:
        return None
    return Saga.model_validate_json(from_item(found["Item"])["saga"])


def save(saga: Saga) -> None:
    """Store a saga's next state; refused (ConditionalCheckFailed) if somebody else moved it meanwhile."""
    client("dynamodb").put_item(
        TableName=os.environ["SAGAS_TABLE"],
        Item=to_item(
            {
                "order_id": saga.order.order_id,
                "version": saga.version,
                "state": saga.ended or (saga.next or ""),
                "saga": saga.model_dump_json(),
            }
        ),
        ConditionExpression="attribute_not_exists(order_id) OR version = :before",
        ExpressionAttributeValues=to_item({":before": saga.version - 1}),
    )
