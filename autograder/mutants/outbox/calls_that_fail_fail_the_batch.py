"""Reports the record whose entry the bus refused, and lets every other error go up: throttled at the
third record, the first two are published again.

Loses: refused
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            process(record)
        except RuntimeError:
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
