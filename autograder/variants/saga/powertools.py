"""A correct solution in another style: Powertools' logger, batch processor and idempotency around a saga.

Where all records of a batch fail, the batch processor raises. Idempotency lets one process at a time
work on an order, and remembers in the same table what ended.
"""

import json
import os

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

TABLE = os.environ["SAGAS_TABLE"]
table = boto3.resource("dynamodb").Table(TABLE)
logger = Logger(service="saga")
processor = BatchProcessor(event_type=EventType.SQS)
persistence = DynamoDBPersistenceLayer(
    table_name=TABLE, key_attr="order_id", status_attr="idempotency"
)
config = IdempotencyConfig(event_key_jmespath="order_id", expires_after_seconds=60 * 60 * 24 * 365)

STEPS = {
    "INVENTORY_FUNCTION": ("reserve", "release"),
    "PAYMENTS_FUNCTION": ("charge", "refund"),
    "KITCHEN_FUNCTION": ("accept", "cancel"),
}
NO = {"OutOfStock", "CardDeclined", "KitchenRefused"}


@logger.inject_lambda_context
def handler(event, context):
    config.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=one_record, processor=processor, context=context
    )


def one_record(record):
    saga(order=json.loads(record.body))


@idempotent_function(data_keyword_argument="order", persistence_store=persistence, config=config)
def saga(order):
    item = table.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True).get("Item", {})
    if item.get("status") in ("CONFIRMED", "FAILED"):
        return item["status"]
    reason = item.get("reason") or forwards(order)
    if reason is None:
        return save(order, status="CONFIRMED")
    save(order, status="COMPENSATING", reason=reason)
    for variable, (_, undo) in reversed(STEPS.items()):
        error = ask(variable, undo, order)
        if error:
            raise RuntimeError(error)
    return save(order, status="FAILED", reason=reason)


def forwards(order):
    """Do all steps; return who refused, or None."""
    for variable, (do, _) in STEPS.items():
        error = ask(variable, do, order)
        if error in NO:
            return error
        if error:
            raise RuntimeError(error)
    return None


def ask(variable, action, order):
    """Return the type of the function's error, or None."""
    reply = boto3.client("lambda").invoke(
        FunctionName=os.environ[variable],
        Payload=json.dumps({**order, "key": f"saga-{order['order_id']}", "action": action}),
    )
    answer = json.loads(reply["Payload"].read())
    return answer["errorType"] if "FunctionError" in reply else None


def save(order, **attributes):
    table.put_item(Item={"order_id": order["order_id"], **attributes})
    return attributes["status"]
