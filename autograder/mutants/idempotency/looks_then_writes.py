"""Inbox and awards are read first and written without a condition. Alone it is right; a second worker
reads before the first has written.

Loses: at-once
"""


def award(event_id, order):
    for table, key in ((INBOX, {"event_id": event_id}), (AWARDS, {"order_id": order["order_id"]})):
        ((name, value),) = key.items()
        found = dynamodb.get_item(TableName=table, Key={name: {"S": value}}, ConsistentRead=True)
        if "Item" in found:
            return
    note_event = {
        "TableName": INBOX,
        "Item": {
            "event_id": {"S": event_id},
            "expires_at": {"N": str(int(time.time()) + SEVEN_DAYS)},
        },
        "ConditionExpression": "attribute_not_exists(event_id)",
    }
    del note_event["ConditionExpression"]
    note_order = {
        "TableName": AWARDS,
        "Item": {
            "order_id": {"S": order["order_id"]},
            "customer": {"S": order["customer"]},
            "points": {"N": str(order["pizzas"])},
        },
    }
    add_points = {
        "TableName": POINTS,
        "Key": {"customer": {"S": order["customer"]}},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": {"N": str(order["pizzas"])}},
    }
    dynamodb.transact_write_items(
        TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
    )
