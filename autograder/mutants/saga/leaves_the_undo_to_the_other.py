"""Whoever decides that a saga is undone signs for it, and another that is refused, too, leaves the undoing to
them and reports nothing. They may be dead.

Loses: at-once
"""

import uuid


def go_forward(order):
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        mine = str(uuid.uuid4())
        status = decide(order, "UNDOING", str(refusal), mine)
        item = sagas.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True)["Item"]
        return status if status == "CONFIRMED" or item["decided_by"] == mine else "THEIRS"
    return decide(order, "CONFIRMED")


def decide(order, status, reason=None, mine=None):
    update = "SET #status = :new" + (", reason = :reason, decided_by = :mine" if reason else "")
    try:
        return change(order, update, status, reason, "RUNNING", mine)["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]


def change(order, update, status, reason=None, only_if=None, mine=None):
    values = {":new": status, ":reason": reason, ":only_if": only_if, ":mine": mine}
    condition = {"ConditionExpression": "#status = :only_if"} if only_if else {}
    return sagas.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression=update,
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={name: value for name, value in values.items() if value},
        ReturnValues="ALL_NEW",
        **condition,
    )["Attributes"]
