"""Clears all that was published in one transaction. When one order was removed, nothing is cleared.

Loses: silence, refused, notebook
"""


def handler(event, context):
    published, failed = {}, None
    for record in event["Records"]:
        entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
        try:
            if entry:
                publish(entry["event"]["S"])
                # Of one order only the last entry can still be there.
                published[record["dynamodb"]["Keys"]["order_id"]["S"]] = entry["id"]["S"], record
        except Exception:
            failed = record
            break
    try:
        clear_all({order_id: event_id for order_id, (event_id, _) in published.items()})
    except Exception:
        numbers = {id(record) for _, record in published.values()}
        failed = next(r for r in event["Records"] if id(r) in numbers)
    number = failed and failed["dynamodb"]["SequenceNumber"]
    return {"batchItemFailures": [{"itemIdentifier": number}] if number else []}


def clear_all(published):
    updates = [
        {
            "Update": {
                "TableName": table.name,
                "Key": {"order_id": order_id},
                "UpdateExpression": "REMOVE outbox",
                "ConditionExpression": "outbox.id = :id",
                "ExpressionAttributeValues": {":id": event_id},
            }
        }
        for order_id, event_id in published.items()
    ]
    client = table.meta.client
    try:
        if updates:
            client.transact_write_items(TransactItems=updates)
    except client.exceptions.TransactionCanceledException as error:
        codes = {reason["Code"] for reason in error.response["CancellationReasons"]}
        if codes - {"None", "ConditionalCheckFailed"}:
            raise
