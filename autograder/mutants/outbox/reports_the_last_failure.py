"""When a record fails, its order waits and the others go on; but of several failures the last one is reported.

Loses: refused
"""


def handler(event, context):
    failed, held = None, set()
    for record in event["Records"]:
        order_id = record["dynamodb"]["Keys"]["order_id"]["S"]
        number = record["dynamodb"]["SequenceNumber"]
        if order_id in held:
            continue
        try:
            process(record)
        except Exception as error:
            print(f"{order_id} failed: {error}")
            held.add(order_id)
            failed = number
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
