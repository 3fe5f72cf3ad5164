"""An event that another worker has in hand counts as done. That worker may be killed, and the event was
deleted.

Loses: at-once
"""

import uuid


LEASE = 30  # seconds


def award(event_id, order):
    if not claim(event_id):
        return
    points = str(order["pizzas"])
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
    settle = {
        "TableName": INBOX,
        "Key": {"event_id": {"S": event_id}},
        "UpdateExpression": "SET #status = :done REMOVE lease_until",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":done": {"S": "DONE"}},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_order}, {"Update": add_points}, {"Update": settle}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise


def claim(event_id):
    now, owner = int(time.time()), uuid.uuid4().hex
    try:
        dynamodb.update_item(
            TableName=INBOX,
            Key={"event_id": {"S": event_id}},
            UpdateExpression="SET #status = :claimed, lease_until = :until, expires_at = :expires, "
            "#owner = :owner",
            ConditionExpression="attribute_not_exists(event_id) "
            "OR (#status = :claimed AND lease_until <= :now)",
            ExpressionAttributeNames={"#status": "status", "#owner": "owner"},
            ExpressionAttributeValues={
                ":owner": {"S": owner},
                ":claimed": {"S": "CLAIMED"},
                ":until": {"N": str(now + LEASE)},
                ":expires": {"N": str(now + SEVEN_DAYS)},
                ":now": {"N": str(now)},
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        entry = dynamodb.get_item(
            TableName=INBOX, Key={"event_id": {"S": event_id}}, ConsistentRead=True
        ).get("Item", {})
        return entry.get("owner", {}).get("S") == owner
    return True
