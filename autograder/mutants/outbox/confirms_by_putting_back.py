"""Reads the order, changes it in memory and puts it back whole, on the condition that it is still PLACED.
What somebody else has written to another attribute in between is gone.

Loses: meanwhile
"""


def confirm_order(order_id):
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")
    if item is None:
        raise LookupError(f"there is no order {order_id}")
    entry = new_entry("order.confirmed.v1", {"order_id": order_id})
    try:
        table.put_item(
            Item={**item, "status": "CONFIRMED", "outbox": entry},
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":placed": "PLACED"},
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
