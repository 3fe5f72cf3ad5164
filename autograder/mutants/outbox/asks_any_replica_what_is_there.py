"""When the condition of confirm_order fails, it looks whether the order exists, with a read that DynamoDB
answers from any replica. One that has not heard of its removal says that it does.

Loses: confirm, notebook
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
        if "Item" not in table.get_item(Key={"order_id": order_id}):
            raise LookupError(f"there is no order {order_id}") from error
