"""The reason is noted as soon as it is known, and then it is decided: a saga that the other process has
CONFIRMED gets a reason for its failure.

Loses: at-once
"""


def decide(order, status, reason=None):
    try:
        if reason:  # kept whatever happens to us next
            sagas.update_item(
                Key={"order_id": order["order_id"]},
                UpdateExpression="SET reason = :reason",
                ExpressionAttributeValues={":reason": reason},
            )
        return change(order, "SET #status = :new", status, only_if="RUNNING")["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]
