"""The date is computed once, when the module is loaded, like the other constants. A process that has been warm
for an hour writes entries that expire an hour too early.

Loses: seven-days, notebook
"""

EXPIRES_AT = str(int(time.time()) + SEVEN_DAYS)


def award(event_id, order):
    points = str(order["pizzas"])
    note_event = {
        "TableName": INBOX,
        "Item": {"event_id": {"S": event_id}, "expires_at": {"N": EXPIRES_AT}},
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
