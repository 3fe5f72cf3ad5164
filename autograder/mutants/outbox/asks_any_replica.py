"""The outbox is a list, and each record is an occasion to look what waits in it: with a read that DynamoDB
answers from any replica. One that has not heard of the entry yet says that nothing waits.

Loses: meanwhile, refused
"""


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    entry = new_entry("order.placed.v1", fields)
    try:
        table.put_item(
            Item={**fields, "status": "PLACED", "outbox": [entry]},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise


def confirm_order(order_id):
    entry = new_entry("order.confirmed.v1", {"order_id": order_id})
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :confirmed,"
            " outbox = list_append(if_not_exists(outbox, :none), :entry)",
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":placed": "PLACED",
                ":confirmed": "CONFIRMED",
                ":none": [],
                ":entry": [entry],
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        if "Item" not in error.response:
            raise LookupError(f"there is no order {order_id}") from error


def process(record):
    order_id = record["dynamodb"]["Keys"]["order_id"]["S"]
    while waiting := table.get_item(Key={"order_id": order_id}).get("Item", {}).get("outbox"):
        publish(waiting[0]["event"])
        try:
            table.update_item(
                Key={"order_id": order_id},
                UpdateExpression="REMOVE outbox[0]",
                ConditionExpression="outbox[0].id = :id",
                ExpressionAttributeValues={":id": waiting[0]["id"]},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
