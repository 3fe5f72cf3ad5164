"""The loyalty table: customers' points, and what keeps them from being given twice.

``customer#Ada``  the points
``order#1001``    the business rule: this order has earned its points, under whatever event id
``event#…``       the inbox: this event was seen; forgotten after a week, when no queue brings it again

The three change in one transaction, so that there is no moment at which points are given and not
written down, or written down and not given. Environment: ``LOYALTY_TABLE``.
"""

from __future__ import annotations

import os
import time
from typing import Any

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_conditions, to_item
from pizzeria.common.consuming import logger
from pizzeria.loyalty.core import Purchase, points

REMEMBERED_S = 7 * 24 * 3600


def award(purchase: Purchase, event_id: str) -> bool:
    """Give the points of a purchase; return False if this event or this order has had its own."""
    earned = points(purchase)
    try:
        client("dynamodb").transact_write_items(
            TransactItems=[
                _once(f"event#{event_id}", expires_at=int(time.time()) + REMEMBERED_S),
                _once(f"order#{purchase.order_id}", customer=purchase.customer, points=earned),
                {
                    "Update": {
                        "TableName": os.environ["LOYALTY_TABLE"],
                        "Key": to_item({"pk": f"customer#{purchase.customer}"}),
                        "UpdateExpression": "ADD points :earned",
                        "ExpressionAttributeValues": to_item({":earned": earned}),
                    }
                },
            ]
        )
    except ClientError as error:
        failed = failed_conditions(error)
        if failed is None:
            raise
        if failed == [True, False, False]:  # seen, but with another order
            logger.warning("one event id, two orders", order_id=purchase.order_id)
        return False
    return True


def _once(pk: str, **attributes: Any) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": os.environ["LOYALTY_TABLE"],
            "Item": to_item({"pk": pk, **attributes}),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }
