"""The outbox: an event is written into the item that it tells of, and published from the table's stream.

The item's attribute ``outbox`` holds the event. State and event are one write, so that neither can be
there without the other. A crash between publishing and clearing publishes once more, with the same id.
"""

from __future__ import annotations

import json
import os
from typing import Any

from botocore.exceptions import ClientError

from pizzeria.common import telemetry
from pizzeria.common.aws import client, failed_with

ATTRIBUTE = "outbox"
_MOST_ENTRIES = 10  # of one PutEvents call


class NotPublished(Exception):
    """The bus did not take an event. Raised out of the function, it makes Lambda bring the batch again."""


def publish(event: dict[str, Any]) -> None:
    """Publish what a batch of stream records has in its outboxes, in order; raises NotPublished.

    Lambda then sends the whole batch again, and nothing behind it before that: so no event is lost, and
    some are published twice, with the id they had. Environment: ``TABLE``, ``EVENT_BUS``.
    """
    full = [record for record in event["Records"] if _entry(record)]
    try:
        for start in range(0, len(full), _MOST_ENTRIES):
            _publish(full[start : start + _MOST_ENTRIES])
    finally:
        telemetry.flush()


def _publish(records: list[dict[str, Any]]) -> None:
    entries = [_bus_entry(json.loads(_entry(record))) for record in records]
    results = client("events").put_events(Entries=entries)["Entries"]
    for record, result in zip(records, results, strict=True):
        if "ErrorCode" in result:
            raise NotPublished(result["ErrorCode"])
        _clear(record)


def _entry(record: dict[str, Any]) -> str:
    return str(record["dynamodb"].get("NewImage", {}).get(ATTRIBUTE, {}).get("S", ""))


def _bus_entry(message: dict[str, Any]) -> dict[str, str]:
    return {
        "EventBusName": os.environ["EVENT_BUS"],
        "Source": message["source"],
        "DetailType": message["type"],
        "Detail": json.dumps(message),
    }


def _clear(record: dict[str, Any]) -> None:
    """Take the published event out, unless a newer one is there already."""
    try:
        client("dynamodb").update_item(
            TableName=os.environ["TABLE"],
            Key=record["dynamodb"]["Keys"],
            UpdateExpression="REMOVE #outbox",
            ConditionExpression="#outbox = :published",
            ExpressionAttributeNames={"#outbox": ATTRIBUTE},
            ExpressionAttributeValues={":published": {"S": _entry(record)}},
        )
    except ClientError as error:
        if not failed_with(error, "ConditionalCheckFailedException"):
            raise
