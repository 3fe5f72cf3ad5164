"""The stream is a bell: when it rings, all that waits in the table is published. But a scan returns one page,
and there may be more.

Loses: publish, notebook
"""

from boto3.dynamodb.conditions import Attr


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


def handler(event, context):
    changed = [r for r in event["Records"] if "outbox" in r["dynamodb"].get("NewImage", {})]
    if not changed:
        return {"batchItemFailures": []}
    try:
        waiting = table.scan(FilterExpression=Attr("outbox").exists(), ConsistentRead=True)["Items"]
        for item in waiting:
            for entry in item["outbox"]:
                publish(entry["event"])
                clear(item["order_id"], entry["id"])
    except Exception as error:
        print(f"to be tried again: {error}")
        # What was published is cleared, so nothing comes twice.
        number = changed[0]["dynamodb"]["SequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def clear(order_id, event_id):
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="REMOVE outbox[0]",
            ConditionExpression="outbox[0].id = :id",
            ExpressionAttributeValues={":id": event_id},
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
