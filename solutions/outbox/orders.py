"""The order service: what it stores it tells, and it tells nothing that it has not stored."""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
events = boto3.client("events")

SOURCE = "pizzeria.orders"


def place_order(order):
    """Store a new order and, in the same write, the event that tells of it."""
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    try:
        table.put_item(
            Item={
                **fields,
                "status": "PLACED",
                "outbox": new_entry("order.placed.v1", fields),
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise


def confirm_order(order_id):
    """Confirm an order and, in the same write, note the event that tells of it."""
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :confirmed, outbox = :entry",
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":placed": "PLACED",
                ":confirmed": "CONFIRMED",
                ":entry": new_entry("order.confirmed.v1", {"order_id": order_id}),
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        if "Item" not in error.response:
            raise LookupError(f"there is no order {order_id}") from error


def new_entry(event_type, data):
    """Return an outbox entry: the whole event as it will be published, and its id."""
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": SOURCE,
        "type": event_type,
        "subject": data["order_id"],
        "time": datetime.now(timezone.utc).isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return {"id": event["id"], "event": json.dumps(event)}


def handler(event, context):
    """Publish what the stream's records have in their outbox; stop at the first failure."""
    for record in event["Records"]:
        try:
            process(record)
        except Exception as error:
            # The records behind it wait: one of them may be of the same order.
            print(f"{record['dynamodb']['Keys']} failed: {error}")
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def process(record):
    # A removal has no new image, and most changes have no entry in it.
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if entry:
        publish(entry["event"]["S"])
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])


def publish(text):
    """Hand an event to the bus; raise RuntimeError if the bus did not take it."""
    reply = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS"],
                "Source": SOURCE,
                "DetailType": json.loads(text)["type"],
                "Detail": text,
            }
        ]
    )
    # A refused entry is no error to boto3: the call itself succeeded.
    if reply["FailedEntryCount"]:
        raise RuntimeError(reply["Entries"][0].get("ErrorCode"))


def clear(order_id, event_id):
    """Take the entry out, unless there is a newer one by now, or no order at all."""
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="REMOVE outbox",
            ConditionExpression="outbox.id = :id",
            ExpressionAttributeValues={":id": event_id},
        )
    except ClientError as error:
        if not condition_failed(error):
            raise


def condition_failed(error):
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"
