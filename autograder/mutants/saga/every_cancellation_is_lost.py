"""The decision is a transaction. If it is cancelled, somebody else is said to have decided; but DynamoDB may
just have been busy.

Loses: charge-once, undo-fails, notebook
"""


def decide(order, status, reason=None):
    values = {":new": status, ":running": "RUNNING", ":reason": reason}
    update = {
        "TableName": sagas.name,
        "Key": {"order_id": order["order_id"]},
        "UpdateExpression": "SET #status = :new" + (", reason = :reason" if reason else ""),
        "ConditionExpression": "#status = :running",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {name: value for name, value in values.items() if value},
    }
    dynamodb = sagas.meta.client
    try:
        dynamodb.transact_write_items(TransactItems=[{"Update": update}])
        return status
    except dynamodb.exceptions.TransactionCanceledException:
        pass  # somebody else has decided
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]
