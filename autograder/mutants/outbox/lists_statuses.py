"""Confirms an order unless it has one of the statuses that one can think of.

Loses: confirm, notebook
"""

FINAL = {":c": "CONFIRMED", ":d": "DELIVERED", ":x": "CANCELLED", ":r": "REJECTED"}


def confirm_order(order_id):
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :c, outbox = :entry",
            ConditionExpression="attribute_exists(order_id) AND NOT #status IN (:c, :d, :x, :r)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                **FINAL,
                ":entry": new_entry("order.confirmed.v1", {"order_id": order_id}),
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        if "Item" not in error.response:
            raise LookupError(f"there is no order {order_id}") from error
