"""The entry is cleared before it is published, so that nothing is published twice, and a record whose
entry is gone counts as done. Killed or refused in between, the event is never published.

Loses: silence, order, meanwhile, refused, crash, notebook
"""


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if not entry:
        return
    try:
        table.update_item(
            Key={"order_id": record["dynamodb"]["Keys"]["order_id"]["S"]},
            UpdateExpression="REMOVE outbox",
            ConditionExpression="outbox.id = :id",
            ExpressionAttributeValues={":id": entry["id"]["S"]},
        )
    except ClientError as error:
        if condition_failed(error):
            return
        raise
    publish(entry["event"]["S"])
