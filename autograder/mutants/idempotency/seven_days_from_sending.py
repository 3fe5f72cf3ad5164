"""The seven days are counted from the moment at which the message was sent, which may be long before it
earns its points.

Loses: seven-days, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        sent = int(record.get("attributes", {}).get("SentTimestamp", 1000 * time.time())) // 1000
        try:
            read_and_award(record["body"], sent)
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def read_and_award(body, sent):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), event["data"], sent)


def award(event_id, order, sent):
    note_event = {
        "TableName": INBOX,
        "Item": {
            "event_id": {"S": event_id},
            "expires_at": {"N": str(sent + SEVEN_DAYS)},
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
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": note_event}, {"Put": note_order}, {"Update": add_points}]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
