"""After the award the inbox's entry is set to done. When the worker is killed before, the next one finds the
order awarded and leaves the entry as it is: in hand for 30 seconds.

Loses: crash, refused
"""

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
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": note_order}, {"Update": add_points}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" in reasons:
            return  # the order was awarded before
        raise
    dynamodb.update_item(
        TableName=INBOX,
        Key={"event_id": {"S": event_id}},
        UpdateExpression="SET #status = :done",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":done": {"S": "DONE"}},
    )


def claim(event_id):
    now = int(time.time())
    try:
        dynamodb.update_item(
            TableName=INBOX,
            Key={"event_id": {"S": event_id}},
            UpdateExpression="SET #status = :claimed, lease_until = :until, expires_at = :expires",
            ConditionExpression="attribute_not_exists(event_id) "
            "OR (#status = :claimed AND lease_until <= :now)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":claimed": {"S": "CLAIMED"},
                ":until": {"N": str(now + LEASE)},
                ":expires": {"N": str(now + SEVEN_DAYS)},
                ":now": {"N": str(now)},
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        entry = dynamodb.get_item(
            TableName=INBOX, Key={"event_id": {"S": event_id}}, ConsistentRead=True
        ).get("Item", {})
        if entry.get("status", {}).get("S") == "DONE":
            return False
        raise RuntimeError(f"{event_id} is in hand") from error
    return True
