"""Optimistic locking that puts the customer's item anew: its points are right, and what else was in it is
gone.

Loses: award, at-once, crash, refused, notebook
"""


def award(event_id, order):
    points = str(order["pizzas"])
    expires_at = str(int(time.time()) + SEVEN_DAYS)
    note_event = {
        "TableName": INBOX,
        "Item": {"event_id": {"S": event_id}, "expires_at": {"N": expires_at}},
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
    key = {"customer": {"S": order["customer"]}}
    had = dynamodb.get_item(TableName=POINTS, Key=key, ConsistentRead=True).get("Item")
    balance = int(had["points"]["N"]) + order["pizzas"] if had else order["pizzas"]
    put_points = {
        "TableName": POINTS,
        "Item": {**key, "points": {"N": str(balance)}},
        "ConditionExpression": "attribute_not_exists(customer)",
    }
    if had:
        put_points["ConditionExpression"] = "points = :had"
        put_points["ExpressionAttributeValues"] = {":had": had["points"]}
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Put": put_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons[:2]:
            raise
