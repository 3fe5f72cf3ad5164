"""The status table: what customers are told, put together from others' events.

Environment: ``STATUS_TABLE``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_with, from_item, to_item
from pizzeria.notifications.core import RANK, Change
from pizzeria.notifications.events import StatusChanged


def record(change: Change, at: datetime) -> None:
    """Write down a change, unless the order is further on already."""
    if change.callback_url:
        # On its own: it counts also when the event that brings it comes late.
        _update(change.order_id, "SET callback_url = :url", {":url": change.callback_url})
    values = {":status": change.status, ":rank": RANK[change.status], ":at": at.isoformat()}
    try:
        _update(
            change.order_id,
            "SET #status = :status, #rank = :rank, updated_at = :at, reason = :reason",
            values | {":reason": change.reason or ""},
            ConditionExpression="attribute_not_exists(#rank) OR #rank < :rank",
            ExpressionAttributeNames={"#status": "status", "#rank": "rank"},
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise


def get(order_id: str) -> dict[str, Any] | None:
    """Return what is known of an order: ``status``, ``reason``, ``updated_at``; None if nothing is."""
    found = client("dynamodb").get_item(
        TableName=os.environ["STATUS_TABLE"], Key=to_item({"order_id": order_id})
    )
    known = from_item(found.get("Item", {}))
    return known if "status" in known else None


def changes(event: dict[str, Any]) -> Iterator[tuple[StatusChanged, str | None]]:
    """Yield the changes of status in a batch of the table's stream, each with the URL to call, if any."""
    told = ("status", "callback_url")
    for record in event["Records"]:
        new = from_item(record["dynamodb"].get("NewImage", {}))
        old = from_item(record["dynamodb"].get("OldImage", {}))
        if "status" in new and any(new.get(name) != old.get(name) for name in told):
            changed = StatusChanged(
                order_id=new["order_id"], status=new["status"], reason=new.get("reason") or None
            )
            yield changed, new.get("callback_url")


def _update(order_id: str, expression: str, values: dict[str, Any], **more: Any) -> None:
    client("dynamodb").update_item(
        TableName=os.environ["STATUS_TABLE"],
        Key=to_item({"order_id": order_id}),
        UpdateExpression=expression,
        ExpressionAttributeValues=to_item(values),
        **more,
    )
