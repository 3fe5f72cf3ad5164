"""The analytics table: ``order.placed#2026-11-21`` has the count, ``event#…`` what was counted already.

Environment: ``ANALYTICS_TABLE``.
"""

from __future__ import annotations

import os
import time

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_conditions, to_item

REMEMBERED_S = 7 * 24 * 3600


def count(kind: str, day: str, event_id: str) -> None:
    """Count an event once."""
    table = os.environ["ANALYTICS_TABLE"]
    seen = {"pk": f"event#{event_id}", "expires_at": int(time.time()) + REMEMBERED_S}
    try:
        client("dynamodb").transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": to_item(seen),
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
                {
                    "Update": {
                        "TableName": table,
                        "Key": to_item({"pk": f"{kind}#{day}"}),
                        "UpdateExpression": "ADD heard :one",
                        "ExpressionAttributeValues": to_item({":one": 1}),
                    }
                },
            ]
        )
    except ClientError as error:
        if failed_conditions(error) is None:
            raise
