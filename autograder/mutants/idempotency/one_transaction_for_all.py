"""The whole batch is one transaction, to save calls. One duplicate in it cancels all the others, and is
taken for the reason that all are done.

Loses: events, same-event, same-order, crash, refused, notebook
"""


def handler(event, context):
    failures, actions = [], []
    for record in event["Records"]:
        try:
            found = json.loads(record["body"])
            if found["type"].startswith("order.confirmed."):
                check(found)
                actions += actions_for(inbox_key(found), found["data"])
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    try:
        dynamodb.transact_write_items(TransactItems=actions)
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
    return {"batchItemFailures": failures}


def actions_for(event_id, order):
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
    return [{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
