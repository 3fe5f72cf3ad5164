"""The award keeps the event, for whoever has to explain it. An event may be larger than an item of DynamoDB.

Loses: award, notebook
"""


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), event["data"], body)


def award(event_id, order, body):
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
            "event": {"S": body},
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
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
