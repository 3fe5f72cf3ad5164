"""Whoever comes second reads the item and follows it, with a plain get_item. It may read that the saga is
still running, report nothing, and the other is dead.

Loses: at-once
"""


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key)["Item"]["status"]
