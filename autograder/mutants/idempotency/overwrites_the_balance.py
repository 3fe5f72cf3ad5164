"""SET writes the points of this order where it should add them: all that the customer had is gone.

Loses: award, events, same-event, crash, at-once, notebook
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
        "UpdateExpression": "SET points = :points",
        "ExpressionAttributeValues": {":points": {"N": str(order["pizzas"])}},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
