"""CONFIRMED is written on a condition; that it is being undone is not, since a no is a no. An order that
another process has confirmed is undone after all.

Loses: at-once
"""


def decide(order, status, reason=None):
    if status == "UNDOING":
        return change(order, "SET #status = :new, reason = :reason", status, reason=reason)[
            "status"
        ]
    try:
        return change(order, "SET #status = :new", status, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]
