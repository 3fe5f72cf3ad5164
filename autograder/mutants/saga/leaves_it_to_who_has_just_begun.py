"""A saga that another process has just begun to undo is left to it, and not reported. If that one is killed,
nobody comes after it.

Loses: at-once
"""

import time


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            # Until when this invocation may be at it; then it is over, or we are dead.
            deadline = int(time.time() * 1000) + context.get_remaining_time_in_millis()
            run_saga({**json.loads(record["body"]), "deadline": deadline})
        except Exception as error:
            print(f"{record['messageId']} is not finished: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def run_saga(order):
    saga = begin(order)
    status = saga["status"]
    if status == "UNDOING" and time.time() * 1000 < saga["undone_until"]:
        print("another process is undoing it right now")
        return
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)


def begin(order):
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason, undone_until = :until" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]


def change(order, update, status, reason=None, only_if=None):
    until = order["deadline"] if reason else None
    values = {":new": status, ":reason": reason, ":only_if": only_if, ":until": until}
    condition = {"ConditionExpression": "#status = :only_if"} if only_if else {}
    return sagas.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression=update,
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={name: value for name, value in values.items() if value},
        ReturnValues="ALL_NEW",
        **condition,
    )["Attributes"]
