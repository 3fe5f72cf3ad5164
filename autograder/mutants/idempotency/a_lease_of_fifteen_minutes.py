"""An event in progress may be taken over after fifteen minutes, Lambda's longest timeout. By then it has
been received five times and lies in the dead-letter queue.

Loses: crash, at-once, refused
"""

FIFTEEN_MINUTES = 15 * 60


def award(event_id, order):
    now = int(time.time())
    try:
        dynamodb.put_item(
            TableName=INBOX,
            Item={
                "event_id": {"S": event_id},
                "expires_at": {"N": str(now + SEVEN_DAYS)},
                "in_progress_until": {"N": str(now + FIFTEEN_MINUTES)},
            },
            ConditionExpression="attribute_not_exists(event_id) OR in_progress_until < :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        entry = dynamodb.get_item(
            TableName=INBOX, Key={"event_id": {"S": event_id}}, ConsistentRead=True
        )["Item"]
        if "in_progress_until" not in entry:
            return
        raise RuntimeError("another worker has this event in hand") from None
    note_order = {
        "TableName": AWARDS,
        "Item": {
            "order_id": {"S": order["order_id"]},
            "customer": {"S": order["customer"]},
            "points": {"N": str(order["pizzas"])},
        },
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    add_points = {
        "TableName": POINTS,
        "Key": {"customer": {"S": order["customer"]}},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": {"N": str(order["pizzas"])}},
    }
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": note_order}, {"Update": add_points}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
    dynamodb.update_item(
        TableName=INBOX,
        Key={"event_id": {"S": event_id}},
        UpdateExpression="REMOVE in_progress_until",
    )
