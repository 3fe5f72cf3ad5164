"""Keeps the entries in a list and, having published the first, removes the first. When the reply is lost,
the SDK asks again, and the next entry goes, which nobody has published.

Loses: order
"""


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    entries = [new_entry("order.placed.v1", fields)]
    try:
        table.put_item(
            Item={**fields, "status": "PLACED", "outbox": entries},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise


def confirm_order(order_id):
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #status = :c, outbox = list_append(if_not_exists(outbox, :o), :e)",
            ConditionExpression="#status = :p",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":p": "PLACED",
                ":c": "CONFIRMED",
                ":o": [],
                ":e": [new_entry("order.confirmed.v1", {"order_id": order_id})],
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
    while True:
        item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item", {})
        if not item.get("outbox"):
            return
        publish(item["outbox"][0]["event"])
        try:
            table.update_item(
                Key={"order_id": order_id},
                UpdateExpression="REMOVE outbox[0]",
                ConditionExpression="attribute_exists(outbox[0])",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
