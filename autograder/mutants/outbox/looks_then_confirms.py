"""Looks whether the order is there and then confirms it if it is PLACED. When it is removed in between, it
returns.

Loses: meanwhile
"""


def confirm_order(order_id):
    if "Item" not in table.get_item(Key={"order_id": order_id}, ConsistentRead=True):
        raise LookupError(f"there is no order {order_id}")
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :confirmed, outbox = :entry",
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":placed": "PLACED",
                ":confirmed": "CONFIRMED",
                ":entry": new_entry("order.confirmed.v1", {"order_id": order_id}),
            },
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
