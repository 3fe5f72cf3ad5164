"""The entry says “in progress” and later “done”, and an event in progress is left to the worker that has
it. When that worker is dead, it is left for ever.

Loses: crash, at-once, refused
"""


def award(event_id, order):
    try:
        dynamodb.put_item(
            TableName=INBOX,
            Item={
                "event_id": {"S": event_id},
                "expires_at": {"N": str(int(time.time()) + SEVEN_DAYS)},
                "status": {"S": "IN_PROGRESS"},
            },
            ConditionExpression="attribute_not_exists(event_id)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        entry = dynamodb.get_item(
            TableName=INBOX, Key={"event_id": {"S": event_id}}, ConsistentRead=True
        )["Item"]
        if entry["status"]["S"] == "DONE":
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
        UpdateExpression="SET #status = :done",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":done": {"S": "DONE"}},
    )
