"""The inventory table: ``stock#margherita`` has what is left, ``reservation#1001`` what an order took.

A reservation and the stock it is taken from change in one transaction. Environment: ``INVENTORY_TABLE``.
"""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_conditions, failed_with, from_item, to_item


def reserve(order_id: str, pizza: str, quantity: int) -> bool:
    """Take from the stock once per order; return False when there is not enough, or it was released."""
    reservation = _key(f"reservation#{order_id}")
    try:
        _both(
            {
                "UpdateExpression": "SET #status = :reserved, pizza = :pizza, quantity = :quantity",
                "ConditionExpression": "attribute_not_exists(pk)",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": to_item(
                    {":reserved": "RESERVED", ":pizza": pizza, ":quantity": quantity}
                ),
                **reservation,
            },
            {
                "UpdateExpression": "SET available = available - :quantity",
                "ConditionExpression": "available >= :quantity",
                "ExpressionAttributeValues": to_item({":quantity": quantity}),
                **_key(f"stock#{pizza}"),
            },
        )
    except ClientError as error:
        failed = failed_conditions(error)
        if failed is None:
            raise
        return failed[0] and _status(order_id) == "RESERVED"
    return True


def release(order_id: str, pizza: str, quantity: int) -> None:
    """Give back what an order took, once. If it has taken nothing yet, it never will."""
    given_back = {
        "UpdateExpression": "SET #status = :released",
        "ExpressionAttributeNames": {"#status": "status"},
        **_key(f"reservation#{order_id}"),
    }
    try:
        _both(
            {
                "ConditionExpression": "#status = :reserved",
                "ExpressionAttributeValues": to_item(
                    {":released": "RELEASED", ":reserved": "RESERVED"}
                ),
                **given_back,
            },
            {
                "UpdateExpression": "SET available = available + :quantity",
                "ExpressionAttributeValues": to_item({":quantity": quantity}),
                **_key(f"stock#{pizza}"),
            },
        )
    except ClientError as error:
        if failed_conditions(error) is None:
            raise
    else:
        return
    # Nothing was reserved. A late reserve, still on its way, must find that it comes too late.
    try:
        client("dynamodb").update_item(
            ConditionExpression="attribute_not_exists(pk) OR #status = :released",
            ExpressionAttributeValues=to_item({":released": "RELEASED"}),
            **given_back,
        )
    except ClientError as error:
        if failed_with(error, "ConditionalCheckFailedException"):
            raise RuntimeError(f"order {order_id} was reserved meanwhile: release again") from error
        raise


def _both(*updates: dict[str, Any]) -> None:
    client("dynamodb").transact_write_items(TransactItems=[{"Update": u} for u in updates])


def _key(pk: str) -> dict[str, Any]:
    return {"TableName": os.environ["INVENTORY_TABLE"], "Key": to_item({"pk": pk})}


def _status(order_id: str) -> str:
    found = client("dynamodb").get_item(ConsistentRead=True, **_key(f"reservation#{order_id}"))
    return str(from_item(found.get("Item", {})).get("status", ""))
