"""Powertools' idempotency utility without register_lambda_context: it does not know when the function
times out, so an entry in progress stays so until its seven days are over.

Loses: crash, at-once, refused
"""

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

inbox = DynamoDBPersistenceLayer(INBOX, key_attr="event_id", expiry_attr="expires_at")
config = IdempotencyConfig(event_key_jmespath="[source, id]", expires_after_seconds=SEVEN_DAYS)


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if event["type"].startswith("order.confirmed."):
        check(event)
        award_once(event=event)


@idempotent_function(data_keyword_argument="event", persistence_store=inbox, config=config)
def award_once(event):
    order = event["data"]
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
        dynamodb.transact_write_items(TransactItems=[{"Put": note_order}, {"Update": add_points}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
