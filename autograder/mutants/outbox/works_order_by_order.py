"""Works order by order, so that the events of one order stay in order. Lambda goes on at the record that is
reported, and what comes before it, of another order, is never published.

Loses: refused
"""


def handler(event, context):
    by_order = {}
    for record in event["Records"]:
        by_order.setdefault(record["dynamodb"]["Keys"]["order_id"]["S"], []).append(record)
    for records in by_order.values():
        for record in records:
            try:
                process(record)
            except Exception as error:
                print(f"{record['dynamodb']['Keys']} failed: {error}")
                number = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}
