"""Who does not decide leaves the order to the one who did, and reports nothing: the message is deleted. If
the other is killed before all is undone, nobody goes on.

Loses: at-once
"""

import uuid


def decide(order, status, reason=None):
    values = {":new": status, ":running": "RUNNING", ":me": str(uuid.uuid4())}
    update = "SET #status = :new, decided_by = :me"
    if reason:
        update, values[":reason"] = update + ", reason = :reason", reason
    try:
        sagas.update_item(
            Key={"order_id": order["order_id"]},
            UpdateExpression=update,
            ConditionExpression="#status = :running OR decided_by = :me",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=values,
        )
        return status
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    return "decided by another"
