"""The award is the order itself with points added, by boto3's types. It works for the example; a total of
19.5 is a float, which boto3 does not take, and the event is reported each time.

Loses: award, notebook
"""

resource = boto3.resource("dynamodb").meta.client


def award(event_id, order):
    note_event = {"event_id": event_id, "expires_at": int(time.time()) + SEVEN_DAYS}
    note_order = {**order, "points": order["pizzas"]}
    add_points = {
        "TableName": POINTS,
        "Key": {"customer": order["customer"]},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": order["pizzas"]},
    }
    try:
        resource.transact_write_items(
            TransactItems=[
                put_new(INBOX, note_event, "event_id"),
                put_new(AWARDS, note_order, "order_id"),
                {"Update": add_points},
            ]
        )
    except resource.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise


def put_new(table, item, key):
    condition = f"attribute_not_exists({key})"
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": condition}}
