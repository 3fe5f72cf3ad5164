"""The order is stored first and the entry is added to it by a second call: one item, but not one
write. Killed in between, the order exists and nobody will ever hear of it.

Loses: crash, refused
"""


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**fields, "status": "PLACED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if condition_failed(error):
            return
        raise
    table.update_item(
        Key={"order_id": fields["order_id"]},
        UpdateExpression="SET outbox = :entry",
        ExpressionAttributeValues={":entry": new_entry("order.placed.v1", fields)},
    )
