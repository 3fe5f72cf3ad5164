"""The saga behind an order: reserve, charge, accept and confirm, or undo it all."""

import json
import os

import boto3
from botocore.exceptions import ClientError

functions = boto3.client("lambda")
sagas = boto3.resource("dynamodb").Table(os.environ["SAGAS_TABLE"])

# Who takes part, in order: the function, what it does and how that is undone.
STEPS = [
    (os.environ["INVENTORY_FUNCTION"], "reserve", "release"),
    (os.environ["PAYMENTS_FUNCTION"], "charge", "refund"),
    (os.environ["KITCHEN_FUNCTION"], "accept", "cancel"),
]
REFUSALS = ("OutOfStock", "CardDeclined", "KitchenRefused")


class Refused(Exception):
    """A participant said no, and will be believed: its text is the reason."""


def handler(event, context):
    """Bring each order's saga to its end; report the records of those that are not there yet."""
    failures = []
    for record in event["Records"]:
        try:
            run_saga(json.loads(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} is not finished: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def run_saga(order):
    """Go on where the saga of this order stands."""
    status = begin(order)
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)


def begin(order):
    """Open the saga of this order unless there is one; return its status."""
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")["status"]


def go_forward(order):
    """Do every step; return what became of the saga."""
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        return decide(order, "UNDOING", str(refusal))
    return decide(order, "CONFIRMED")


def decide(order, status, reason=None):
    """End a running saga, which happens once; return its status, if another decided it, theirs."""
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]


def undo(order):
    """Undo every step, last first.

    Also those that were not done, as far as this invocation knows: another may be about to do them,
    and what is undone stays undone.
    """
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")


def call(function, action, order):
    """Ask a participant; raise Refused for its no and RuntimeError for what is worth another try."""
    # The order's number is the key: whoever works on this order, and however often, means one thing.
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")


def change(order, update, status, reason=None, only_if=None):
    """Update a saga's item and return it as it is then."""
    values = {":new": status, ":reason": reason, ":only_if": only_if}
    condition = {"ConditionExpression": "#status = :only_if"} if only_if else {}
    return sagas.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression=update,
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={name: value for name, value in values.items() if value},
        ReturnValues="ALL_NEW",
        **condition,
    )["Attributes"]
