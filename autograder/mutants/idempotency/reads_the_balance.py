"""The balance is read, added to in Python and written back. What another worker added in between is
overwritten.

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
    customer = {"customer": {"S": order["customer"]}}
    found = dynamodb.get_item(TableName=POINTS, Key=customer, ConsistentRead=True)
    before = int(found.get("Item", {}).get("points", {"N": "0"})["N"])
    set_points = {
        "TableName": POINTS,
        "Key": customer,
        "UpdateExpression": "SET points = :points",
        "ExpressionAttributeValues": {":points": {"N": str(before + order["pizzas"])}},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": set_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
