"""Reports the record's eventID, as one reports the messageId to SQS. Lambda knows a stream's records by
their SequenceNumber alone, and tries the whole batch again.

Loses: refused
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            process(record)
        except Exception:
            return {"batchItemFailures": [{"itemIdentifier": record["eventID"]}]}
    return {"batchItemFailures": []}
