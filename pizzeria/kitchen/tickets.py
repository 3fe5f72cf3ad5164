"""The kitchen's table: one ticket per order. Environment: ``KITCHEN_TABLE``."""

from __future__ import annotations

import os

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_with, from_item, to_item
from pizzeria.kitchen.core import Ticket


def hang(ticket: Ticket) -> Ticket:
    """Hang up a ticket; return the one that hangs there, which may be from an earlier delivery."""
    try:
        client("dynamodb").put_item(
            TableName=os.environ["KITCHEN_TABLE"],
            Item=to_item(ticket.model_dump()),
            ConditionExpression="attribute_not_exists(order_id)",
            # What is there comes with the refusal: no second read.
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
        there = error.response["Item"]  # type: ignore[typeddict-item]
        return Ticket.model_validate(from_item(there))
    return ticket


def cancel(order_id: str) -> None:
    """Cancel an order; one that has not come yet will be refused when it does."""
    client("dynamodb").update_item(
        TableName=os.environ["KITCHEN_TABLE"],
        Key=to_item({"order_id": order_id}),
        UpdateExpression="SET #status = :cancelled",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=to_item({":cancelled": "CANCELLED"}),
    )
