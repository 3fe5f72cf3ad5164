"""Stops when the context says that little time is left, and clears on the condition that the order is still
there, which keeps removed orders away. An order confirmed meanwhile loses its second entry.

Loses: meanwhile, refused
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            if context.get_remaining_time_in_millis() < 2000:
                raise TimeoutError(f"{context.aws_request_id} has no time left")
            process(record)
        except Exception as error:
            print(f"{record['dynamodb']['Keys']} failed: {error}")
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def clear(order_id, event_id):
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="REMOVE outbox",
            ConditionExpression="attribute_exists(order_id)",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
