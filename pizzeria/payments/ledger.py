"""The payments table: one item per order. Environment: ``PAYMENTS_TABLE``."""

from __future__ import annotations

import os
from typing import Literal

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_with, from_item, to_item

State = Literal["CHARGED", "DECLINED", "REFUNDED"]


def state(order_id: str) -> State | None:
    """Return how far an order's payment has come, None before it began."""
    found = client("dynamodb").get_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Key=to_item({"order_id": order_id}),
        ConsistentRead=True,
    )
    return from_item(found.get("Item", {})).get("state")


def begin(order_id: str, state: State, amount: str) -> bool:
    """Write down the first state of a payment; return False if there is one already."""
    try:
        client("dynamodb").put_item(
            TableName=os.environ["PAYMENTS_TABLE"],
            Item=to_item({"order_id": order_id, "state": state, "amount": amount}),
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
        return False
    return True


def refunded(order_id: str) -> None:
    """Write down that an order costs nothing any more, whether it was charged or not."""
    client("dynamodb").update_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Key=to_item({"order_id": order_id}),
        UpdateExpression="SET #state = :refunded",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues=to_item({":refunded": "REFUNDED"}),
    )
