"""A correct solution in another style: every step written down, transactions, everything logged."""

import json
import logging
import os
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
logger = logging.getLogger("saga")
retrying = Config(retries={"mode": "standard", "total_max_attempts": 2})
aws_lambda = boto3.client("lambda", config=retrying)
dynamodb = boto3.resource("dynamodb").meta.client
TABLE = os.environ["SAGAS_TABLE"]

FORWARDS = [
    ("reserve", "INVENTORY_FUNCTION", ["pizza", "quantity"]),
    ("charge", "PAYMENTS_FUNCTION", ["customer", "amount"]),
    ("accept", "KITCHEN_FUNCTION", ["pizza", "quantity"]),
]
BACKWARDS = [
    ("cancel", "KITCHEN_FUNCTION", []),
    ("refund", "PAYMENTS_FUNCTION", []),
    ("release", "INVENTORY_FUNCTION", []),
]


def write(order_id, expect, **attributes):
    """Replace the item if its status is still what we saw; say whether it was."""
    logger.info("%s: %s -> %s", order_id, expect, attributes)
    put = {"TableName": TABLE, "Item": {"order_id": order_id, **attributes}}
    if expect is None:
        put["ConditionExpression"] = "attribute_not_exists(order_id)"
    else:
        put["ConditionExpression"] = "#s = :expect AND step = :step"
        put["ExpressionAttributeNames"] = {"#s": "status"}
        put["ExpressionAttributeValues"] = {":expect": expect[0], ":step": expect[1]}
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": put}])
        return True
    except dynamodb.exceptions.TransactionCanceledException as error:
        print("cancelled:", error.response["CancellationReasons"])
        if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise
        return False


def ask(variable, action, order, names):
    request = {name: order[name] for name in ["order_id", *names]}
    request |= {"action": action, "key": f"{order['order_id']}-{action}"}
    if action in ("cancel", "refund", "release"):
        done = {"cancel": "accept", "refund": "charge", "release": "reserve"}[action]
        request["key"] = f"{order['order_id']}-{done}"
    for attempt in (1, 2):
        print("asking", request)
        reply = aws_lambda.invoke(FunctionName=os.environ[variable], Payload=json.dumps(request))
        answer = json.loads(reply["Payload"].read())
        print("answer", answer)
        if "FunctionError" not in reply:
            return None
        if answer["errorType"] in ("OutOfStock", "CardDeclined", "KitchenRefused"):
            return answer["errorType"]
        logger.warning("attempt %d: %s", attempt, answer)
        time.sleep(0.5)
    raise RuntimeError(f"{action} does not work")


def work(order):
    order_id = order["order_id"]
    write(order_id, None, status="FORWARDS", step=0)
    while True:
        found = dynamodb.get_item(TableName=TABLE, Key={"order_id": order_id}, ConsistentRead=True)
        item = found["Item"]
        here = item["status"], item["step"]
        step, reason = int(item["step"]), item.get("reason")
        if item["status"] == "FORWARDS":
            action, variable, names = FORWARDS[step]
            refusal = ask(variable, action, order, names)
            if refusal:
                write(order_id, here, status="BACKWARDS", step=0, reason=refusal)
            elif step + 1 < len(FORWARDS):
                write(order_id, here, status="FORWARDS", step=step + 1)
            else:
                write(order_id, here, status="CONFIRMED", step=step)
        elif item["status"] == "BACKWARDS":
            action, variable, names = BACKWARDS[step]
            ask(variable, action, order, names)
            if step + 1 < len(BACKWARDS):
                write(order_id, here, status="BACKWARDS", step=step + 1, reason=reason)
            else:
                write(order_id, here, status="FAILED", step=step, reason=reason)
        else:
            return item["status"]


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            print(record["messageId"], "ended as", work(json.loads(record["body"])))
        except (ClientError, RuntimeError, Exception):
            logger.exception("not finished")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed} if failed else None
