"""The inbox's entry is written first, on its own, “so that nobody else takes the event”. Whoever dies or
is refused after that leaves an event that looks done and has earned nothing.

Loses: crash, at-once, refused
"""


def award(event_id, order):
    note_event = {
        "TableName": INBOX,
        "Item": {
            "event_id": {"S": event_id},
            "expires_at": {"N": str(int(time.time()) + SEVEN_DAYS)},
        },
        "ConditionExpression": "attribute_not_exists(event_id)",
    }
    try:
        dynamodb.put_item(**note_event)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return
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
