"""Whoever has the saga in hand says so for ten seconds, so nobody else will decide meanwhile, and its end is
written without a condition. A worker may stand still for longer.

Loses: at-once, notebook
"""

import time

TEN_SECONDS = 10


def begin(order):
    now = int(time.time())
    try:
        return sagas.update_item(
            Key={"order_id": order["order_id"]},
            UpdateExpression="SET #status = if_not_exists(#status, :new), in_hand_until = :until",
            ConditionExpression="attribute_not_exists(in_hand_until) OR in_hand_until < :now",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":new": "RUNNING", ":now": now, ":until": now + TEN_SECONDS},
            ReturnValues="ALL_NEW",
        )["Attributes"]["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    raise RuntimeError("another worker has this saga in hand")


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    return change(order, update, status, reason=reason)["status"]
