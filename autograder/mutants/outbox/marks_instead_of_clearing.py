"""Instead of clearing it, the handler notes in the item when it last looked at it. That is a change, too,
and the stream delivers it to the handler again, for ever.

Loses: publish, silence, order, meanwhile, crash, refused, notebook
"""


def process(record):
    image = record["dynamodb"].get("NewImage", {})
    if "outbox" in image:
        publish(image["outbox"]["M"]["event"]["S"])
        clear(image["order_id"]["S"], image["outbox"]["M"]["id"]["S"])
    if image:
        table.update_item(
            Key={"order_id": image["order_id"]["S"]},
            UpdateExpression="SET looked_at = :now",
            ExpressionAttributeValues={":now": str(uuid.uuid4())},
        )
