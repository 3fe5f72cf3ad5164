"""Loyalty: a customer earns one point for each pizza of a confirmed order, once."""

import contextlib
import json
import os
import time

import boto3

dynamodb = boto3.client("dynamodb")

INBOX, AWARDS, POINTS = (os.environ[f"{name}_TABLE"] for name in ("INBOX", "AWARDS", "POINTS"))
SEVEN_DAYS = 7 * 24 * 60 * 60


def create_inbox():
    """Create the inbox, whose entries DynamoDB removes; harmless when it is there already."""
    # If it is there, go on: whoever made it may have been killed before the next step.
    with contextlib.suppress(dynamodb.exceptions.ResourceInUseException):
        dynamodb.create_table(
            TableName=INBOX,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    dynamodb.get_waiter("table_exists").wait(TableName=INBOX)
    # Switching on what is on is an error, so look first.
    reply = dynamodb.describe_time_to_live(TableName=INBOX)
    if reply["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
        dynamodb.update_time_to_live(
            TableName=INBOX,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )


def handler(event, context):
    """Award the points of a batch of events and report the records that failed."""
    failures = []
    for record in event["Records"]:
        try:
            read_and_award(record["body"])
        except Exception as error:
            # Whatever went wrong, this record must come back, and only this one.
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def read_and_award(body):
    """Award what an event earns, if it is for us; raise whatever keeps it from being done."""
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), event["data"])


def check(event):
    """Raise ValueError unless this is a confirmed order that we can read."""
    if event.get("specversion") != "1.0" or event["type"] != "order.confirmed.v1":
        raise ValueError(f"{event['type']!r} cannot be read")
    data = event.get("data")
    if not isinstance(data, dict):
        raise ValueError("data must be an object")
    for place, field in ((event, "id"), (event, "source"), (data, "order_id"), (data, "customer")):
        if not isinstance(place.get(field), str) or not place[field]:
            raise ValueError(f"{field} must be a string and not empty")
    # type() and not isinstance(): True is an int to Python.
    if type(data.get("pizzas")) is not int or data["pizzas"] < 1:
        raise ValueError("pizzas must be a whole number of at least 1")


def inbox_key(event):
    """Name an event: an id is unique only within its source."""
    return f"{event['source']} {event['id']}"


def award(event_id, order):
    """Note the event, note the order and add the points: all of it, or nothing."""
    points = str(order["pizzas"])
    expires_at = str(int(time.time()) + SEVEN_DAYS)
    note_event = {
        "TableName": INBOX,
        "Item": {"event_id": {"S": event_id}, "expires_at": {"N": expires_at}},
        "ConditionExpression": "attribute_not_exists(event_id)",
    }
    note_order = {
        "TableName": AWARDS,
        "Item": {
            "order_id": {"S": order["order_id"]},
            "customer": {"S": order["customer"]},
            "points": {"N": points},
        },
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    add_points = {
        "TableName": POINTS,
        "Key": {"customer": {"S": order["customer"]}},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": {"N": points}},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        # A transaction is cancelled for many reasons. Only a failed condition says “done before”.
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
