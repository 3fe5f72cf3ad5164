"""A customer without an item is given one by a Put. Another worker may have made it since this one looked.

Loses: at-once
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
    customer = {"customer": {"S": order["customer"]}}
    change = {"Update": add_points}
    if "Item" not in dynamodb.get_item(TableName=POINTS, Key=customer, ConsistentRead=True):
        welcome = {**customer, "points": {"N": str(order["pizzas"])}}
        change = {"Put": {"TableName": POINTS, "Item": welcome}}
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, change]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
