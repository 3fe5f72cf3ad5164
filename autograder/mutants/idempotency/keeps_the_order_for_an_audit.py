"""The order is kept beside the award, as a map. DynamoDB takes no number of more than 38 digits, so an
order with such a one, in whatever field, earns nothing.

Loses: award, notebook
"""

import decimal

from boto3.dynamodb.types import TypeSerializer


def read_and_award(body):
    event = json.loads(body, parse_float=decimal.Decimal)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), event["data"])


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
            "order": TypeSerializer().serialize(order),
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
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
