"""A warm environment remembers the status of the sagas it has worked on, which saves a write. Another
environment may have ended one of them meanwhile.

Loses: undo
"""

KNOWN = {}  # order_id -> status, while this environment is warm


def begin(order):
    """Open the saga of this order unless there is one; return its status."""
    order_id = order["order_id"]
    if order_id not in KNOWN:
        change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")
    return KNOWN[order_id]


def decide(order, status, reason=None):
    """End a running saga, which happens once; return its status, if another decided it, theirs."""
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    status = sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]
    KNOWN[order["order_id"]] = status
    return status


def change(order, update, status, reason=None, only_if=None):
    """Update a saga's item and return it as it is then."""
    values = {":new": status, ":reason": reason, ":only_if": only_if}
    condition = {"ConditionExpression": "#status = :only_if"} if only_if else {}
    item = sagas.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression=update,
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={name: value for name, value in values.items() if value},
        ReturnValues="ALL_NEW",
        **condition,
    )["Attributes"]
    KNOWN[order["order_id"]] = item["status"]
    return item
