"""Clears at the end what was published. When the table refuses several times, the last record is reported, and
those before it are never cleared.

Loses: refused
"""


def handler(event, context):
    published, failed = [], None
    for record in event["Records"]:
        entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
        if not entry:
            continue
        try:
            publish(entry["event"]["S"])
        except Exception as error:
            print(error)
            failed = record
            break
        published.append((record, entry["id"]["S"]))
    for record, event_id in published:
        try:
            clear(record["dynamodb"]["Keys"]["order_id"]["S"], event_id)
        except Exception as error:
            print(error)
            failed = record
    if failed:
        return {"batchItemFailures": [{"itemIdentifier": failed["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
