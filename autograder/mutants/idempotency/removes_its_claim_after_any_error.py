"""A claim in the inbox, settled in the award's transaction; after any error it is removed, so that the
next delivery can try again. When only the reply was lost, that removes what the event had left, and the
next claim is removed because of the award.

Loses: refused
"""


def award(event_id, order):
    now, key = int(time.time()), {"event_id": {"S": event_id}}
    try:
        dynamodb.put_item(
            TableName=INBOX,
            Item={
                **key,
                "claimed_until": {"N": str(now + 30)},
                "expires_at": {"N": str(now + SEVEN_DAYS)},
            },
            ConditionExpression="attribute_not_exists(event_id) OR claimed_until <= :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        found = dynamodb.get_item(TableName=INBOX, Key=key, ConsistentRead=True)
        if "claimed_until" in found.get("Item", {"claimed_until": None}):
            raise
        return
    try:
        settle(key, order)
    except Exception as error:
        dynamodb.delete_item(TableName=INBOX, Key=key)
        reasons = getattr(error, "response", {}).get("CancellationReasons", [])
        if "ConditionalCheckFailed" not in [reason["Code"] for reason in reasons]:
            raise


def settle(key, order):
    points = {"N": str(order["pizzas"])}
    note_event = {
        "TableName": INBOX,
        "Key": key,
        "UpdateExpression": "REMOVE claimed_until",
    }
    note_order = {
        "TableName": AWARDS,
        "Item": {
            "order_id": {"S": order["order_id"]},
            "customer": {"S": order["customer"]},
            "points": points,
        },
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    add_points = {
        "TableName": POINTS,
        "Key": {"customer": {"S": order["customer"]}},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": points},
    }
    dynamodb.transact_write_items(
        TransactItems=[{"Update": note_event}, {"Put": note_order}, {"Update": add_points}]
    )
