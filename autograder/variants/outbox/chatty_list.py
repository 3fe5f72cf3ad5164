"""A correct solution in another style: the outbox is a list, the handler reads the table, it
logs a lot to stdout and stderr, and orders have an attribute more."""

import json
import logging
import os
import sys
import uuid
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.conditions import Attr

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
log = logging.getLogger("orders")
dynamodb = boto3.resource("dynamodb")
orders = dynamodb.Table(os.environ["ORDERS_TABLE"])
bus = boto3.client("events")
Refused = dynamodb.meta.client.exceptions.ConditionalCheckFailedException


def cloud_event(event_type, order_id, **data):
    return json.dumps(
        {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": "pizzeria.orders",
            "type": event_type,
            "subject": order_id,
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "data": {"order_id": order_id, **data},
        }
    )


def place_order(order):
    print("placing", json.dumps(order, indent=2))
    number = order["order_id"]
    others = {name: order[name] for name in ("customer", "pizza", "quantity")}
    event = cloud_event("order.placed.v1", number, **others)
    item = {"order_id": number, **others, "status": "PLACED", "outbox": [event], "version": 1}
    try:
        orders.put_item(Item=item, ConditionExpression=Attr("order_id").not_exists())
    except Refused:
        log.warning("order %s was placed before", number)
    return number


def confirm_order(order_id):
    print("confirming", order_id)
    event = cloud_event("order.confirmed.v1", order_id)
    try:
        orders.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :s, outbox = list_append(if_not_exists(outbox, :o), :e)"
            " ADD version :one",
            ConditionExpression=Attr("status").eq("PLACED"),
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":s": "CONFIRMED", ":o": [], ":e": [event], ":one": 1},
        )
    except Refused:
        item = orders.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")
        if item is None:
            raise KeyError(f"order {order_id}") from None
        log.warning("order %s is %s", order_id, item["status"])


def handler(event, context):
    log.info("%d records", len(event["Records"]))
    for record in event["Records"]:
        print(json.dumps(record))
        try:
            empty_outbox(record["dynamodb"]["Keys"]["order_id"]["S"])
        except Exception:
            log.exception("it has to come again")
            number = record["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def empty_outbox(order_id):
    while True:
        item = orders.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item", {})
        if not item.get("outbox"):
            return
        oldest = item["outbox"][0]
        entry = {
            "EventBusName": os.environ["EVENT_BUS"],
            "Source": "pizzeria.orders",
            "DetailType": json.loads(oldest)["type"],
            "Detail": oldest,
        }
        reply = bus.put_events(Entries=[entry])
        print(reply)
        if "EventId" not in reply["Entries"][0]:
            raise RuntimeError("the bus did not take the event")
        try:
            orders.update_item(
                Key={"order_id": order_id},
                UpdateExpression="REMOVE outbox[0]",
                ConditionExpression="outbox[0] = :oldest",
                ExpressionAttributeValues={":oldest": oldest},
            )
        except Refused:
            log.warning("somebody else has cleared it")
