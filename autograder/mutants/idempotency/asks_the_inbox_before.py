"""The inbox is asked first and then written without a condition: the award has one, and one seemed to be
enough. Two workers with one event, in which the shop has put another order meanwhile, both find nothing.

Loses: at-once
"""


def award(event_id, order):
    key = {"event_id": {"S": event_id}}
    if "Item" in dynamodb.get_item(TableName=INBOX, Key=key, ConsistentRead=True):
        return
    points = str(order["pizzas"])
    expires_at = str(int(time.time()) + SEVEN_DAYS)
    note_event = {
        "TableName": INBOX,
        "Item": {"event_id": {"S": event_id}, "expires_at": {"N": expires_at}},
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
