"""Loads the order, changes it and saves all that it knows of it, over what somebody else has written.

Loses: meanwhile
"""

KNOWN = ("customer", "pizza", "quantity", "status", "outbox")


def confirm_order(order_id):
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")
    if item is None:
        raise LookupError(f"there is no order {order_id}")
    order = {name: item.get(name) for name in KNOWN}
    order["status"] = "CONFIRMED"
    order["outbox"] = new_entry("order.confirmed.v1", {"order_id": order_id})
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in KNOWN),
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={f"#{name}": name for name in KNOWN},
            ExpressionAttributeValues={
                ":placed": "PLACED",
                **{f":{name}": value for name, value in order.items()},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        if "Item" not in error.response:
            raise LookupError(f"there is no order {order_id}") from error
