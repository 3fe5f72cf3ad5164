"""A correct solution in another style: Powertools' data classes, and its logger, which needs the context, a
map of entries, ids that follow from the order, and calls of PutEvents with at most one event of each
order, while there is time."""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from botocore.exceptions import BotoCoreError, ClientError

logger = Logger(service="orders")
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
events = boto3.client("events")
ENTRIES_A_CALL = 10
ENOUGH_MS = 2000


def told(event_type, data):
    """An outbox: the event in JSON, under its id, which follows from what it tells of."""
    event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{data['order_id']}#{event_type}"))
    event = {
        "id": event_id,
        "source": "pizzeria.orders",
        "type": event_type,
        "specversion": "1.0",
        "subject": data["order_id"],
        "time": datetime.now(timezone.utc).isoformat(),
        "data": data,
    }
    return {event_id: json.dumps(event)}


def unless_it_is_so(write, **request):
    """Do a conditional write; return whether it was done."""
    try:
        write(**request)
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise


def place_order(order):
    unless_it_is_so(
        table.put_item,
        Item={**order, "status": "PLACED", "outbox": told("order.placed.v1", order)},
        ConditionExpression="attribute_not_exists(order_id)",
    )


def confirm_order(order_id):
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True)["Item"]
    if item["status"] == "PLACED" and not unless_it_is_so(
        table.update_item,
        Key={"order_id": order_id},
        UpdateExpression="SET #status = :confirmed, outbox = :entry",
        ConditionExpression="#status = :placed",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":placed": "PLACED",
            ":confirmed": "CONFIRMED",
            ":entry": told("order.confirmed.v1", {"order_id": order_id}),
        },
    ):
        confirm_order(order_id)  # it has moved on meanwhile, or is gone: which, another look tells


@logger.inject_lambda_context
@event_source(data_class=DynamoDBStreamEvent)
def handler(event, context):
    waiting = []
    for record in event.records:
        change = record.dynamodb
        new, old = (image.get("outbox") or {} for image in (change.new_image, change.old_image))
        for event_id in new.keys() - old.keys():
            waiting.append(
                (change.sequence_number, change.keys["order_id"], event_id, new[event_id])
            )
    while waiting:
        batch = first_of_each_order(waiting)
        in_time = context.get_remaining_time_in_millis() > ENOUGH_MS
        failed = send(batch) if in_time else [number for number, *_ in batch]
        if failed:
            logger.error("not published", extra={"failed": failed})
            return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
        waiting = [entry for entry in waiting if entry not in batch]
    return {"batchItemFailures": []}


def first_of_each_order(waiting):
    """The entries from the start on, up to the second one of an order."""
    batch = []
    for entry in waiting[:ENTRIES_A_CALL]:
        if any(entry[1] == other[1] for other in batch):
            break
        batch.append(entry)
    return batch


def send(batch):
    """Publish and clear; return the sequence numbers of what failed, in order."""
    entries = [
        {
            "EventBusName": os.environ["EVENT_BUS"],
            "Source": "pizzeria.orders",
            "DetailType": json.loads(text)["type"],
            "Detail": text,
        }
        for _, _, _, text in batch
    ]
    try:
        results = events.put_events(Entries=entries)["Entries"]
    except (BotoCoreError, ClientError) as error:
        logger.exception(str(error))
        return [number for number, *_ in batch]
    failed = []
    for (number, order_id, event_id, _), result in zip(batch, results, strict=True):
        if "EventId" not in result or not cleared(order_id, event_id):
            failed.append(number)
    return failed


def cleared(order_id, event_id):
    try:
        unless_it_is_so(
            table.update_item,
            Key={"order_id": order_id},
            UpdateExpression="REMOVE outbox.#id",
            ConditionExpression="attribute_exists(outbox.#id)",
            ExpressionAttributeNames={"#id": event_id},
        )
        return True
    except (BotoCoreError, ClientError) as error:
        logger.exception(str(error))
        return False
