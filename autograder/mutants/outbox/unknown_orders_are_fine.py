"""Every failed condition is taken for “confirmed already”. The kitchen hears that an order is confirmed
which nobody has placed.

Loses: confirm, refused, crash, notebook
"""


def confirm_order(order_id):
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
