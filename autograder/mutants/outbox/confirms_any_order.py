"""update_item without a condition: an order that was delivered is CONFIRMED again, one that nobody placed
comes into being, and a second call makes a second event.

Loses: confirm, meanwhile, crash, refused, notebook
"""


def confirm_order(order_id):
    table.update_item(
        Key={"order_id": order_id},
        UpdateExpression="SET #status = :confirmed, outbox = :entry",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":confirmed": "CONFIRMED",
            ":entry": new_entry("order.confirmed.v1", {"order_id": order_id}),
        },
    )
